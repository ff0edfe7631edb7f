/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a leaf is bound to, see cgroup.h: a limit that did not change is not written again.
 *
 * The cpu period is 10 ms, not the kernel's 100.  A group that spent its quota stands still until
 * the period ends, and on older kernels it does so even when it has been killed: with 100 ms a box of two
 * busy threads would be dead that much after its limit.  It also bounds how far a burst of several
 * threads runs ahead of the limit.  The kernel wants a quota of at least 1 ms, so fractions below a
 * tenth of a cpu get a longer period instead of a shorter quota.
 */
#include "kernel/cgroup_ops.h"

#define PERIOD_USEC 10000u
#define QUOTA_MIN_USEC 1000u
#define PERIOD_MAX_USEC 1000000u

struct cgroup_bandwidth cgroup_bandwidth(unsigned cpus_milli)
{
	struct cgroup_bandwidth b = { .period_usec = PERIOD_USEC };
	uint64_t quota = (uint64_t)PERIOD_USEC * cpus_milli / 1000;

	if (quota < QUOTA_MIN_USEC) {
		quota = QUOTA_MIN_USEC;
		b.period_usec = cpus_milli ? QUOTA_MIN_USEC * 1000 / cpus_milli : PERIOD_MAX_USEC;
	}
	b.quota_usec = (unsigned)(quota < UINT32_MAX ? quota : UINT32_MAX);
	return b;
}

static bool has(const struct cgroup_leaf *leaf, enum cgroup_controller c)
{
	return leaf->root->present & (1u << c);
}

static bool io_equal(const struct cgroup_limits *a, const struct cgroup_limits *b)
{
	return a->io_bytes_per_sec == b->io_bytes_per_sec && a->io_major == b->io_major &&
	       a->io_minor == b->io_minor;
}

int cgroup_leaf_set_limits(struct cgroup_leaf *leaf, const struct cgroup_limits *l, struct err *err)
{
	const struct cgroup_ops *ops = leaf->root->ops;
	const struct cgroup_limits *old = &leaf->limits;
	bool known = leaf->limits_known;
	int r = 0;

	if (!known || l->memory_bytes != old->memory_bytes)
		r = ops->set_memory(leaf, l->memory_bytes, err);
	if (r == 0 && (!known || l->pids != old->pids))
		r = cgroup_file_write_u64(leaf, FILE_PIDS_MAX, l->pids, err);
	if (r == 0 && has(leaf, CGROUP_CPU) && (!known || l->cpus_milli != old->cpus_milli))
		r = ops->set_cpu(leaf, l->cpus_milli, err);
	if (r == 0 && has(leaf, CGROUP_IO) && !(known && io_equal(l, old)))
		r = ops->set_io(leaf, l, err);
	leaf->limits_known = r == 0;
	if (r == 0)
		leaf->limits = *l;
	return r;
}

/* Lifting keeps count of what is in force, so that prepare writes it again. */

int cgroup_leaf_lift_cpu(struct cgroup_leaf *leaf)
{
	if (!has(leaf, CGROUP_CPU))
		return 0;
	leaf->limits.cpus_milli = 0;
	return leaf->root->ops->set_cpu(leaf, 0, NULL);
}

int cgroup_leaf_lift_io(struct cgroup_leaf *leaf)
{
	struct cgroup_limits lifted = leaf->limits;
	int r;

	if (!has(leaf, CGROUP_IO) || lifted.io_bytes_per_sec == 0)
		return 0;
	lifted.io_bytes_per_sec = 0;
	r = leaf->root->ops->set_io(leaf, &lifted, NULL);
	if (r == 0)
		leaf->limits = lifted;
	else
		leaf->limits_known = false;
	return r;
}
