/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes for somebody who is not root: a user namespace first, in which we are, and a cgroup that may be used.  What is
 * read from /proc is read before, when we still are who we are to everybody else.
 */
#pragma once

#include <stdbool.h>

#include "kernel/cgroup_place.h"
#include "model/limits.h"

struct rootless {
	bool on;
	bool busy; /* it failed since another instance of this container makes boxes, and nothing else is wrong */
	struct cgroup_place place; /* CGROUP_HOST where it is off */
};

/*
 * Finds the place and makes the namespace, for a caller that is not root; for root nothing but the place.  0, or a
 * failure that names the reason and the cure.
 */
int rootless_enter(struct rootless *ret, struct err *err);
/* When the warden has ended. */
void rootless_leave(struct rootless *r);
/* Lowers the caps to what a borrowed cgroup has room for. -ENOTSUP where that is not enough for anything. */
int rootless_caps(const struct rootless *r, struct limits *caps, struct err *err);
/* What this mode does not have, as it is told to people; ends with NULL. */
const char *const *rootless_lacks(const struct rootless *r);
/* ", rootless …", or "" */
const char *rootless_name(const struct rootless *r);
