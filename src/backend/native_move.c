/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A warden changes hands: see native.h.  Between two boxes a lane is a state and what waits in it, and everything that may
 * still come about it is a frame in the socket, which whoever reads next finds.
 */
#include <errno.h>

#include "backend/native_parts.h"

int native_give(const struct backend *b, struct native_state *ret)
{
	const struct native *n = (const struct native *)(const void *)b;

	*ret = (struct native_state){
		.last_box = n->last_box, .lanes = b->lanes, .lost = b->lost, .stuck = b->stuck
	};
	if (n->warden_gone)
		return -EPIPE;
	for (unsigned i = 0; i < b->lanes; i++) {
		if (n->boxes[i].busy || n->boxes[i].state == SLOT_RUNNING)
			return -EBUSY;
		ret->each[i].state = n->boxes[i].state;
		ret->each[i].ahead = n->boxes[i].ahead;
	}
	for (unsigned k = 0; k < RUNNER_KINDS; k++)
		ret->runners[k] = b->runners[k];
	return n->sock;
}

int native_take(sd_event *loop, int warden_sock, const struct native_state *state,
		struct backend **ret, struct err *err)
{
	struct native *n;
	int r = native_new(loop, warden_sock, state->lanes, ret, err);

	if (r < 0)
		return r;
	n = (struct native *)(void *)*ret;
	n->last_box = state->last_box;
	n->base.lost = state->lost;
	n->base.stuck = state->stuck;
	for (unsigned i = 0; i < state->lanes; i++) {
		n->boxes[i].state = (enum slot_state)state->each[i].state;
		n->boxes[i].ahead = state->each[i].ahead;
	}
	for (unsigned k = 0; k < RUNNER_KINDS; k++)
		n->base.runners[k] = state->runners[k];
	return 0;
}
