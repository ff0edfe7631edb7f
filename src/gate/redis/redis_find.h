/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentinels are asked, one after the other, where the primary of a name is; the one that answered is then listened to,
 * since it says first that there is another.  What they say is not proven by that.
 */
#pragma once

#include "gate/redis/redis_link.h"

struct redis_find_config {
	sd_event *loop;
	const struct redis_url *url; /* of the kind REDIS_BY_SENTINELS; outlives the search */
	const char *ca_file;
	/* From the loop; the search may be freed from either. The first answer to a start, and every one after it. */
	void (*found)(void *user, const char *host, size_t len, const char *port);
	/* Instead of the first one: none knows. */
	void (*failed)(void *user, const struct err *why);
	void *user;
};

struct redis_find {
	struct redis_find_config config;
	struct redis_url at;
	struct redis_link *link; /* owned: to the one that is asked or listened to */
	unsigned turn, left;	 /* left: of this round */
	bool answered, here;	 /* since the start; this one */
	struct err why;
};

void redis_find_init(struct redis_find *f, const struct redis_find_config *c);
/* Asks anew, from the one on that answered last. 0 or a negative errno. */
int redis_find_start(struct redis_find *f, struct err *err);
/* Whether it stands open or is under way. */
void redis_find_done(struct redis_find *f);
