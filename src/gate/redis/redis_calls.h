/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for replies on a link, in the order in which these come. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "gate/redis/redis_link.h"

struct redis_call {
	STAILQ_ENTRY(redis_call) link;
	redis_then_t then; /* NULL: nobody wants to know */
	void *user;
	uint64_t deadline_nsec;
	bool greeting;
};

STAILQ_HEAD(redis_calls, redis_call);

/* `n` more, of which the last is told. 0 or -ENOMEM, and then none. */
int redis_calls_add(struct redis_calls *calls, unsigned n, const struct redis_call *like);
void redis_calls_drop(struct redis_calls *calls);
/* Nobody wants the replies that this `user` waits for any more. */
void redis_calls_forget(struct redis_calls *calls, const void *user);
