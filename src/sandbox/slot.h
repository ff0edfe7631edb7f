/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several instances may run on one host at once.  Each takes a slot, a number held by a lock on a file
 * of root's, and from it its cgroup's name and its host uids, which no other instance uses:
 * UID_BASE + (slot * 64 + lane) * 4096 + n.  The base lies beyond every range that systemd's
 * UIDS-GIDS.md hands out.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "sandbox/wire.h"

#define SLOT_UID_BASE 0x70000000u
#define SLOT_UIDS_PER_LANE 4096u
#define SLOT_COUNT 256u

struct slot {
	int lock_fd; /* owned; the lock lives as long as it */
	unsigned number;
	char name[32]; /* "slot-N" */
};

#define SLOT_INIT \
	{ \
		.lock_fd = -1 \
	}

/* Also makes /run/kodewar and TREE_STAGE, root's alone. */
int slot_take(struct slot *ret, struct err *err);
/* Rootless: no uids to share out, and the cgroup's own lock keeps instances apart. The number is still open. */
int slot_none(struct slot *ret, struct err *err);
void slot_number(struct slot *s, unsigned number);
void slot_release(struct slot *s);

static inline uint32_t slot_uid(const struct slot *s, unsigned lane, unsigned n)
{
	return SLOT_UID_BASE + (s->number * WIRE_LANES_MAX + lane) * SLOT_UIDS_PER_LANE +
	       n % SLOT_UIDS_PER_LANE;
}

/*
 * The gate's uid and gid, one for all instances, since they may share a log directory. It is of the
 * first slot's last range, which is never a lane's (see WIRE_LANES_MAX).
 */
#define SLOT_GATE_UID (SLOT_UID_BASE + (WIRE_LANES_MAX - 1) * SLOT_UIDS_PER_LANE)
