/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a Redis (or Valkey) is and who we are there, in the usual words:
 *
 *   redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]      [::1] for an IPv6 address; 6379 and 0 when not given
 *   rediss://…                                      the same over TLS
 *   unix://[[USER]:PASSWORD@]/PATH[?db=DB]          (redis+socket:// too, as Celery writes it)
 *
 * USER, PASSWORD and PATH may be percent-encoded.  What is printed never holds the password.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

#define REDIS_URL_MAX 1024
#define REDIS_URL_SHOWN 512

struct redis_url {
	bool unix_socket, tls;
	char host[256]; /* or the socket's path */
	char port[6];
	char user[128], password[512]; /* "": none */
	unsigned db;
};

/* 0, or -EINVAL with a story that does not hold the password. */
int redis_url_parse(const char *text, struct redis_url *ret, struct err *err);
/* "redis://host:6379/0": for logs and errors. Returns `text`. */
const char *redis_url_show(const struct redis_url *u, char text[static REDIS_URL_SHOWN]);
