/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where somebody who is not root may limit boxes.  Found and proved by looking, before any namespace is made:
 *
 *   DELEGATED  a directory of a v2 tree that we may write, with nobody in it but us: a unit of systemd's with
 *              Delegate=yes, or the like
 *   BORROWED   a container's own cgroup, which we may only read: nobody in it but us and our ancestors, and a finite
 *              memory limit.  One lane of boxes is then told by its counters (cgroup_borrowed.c)
 *
 * Neither: a failure that says why not, and the ways out.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "kernel/cgroup.h"

enum cgroup_place_kind {
	CGROUP_HOST, /* root's: base is where hierarchies are mounted */
	CGROUP_DELEGATED,
	CGROUP_BORROWED,
};

struct cgroup_place {
	enum cgroup_place_kind kind;
	int version;	     /* BORROWED */
	bool inside;	     /* DELEGATED: we stand in base itself, see cgroup_place_leave() */
	char base[PATH_MAX]; /* HOST, DELEGATED: for cgroup_root_open() */
	/* BORROWED: one per controller that is there, else ""; v2 has only the first */
	char dirs[CGROUP_CONTROLLERS][PATH_MAX];
	uint64_t memory_limit_bytes,
		pids_limit; /* BORROWED: the container's; pids UINT64_MAX: none */
};

/*
 * base: as in cgroup_root_open(). 0, -EBUSY where another instance borrows it, or -ENOTSUP with the reason
 * and the cure.
 */
int cgroup_place_find(const char *base, struct cgroup_place *ret, struct err *err);
/*
 * Only a v2 group without processes gives controllers to its children: moves the caller into base/kodewar/gate, where
 * it stands in base.  cgroup_place_return() undoes it, when all else of ours below base is gone.
 */
int cgroup_place_leave(const struct cgroup_place *place, struct err *err);
void cgroup_place_return(const struct cgroup_place *place);
