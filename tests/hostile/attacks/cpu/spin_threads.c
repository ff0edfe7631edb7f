// SPDX-License-Identifier: Apache-2.0
// attack: eight threads spin at once, to get more than the one cpu of a box
// layer: cgroup-cpu
// verdict: time_limit
// limits: {"cpu_ms": 900, "wall_ms": 900}
#include <pthread.h>
#include <unistd.h>

static void *spin(void *arg)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
	return arg;
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < 8; i++)
		pthread_create(&t, NULL, spin, NULL);
	pause();
}
