/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether one more job may wait: bounds of all, of its tenant, and what tenants leave to each other.  What a job holds is known
 * only when it was planned; here its body stands for it.
 */
#include "base/clock.h"
#include "gate/desk/desk_parts.h"

#define RETRY_AFTER_MAX_SEC 300u

unsigned desk_room_retry_after(const struct local_desk *d, unsigned waiting)
{
	struct engine_counts e;
	uint64_t sec;

	engine_count(d->config.engine, &e);
	sec = (waiting + 1ull) * d->job_nsec / (e.lanes ? e.lanes : 1) / NSEC_PER_SEC + 1;
	return sec < RETRY_AFTER_MAX_SEC ? (unsigned)sec : RETRY_AFTER_MAX_SEC;
}

/*
 * Who has a name and no bound of his own may take no more than he leaves free: so there is always room for the next
 * tenant, and n of them who take all they can get have each 1/(n + 1).
 */
static bool over_share(const struct local_desk *d, const struct desk_ask *ask,
		       const struct desk_owner *o)
{
	unsigned all = d->nlive - d->nleft;

	if (!*ask->tenant->name || ask->tenant->queued_max || !o || o->live == 0)
		return false;
	return all < d->config.queue_max &&
	       (o->live >= d->config.queue_max - all ||
		(d->queued_bytes + ask->len <= d->config.queue_bytes &&
		 o->bytes + ask->len > d->config.queue_bytes - d->queued_bytes));
}

bool desk_room_has(struct local_desk *d, const struct desk_ask *ask, struct desk_answer *a)
{
	const struct desk_owner *owner = desk_store_owner(d, ask->tenant->name);
	unsigned live = owner ? owner->live : 0, all = d->nlive - d->nleft;

	if ((ask->tenant->queued_max && live >= ask->tenant->queued_max) ||
	    over_share(d, ask, owner))
		all = live;
	else if (all < d->config.queue_max &&
		 (all == 0 || d->queued_bytes + ask->len <= d->config.queue_bytes))
		return true;
	a->position = all;
	a->retry_after_sec = desk_room_retry_after(d, all);
	return false;
}
