/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rootless.h.  One id is mapped, our own, to 0: nothing is needed for that but the kernel's leave, no helper that is
 * setuid and no range of ids.  So everybody in it has the same id outside; what that means for boxes is told in
 * SECURITY.md.
 */
#include "app/rootless.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/privilege.h"
#include "base/fd.h"

#define CGROUP_BASE "/sys/fs/cgroup"
#define OURS_KB (64ull << 10) /* of a borrowed cgroup: judge, warden, launchers, zygotes */
#define OURS_PIDS 32ull
#define LEAST_KB (64ull << 10) /* what the probes of the layers are given */
#define LEAST_PIDS 16ull
#define OF_BORROWED 2 /* the first ones of what is lacked */

static int write_map(const char *path, unsigned id, struct err *err)
{
	char line[32];
	int r;

	snprintf(line, sizeof(line), "0 %u 1", id);
	r = fd_write_text_at(AT_FDCWD, path, line);
	return r < 0 ? err_set(err, r, "write %s", path) : 0;
}

static int explain_unshare(int error, struct err *err)
{
	if (error == EPERM)
		return err_set(
			err, error,
			"make a user namespace (sysctl kernel.unprivileged_userns_clone=1; in a "
			"container a seccomp profile that allows it: deploy/seccomp-service.json)");
	return err_set(err, error, "make a user namespace (sysctl user.max_user_namespaces)");
}

static int make_namespace(struct err *err)
{
	unsigned uid = geteuid(), gid = getegid();
	int r;

	if (unshare(CLONE_NEWUSER) < 0)
		return explain_unshare(errno, err);
	r = fd_write_text_at(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return err_set(err, r, "write /proc/self/setgroups");
	r = write_map("/proc/self/uid_map", uid, err);
	return r < 0 ? r : write_map("/proc/self/gid_map", gid, err);
}

int rootless_enter(struct rootless *ret, struct err *err)
{
	char missing[256];
	int r;

	*ret = (struct rootless){ .place = { .kind = CGROUP_HOST, .base = CGROUP_BASE } };
	if (privilege_enough(missing, sizeof(missing)))
		return 0;
	if (geteuid() == 0)
		return privilege_require(err);
	r = cgroup_place_find(CGROUP_BASE, &ret->place, err);
	ret->busy = r == -EBUSY;
	if (r == 0)
		r = cgroup_place_leave(&ret->place, err);
	ret->on = r == 0;
	if (r == 0)
		r = make_namespace(err);
	return r < 0 ? err_wrap(err, "without root") : 0;
}

void rootless_leave(struct rootless *r)
{
	if (r->on)
		cgroup_place_return(&r->place);
	r->on = false;
}

static uint64_t room(uint64_t all, uint64_t ours)
{
	return all > ours ? all - ours : 0;
}

int rootless_caps(const struct rootless *r, struct limits *caps, struct err *err)
{
	uint64_t memory_kb = room(r->place.memory_limit_bytes / 1024, OURS_KB);
	uint64_t pids = r->place.pids_limit == UINT64_MAX ? UINT64_MAX
							  : room(r->place.pids_limit, OURS_PIDS);

	if (r->place.kind != CGROUP_BORROWED)
		return 0;
	if (memory_kb < LEAST_KB || pids < LEAST_PIDS) {
		err_set(err, 0,
			"without root: the container is too small: it needs a memory limit of at least "
			"%llu MiB and %llu processes",
			(unsigned long long)((OURS_KB + LEAST_KB) >> 10), OURS_PIDS + LEAST_PIDS);
		return -ENOTSUP;
	}
	if (memory_kb < caps->memory_kb)
		caps->memory_kb = memory_kb;
	if (pids < caps->processes)
		caps->processes = pids;
	return 0;
}

const char *const *rootless_lacks(const struct rootless *r)
{
	static const char *const none[] = { NULL };
	static const char *const borrowed[] = {
		"the cgroup is the container's own: one lane; memory is looked at every 4 ms, and the container's "
		"limit stands behind that; of processes is told that all were in use, not how many were refused",
		"nothing bounds the bandwidth of cpu and disk but the container's own limits",
		"one user id for everything: boxes are kept apart from our processes and from each other by "
		"namespaces, Landlock and seccomp, not by ids",
		"the groups of the caller cannot be left",
		"the warden is neither locked into memory nor preferred by the scheduler: limits may be "
		"enforced late on a busy host",
		NULL,
	};

	if (!r->on)
		return none;
	return r->place.kind == CGROUP_BORROWED ? borrowed : borrowed + OF_BORROWED;
}

const char *rootless_name(const struct rootless *r)
{
	if (!r->on)
		return "";
	return r->place.kind == CGROUP_BORROWED ? ", rootless in a borrowed cgroup"
						: ", rootless in a delegated cgroup";
}
