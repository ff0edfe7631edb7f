// SPDX-License-Identifier: Apache-2.0
// attack: a library of its own in front of everything that the supervisor starts
// layer: request
// verdict: accepted|refused
// never: BREACH
// request: {"env": {"LD_PRELOAD": "/box/evil.so", "LD_AUDIT": "/box/evil.so", "LD_LIBRARY_PATH": "/box"}}
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	puts(geteuid() == 0 ? "BREACH" : "contained");
}
