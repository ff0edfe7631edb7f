// SPDX-License-Identifier: Apache-2.0
// attack: learns at compile time which files the host has
// layer: tree
// verdict: accepted
// prints: contained
#include <stdio.h>

int main(void)
{
#if __has_include("/root/kodewar-canary") || \
		  __has_include( \
			  "/etc/shadow") || \
			  __has_include( \
				  "/tmp/kodewar-canary") || \
				  __has_include("/run/kodewar-canary") || \
						__has_include("/proc/1/environ") || \
							      __has_include("/etc/machine-id")
	puts("BREACH");
#else
	puts("contained");
#endif
}
