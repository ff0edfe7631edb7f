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
#include <sys/socket.h>
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

/* Sends `fd` n times (at most 50) in one message; what sendmsg answers. */
static inline long send_fds(int sock, int fd, int n)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 50)];
		struct cmsghdr align;
	} control;
	char c = 0;
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * n);
	for (int i = 0; i < n; i++)
		((int *)(void *)CMSG_DATA(h))[i] = fd;
	return sendmsg(sock, &m, MSG_DONTWAIT);
}

static int done(void)
{
	if (!probe_bad)
		puts("contained");
	fflush(stdout);
	return 0;
}
