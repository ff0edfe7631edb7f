/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a Redis (or Valkey) is and who we are there, in the usual words:
 *
 *   redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]      [::1] for an IPv6 address; 6379 and 0 when not given
 *   rediss://…                                      the same over TLS
 *   unix://[[USER]:PASSWORD@]/PATH[?db=DB]          (redis+socket:// too, as Celery writes it)
 *   redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT],…/PRIMARY[/DB][?sentinel_user=U&sentinel_password=P]
 *                                                   whatever the Sentinels at these hosts (26379) say is PRIMARY
 *   redis+cluster://[[USER]:PASSWORD@]HOST[:PORT],…  the node of a Cluster that owns what is spoken of
 *   rediss+sentinel://, rediss+cluster://           the same over TLS, to Sentinels and servers
 *
 * USER, PASSWORD and PATH may be percent-encoded; they are those of the servers, Sentinels have their own.  What is
 * printed never holds a password.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

#define REDIS_URL_MAX 1024
#define REDIS_URL_SHOWN 512
#define REDIS_NODES_MAX 8

enum redis_kind {
	REDIS_SERVER,	    /* this one */
	REDIS_SENTINEL,	    /* this one, which is a Sentinel and knows nothing of databases */
	REDIS_BY_SENTINELS, /* the primary that these know */
	REDIS_CLUSTER,
};

struct redis_node {
	char host[256];
	char port[6];
};

struct redis_url {
	enum redis_kind kind;
	bool unix_socket, tls;
	char host[256]; /* or the socket's path; of several the first */
	char port[6];
	char user[128], password[512]; /* "": none */
	unsigned db;
	struct redis_node nodes[REDIS_NODES_MAX]; /* of the kinds that have several */
	unsigned nnodes;
	char primary[128]; /* its name among Sentinels */
	char sentinel_user[128], sentinel_password[512];
};

/* 0, or -EINVAL with a story that does not hold the password. */
int redis_url_parse(const char *text, struct redis_url *ret, struct err *err);
/* "redis://host:6379/0": for logs and errors. Returns `text`. */
const char *redis_url_show(const struct redis_url *u, char text[static REDIS_URL_SHOWN]);
