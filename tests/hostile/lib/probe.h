/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the attacks in C share; the runner puts this text where an attack includes it.  An attempt
 * that gets through prints BREACH, one that fails in an unforeseen way prints "odd", and only an
 * attack of which every attempt was refused as foreseen ends with "contained".
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int probe_bad;

static void breach(const char *what)
{
	printf("BREACH %s\n", what);
	fflush(stdout);
	probe_bad = 1;
}

static void odd(const char *what, int code)
{
	printf("odd: %s: %s\n", what, strerror(code));
	fflush(stdout);
	probe_bad = 1;
}

/* `result` of a call that must fail with one of the (up to three) error numbers; 0: any. */
static void refused(const char *what, long result, int e1, int e2, int e3)
{
	int code = errno;

	if (result >= 0)
		breach(what);
	else if (e1 && code != e1 && code != e2 && code != e3)
		odd(what, code);
}

static int done(void)
{
	if (!probe_bad)
		puts("contained");
	fflush(stdout);
	return 0;
}
