/* SPDX-License-Identifier: Apache-2.0 */
/* Where `kodewar serve` listens: sockets bound, or handed over by systemd, while there are still rights to do so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define SERVE_SOCKETS_MAX 8

struct serve_socket {
	int fd;		/* owned; listening, or -1 */
	bool trusted;	/* strangers cannot reach it: loopback, or unix */
	bool local;	/* unix */
	char name[160]; /* 127.0.0.1:8080, or a path */
};

struct serve_sockets {
	struct serve_socket list[SERVE_SOCKETS_MAX];
	size_t len;
};

/* Each of `addresses` as the configuration says it; mode is of unix sockets. What is open on a failure is the caller's. */
int serve_listen(struct serve_sockets *s, const char *const *addresses, unsigned mode,
		 struct err *err);
void serve_sockets_done(struct serve_sockets *s);
/* All of them can be reached only from this machine. */
bool serve_sockets_trusted(const struct serve_sockets *s);
