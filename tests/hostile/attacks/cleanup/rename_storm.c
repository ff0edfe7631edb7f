// SPDX-License-Identifier: Apache-2.0
// attack: moves directories to and fro while it is killed
// layer: wall
// verdict: time_limit
// limits: {"wall_ms": 300, "cpu_ms": 1000}
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 4; i++)
		fork();
	mkdir("/tmp/a", 0700);
	for (;;) {
		rename("/tmp/a", "/tmp/b");
		rename("/tmp/b", "/tmp/a");
		usleep(100);
	}
}
