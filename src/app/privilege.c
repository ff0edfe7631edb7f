/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See privilege.h.  The bounding set goes while CAP_SETPCAP is still there, the ids next, then whatever
 * capability is left.  A drop that silently failed would be the worst of all outcomes, so the way back
 * is tried afterwards, and must be closed.
 */
#include "app/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/caps.h"
#include "kernel/seccomp_forgo.h"

static const struct need {
	unsigned capability;
	const char *name, *why;
} needs[] = {
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "namespaces, mounts, cgroups" },
	{ CAP_SETUID, "CAP_SETUID", "a user of its own for each box" },
	{ CAP_SETGID, "CAP_SETGID", "a group of its own for each box" },
	{ CAP_SETPCAP, "CAP_SETPCAP", "emptying the bounding set" },
	{ CAP_CHOWN, "CAP_CHOWN", "cgroups and logs of another user" },
	{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", "files of a box's user" },
	{ CAP_FOWNER, "CAP_FOWNER", "the modes of a box's files" },
	{ CAP_KILL, "CAP_KILL", "ending boxes" },
	{ CAP_SYS_CHROOT, "CAP_SYS_CHROOT", "entering the lanes' mount namespaces" },
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "entering the namespaces of a box's init" },
	{ CAP_MKNOD, "CAP_MKNOD", "the boxes' five devices" },
	{ CAP_IPC_LOCK, "CAP_IPC_LOCK", "locking the warden into memory" },
	{ CAP_SYS_NICE, "CAP_SYS_NICE", "preferring the warden, so that limits are kept in time" },
};

static int drop_bounding(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	return 0;
}

static int drop_root(unsigned uid, unsigned gid, struct err *err)
{
	int r = drop_bounding();

	if (r < 0)
		return err_set(err, r, "empty the bounding set");
	if (setgroups(0, NULL) < 0)
		return err_set(err, errno, "leave all groups");
	if (setresgid(gid, gid, gid) < 0)
		return err_set(err, errno, "become group %u", gid);
	if (setresuid(uid, uid, uid) < 0)
		return err_set(err, errno, "become user %u", uid);
	r = caps_drop_all();
	if (r < 0)
		return err_set(err, r, "drop the capabilities");
	if (setresuid(0, 0, 0) == 0 || (gid != 0 && setresgid(0, 0, 0) == 0))
		return err_set(err, EPERM, "dropped privileges came back");
	return 0;
}

static int close_ways_back(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, errno, "set no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(err, errno, "become not dumpable");
	return seccomp_forgo(FORGO_OF_GATE, err);
}

int privilege_drop(unsigned uid, unsigned gid, struct err *err)
{
	int r = geteuid() == 0 ? drop_root(uid, gid, err) : 0;

	return r < 0 ? err_wrap(err, "drop privileges") : close_ways_back(err);
}

int privilege_drop_rootless(struct err *err)
{
	int r = caps_lock_securebits();

	if (r == 0)
		r = caps_drop_all();
	return r < 0 ? err_set(err, r, "drop the capabilities") : close_ways_back(err);
}

bool privilege_enough(char *missing, size_t size)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	size_t n = 0;

	missing[0] = '\0';
	if (syscall(SYS_capget, &head, data) < 0)
		return true; /* an odd kernel; set-up itself will tell */
	for (size_t i = 0; i < ARRAY_SIZE(needs) && n < size; i++) {
		const struct need *need = &needs[i];

		if (data[need->capability / 32].effective & 1u << need->capability % 32)
			continue;
		n += (size_t)snprintf(missing + n, size - n, "%s%s (%s)", n ? "; " : "", need->name,
				      need->why);
	}
	return n == 0;
}

int privilege_require(struct err *err)
{
	char missing[ERR_TEXT_BYTES - 64];

	if (privilege_enough(missing, sizeof(missing)))
		return 0;
	/* without strerror: it would say less */
	err_set(err, 0, "needs root: run it as root; missing: %s", missing);
	return -EPERM;
}
