/* SPDX-License-Identifier: Apache-2.0 */
/* See redis_calls.h. Of a batch only the last reply is of interest, but each takes its place in the line. */
#include "gate/redis/redis_calls.h"

#include <errno.h>
#include <stdlib.h>

void redis_calls_drop(struct redis_calls *calls)
{
	for (struct redis_call *c; (c = STAILQ_FIRST(calls));) {
		STAILQ_REMOVE_HEAD(calls, link);
		free(c);
	}
}

int redis_calls_add(struct redis_calls *calls, unsigned n, const struct redis_call *like)
{
	struct redis_calls made = STAILQ_HEAD_INITIALIZER(made);

	for (unsigned i = 0; i < n; i++) {
		struct redis_call *c = calloc(1, sizeof(*c));

		if (!c) {
			redis_calls_drop(&made);
			return -ENOMEM;
		}
		*c = *like;
		if (i + 1 < n)
			c->then = NULL;
		STAILQ_INSERT_TAIL(&made, c, link);
	}
	STAILQ_CONCAT(calls, &made);
	return 0;
}

void redis_calls_forget(struct redis_calls *calls, const void *user)
{
	struct redis_call *c;

	STAILQ_FOREACH(c, calls, link)
	if (c->user == user)
		c->then = NULL;
}
