/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who the two processes of a box are: init writes the maps of the program's user namespace, and becomes, before the
 * program is let go, a uid that owns nothing.
 *
 * Rootless there is one id for all: init keeps it and gives up every capability.  The program has the same
 * id in a user namespace below, where it is no more than its owner is elsewhere: nobody's capabilities reach upwards, and
 * init, which the kernel lets no equal trace or read (it is not dumpable), heeds no signal from within its box.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/caps.h"
#include "sandbox/box.h"
#include "sandbox/layers.h"

char *box_put_number(char *text, uint64_t v)
{
	char digits[20];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n > 0)
		*text++ = digits[--n];
	*text = '\0';
	return text;
}

char *box_put_text(char *to, const char *s)
{
	return stpcpy(to, s);
}

static int write_map(const char *path, uid_t inside, uid_t outside)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	char line[64], *p = line;

	if (fd < 0)
		return -errno;
	p = box_put_number(p, inside);
	p = box_put_text(p, " ");
	p = box_put_number(p, outside);
	p = box_put_text(p, " 1");
	/* A map is taken in one write or not at all. */
	return write(fd, line, (size_t)(p - line)) == p - line ? 0 : -errno;
}

/* The user namespace came last and was made by root of the host, so that root owns it. */
int box_map_program(struct box *b, pid_t pid)
{
	char path[64], *end = box_put_number(box_put_text(path, "/proc/"), (uint64_t)pid);
	_cleanup_close_ int fd = -1;
	int r;

	if (!layer_off(b->launch.layers_off, LAYER_USERNS)) {
		box_put_text(end, "/uid_map");
		if ((r = write_map(path, BOX_UID, b->launch.uid)) < 0)
			return r;
		box_put_text(end, "/gid_map");
		if ((r = write_map(path, BOX_UID, b->launch.uid)) < 0)
			return r;
	}
	box_put_text(end, "/oom_score_adj");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd_write_all(fd, "1000", 4);
}

/* There is nobody else to become, and who clears a compile box may signal its equals. */
static int drop_rootless(void)
{
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = caps_lock_securebits();
	return r < 0 ? r : caps_drop_all();
}

static int set_caps(uint32_t effective, uint32_t permitted)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { .effective = effective, .permitted = permitted } };

	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

/*
 * What the program made may be readable by nobody but itself.  For files alone, and for them alone, init has the program's uid:
 * nobody may signal or trace it for that.
 */
static int take_files_identity(uid_t uid)
{
	const uint32_t set_id = 1u << CAP_SETUID | 1u << CAP_SETGID;
	int r = set_caps(set_id, set_id | 1u << CAP_KILL);

	if (r < 0)
		return r;
	syscall(SYS_setfsgid, uid);
	syscall(SYS_setfsuid, uid);
	/* They tell no failure, but what it was before. */
	return syscall(SYS_setfsgid, -1) == (long)uid && syscall(SYS_setfsuid, -1) == (long)uid
		       ? 0
		       : -EPERM;
}

int box_step_drop(struct box *b)
{
	bool keep = b->release.flags & (ORDER_ARTEFACT_OUT | ORDER_FILES_OUT);
	uid_t uid = b->launch.init_uid;
	int r = 0;

	if (b->launch.rootless)
		return drop_rootless();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    (keep && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0))
		return -errno;
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, uid, uid, uid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	if (keep)
		r = take_files_identity(b->launch.uid);
	if (r < 0)
		return r;
	return keep ? set_caps(1u << CAP_KILL, 1u << CAP_KILL) : set_caps(0, 0);
}
