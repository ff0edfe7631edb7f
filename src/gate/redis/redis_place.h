/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a link connects next, and whether that is the right place: the one server of its URL, the primary that
 * Sentinels name, or the node of a Cluster that owns the slot of the link's key.  Pure: it connects nothing and waits
 * for nothing.
 *
 * A link asks it what to say when it is connected, lets it hear the answers, and tells it of every end of a try or a
 * connection; it then has another place, to be tried at once or after a pause.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "gate/redis/redis_link.h"

#define REDIS_PLACE_NODES 24u
#define REDIS_PLACE_WORDS 8u

struct redis_place {
	struct redis_url at; /* to be connected to: always one server */
	const struct redis_url *url;
	struct redis_node home; /* the URL's own */
	char key[256];		/* "": none */
	struct redis_node nodes
		[REDIS_PLACE_NODES]; /* of a Cluster: the URL's, then those that were learned */
	unsigned nnodes, node;	     /* node: the one at hand */
	unsigned left;		     /* nodes of this round that were not tried */
	bool told;		     /* `at` is what a Sentinel or another node said */
	struct redis_node to;	     /* what another node said, where `moved` */
	bool moved;
	unsigned hops;				/* in a row */
	int slot;				/* that MOVED named last, or -1 */
	uint64_t stands_nsec;			/* since when; 0: it does not */
	unsigned char words[REDIS_PLACE_WORDS]; /* what was said in the greeting */
	unsigned nwords, heard;
};

/* `url` outlives the place; key: of what the link will speak of, or NULL. */
void redis_place_init(struct redis_place *p, const struct redis_url *url, const char *key);
/* Sentinels must be asked before anything can be connected to. */
bool redis_place_unknown(const struct redis_place *p);
/* What a Sentinel said. 0: we are there; 1: another place; -EINVAL where it cannot be an address. */
int redis_place_tell(struct redis_place *p, const char *host, size_t len, const char *port);

/* All that is to be said first. */
void redis_place_greet(struct redis_place *p, const char *name, struct redis_batch *ret);
/* One answer to it. 0: there are more; 1: all is well, it stands; negative: this is not the place, and why. */
int redis_place_hear(struct redis_place *p, const redisReply *reply, struct err *err);

/* An error by which a server says that it is not the place (any more): negative, and what it said. Otherwise 0. */
int redis_place_refused(struct redis_place *p, const redisReply *reply, struct err *err);
/* It stands, and for so long that what comes now is no part of the trouble of before. */
bool redis_place_steady(const struct redis_place *p);
/* It ended. Whether `at` is to be tried at once. */
bool redis_place_next(struct redis_place *p);
