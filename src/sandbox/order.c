/* SPDX-License-Identifier: Apache-2.0 */
/* See order.h. */
#include "sandbox/order.h"

static bool limits_valid(const struct limits *l, const struct limits *caps)
{
	for (size_t i = 0; i < limit_table_len; i++)
		if (*limits_at((struct limits *)l, &limit_table[i]) == 0)
			return false;
	return limits_over_cap(l, caps) == NULL;
}

static bool run_valid(const struct order *o, size_t nfds, const struct limits *caps)
{
	const uint32_t both = ORDER_ARTEFACT_IN | ORDER_ARTEFACT_OUT;
	const uint32_t artefact = o->flags & both;
	const uint32_t outs = o->flags & (ORDER_ARTEFACT_OUT | ORDER_FILES_OUT);

	if ((o->flags & ~(both | ORDER_REFILL | ORDER_FILES_OUT)) || artefact == both ||
	    outs == (ORDER_ARTEFACT_OUT | ORDER_FILES_OUT) || o->runner >= RUNNER_KINDS ||
	    o->kill != KILL_NONE)
		return false;
	if (nfds != 4u + (artefact != 0) + (outs == ORDER_FILES_OUT))
		return false;
	return limits_valid(&o->limits, caps);
}

static bool kill_valid(const struct order *o, size_t nfds)
{
	return nfds == 0 && o->flags == 0 && o->kill > KILL_NONE && o->kill <= KILL_BROKEN;
}

static bool warm_valid(const struct order *o, size_t nfds)
{
	return nfds == 0 && (o->flags & ~ORDER_REFILL) == 0 && o->kill == KILL_NONE &&
	       o->runner > RUNNER_EXEC && o->runner < RUNNER_KINDS;
}

bool order_valid(const struct order *o, size_t nfds, unsigned nlanes, const struct limits *caps)
{
	if (o->lane >= nlanes || o->reserved)
		return false;
	switch (o->kind) {
	case ORDER_RUN: return run_valid(o, nfds, caps);
	case ORDER_KILL: return kill_valid(o, nfds);
	case ORDER_WARM: return warm_valid(o, nfds);
	default: return false;
	}
}
