/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walls around the reader of a stranger's archive.  Namespaces of its own, with the directory as the root of the
 * mounts; a uid that owns nothing else; no capability and none to regain; system calls for files only; and bounds on what it
 * may use.  Whoever is not
 * root gets there by a user namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/caps.h"
#include "kernel/seccomp_forgo.h"
#include "tree/unpack/unpack.h"

#define MEMORY_BYTES (2ull << 30)
#define CPU_SEC 7200u
#define DESCRIPTORS 32u

static int map_ids(unsigned uid, unsigned gid, struct err *err)
{
	char text[32];
	int r;

	if (unshare(CLONE_NEWUSER) < 0)
		return err_set(err, errno, "make a user namespace");
	if ((r = fd_write_text_at(AT_FDCWD, "/proc/self/setgroups", "deny")) < 0)
		return err_set(err, r, "deny groups");
	snprintf(text, sizeof(text), "0 %u 1", uid);
	if ((r = fd_write_text_at(AT_FDCWD, "/proc/self/uid_map", text)) < 0)
		return err_set(err, r, "map our user");
	snprintf(text, sizeof(text), "0 %u 1", gid);
	r = fd_write_text_at(AT_FDCWD, "/proc/self/gid_map", text);
	return r < 0 ? err_set(err, r, "map our group") : 0;
}

static int change_root(const char *dir, struct err *err)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		return err_set(err, errno, "make namespaces");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(dir, dir, NULL, MS_BIND, NULL) < 0 || chdir(dir) < 0)
		return err_set(err, errno, "bind %s", dir);
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_set(err, errno, "make %s the root", dir);
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) <
	    0)
		return err_set(err, errno, "restrict %s", dir);
	return 0;
}

static int bound(int what, uint64_t most)
{
	struct rlimit l;

	if (getrlimit((__rlimit_resource_t)what, &l) < 0)
		return -errno;
	if (l.rlim_max < most)
		most = l.rlim_max;
	l.rlim_cur = l.rlim_max = most;
	return setrlimit((__rlimit_resource_t)what, &l) < 0 ? -errno : 0;
}

static int bound_all(uint64_t max_bytes, struct err *err)
{
	const struct {
		int what;
		uint64_t most;
	} bounds[] = {
		{ RLIMIT_AS, MEMORY_BYTES }, { RLIMIT_CPU, CPU_SEC },
		{ RLIMIT_CORE, 0 },	     { RLIMIT_FSIZE, max_bytes },
		{ RLIMIT_NPROC, 0 },	     { RLIMIT_NOFILE, DESCRIPTORS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		int r = bound(bounds[i].what, bounds[i].most);

		if (r < 0)
			return err_set(err, r, "bound ourselves");
	}
	return 0;
}

int unpack_confine(const char *dir, unsigned uid, uint64_t max_bytes, struct err *err)
{
	bool root = geteuid() == 0;
	int r = root ? 0 : map_ids(geteuid(), getegid(), err);

	if (r == 0)
		r = change_root(dir, err);
	if (r < 0)
		return r;
	r = caps_bound(NULL, 0);
	if (r < 0)
		return err_set(err, r, "empty the bounding set");
	if (root && (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
		     setresuid(uid, uid, uid) < 0))
		return err_set(err, errno, "become user %u", uid);
	r = caps_drop_all();
	if (r < 0)
		return err_set(err, r, "drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(err, errno, "lock what was dropped");
	if (root && setresuid(0, 0, 0) == 0)
		return err_set(err, EPERM, "dropped privileges came back");
	r = bound_all(max_bytes, err);
	return r < 0 ? r : seccomp_forgo(FORGO_OF_READER, err);
}
