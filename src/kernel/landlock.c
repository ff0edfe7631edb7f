/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock is the second wall behind the mounts: if one of them is wrong, this still says no.
 * Every right that the running kernel can handle is handled, so that whatever no rule grants is
 * denied; newer ABIs only add rights, structure members and flags, and an older kernel is given
 * less of each.
 *
 * The numbers are those of include/uapi/linux/landlock.h of Linux 6.15 (ABI 7); what a later ABI
 * adds is not asked for until it is written down here.
 */
#include "kernel/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define CREATE_RULESET_VERSION 1u /* flag of landlock_create_ruleset: only tell the ABI */
#define RULE_PATH_BENEATH 1
#define RESTRICT_SELF_LOG_SAME_EXEC_OFF 1u /* ABI 7: denials must not flood the host's audit log */

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_MAKE_CHAR (1ull << 6)
#define FS_MAKE_BLOCK (1ull << 11)
#define FS_ABI1 ((1ull << 13) - 1) /* EXECUTE … MAKE_SYM */
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_TCP 3ull   /* bind, connect */
#define SCOPE_ALL 3ull /* abstract unix sockets, signals */

#define ABI_REFER 2
#define ABI_TRUNCATE 3
#define ABI_NET 4
#define ABI_IOCTL_DEV 5
#define ABI_SCOPE 6
#define ABI_LOG 7

struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

static uint64_t handled_fs(int abi)
{
	return FS_ABI1 | (abi >= ABI_REFER ? FS_REFER : 0) |
	       (abi >= ABI_TRUNCATE ? FS_TRUNCATE : 0) | (abi >= ABI_IOCTL_DEV ? FS_IOCTL_DEV : 0);
}

static uint64_t granted(enum landlock_access access)
{
	switch (access) {
	case LANDLOCK_READ_EXEC: return FS_EXECUTE | FS_READ_FILE | FS_READ_DIR;
	case LANDLOCK_DEVICES: /* a shell's ">" opens with O_TRUNC */
		return FS_READ_FILE | FS_WRITE_FILE | FS_READ_DIR | FS_TRUNCATE;
	case LANDLOCK_READ_WRITE:
		return (FS_ABI1 & ~(FS_MAKE_CHAR | FS_MAKE_BLOCK)) | FS_REFER | FS_TRUNCATE;
	}
	return 0;
}

static int add_rule(int ruleset, int abi, const struct landlock_rule *rule)
{
	_cleanup_close_ int fd = open(rule->path, O_PATH | O_CLOEXEC);
	struct path_beneath_attr attr = { .allowed_access =
						  granted(rule->access) & handled_fs(abi) };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode)) /* the kernel refuses rights of directories on anything else */
		attr.allowed_access &= FS_OF_FILES;
	attr.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0) < 0)
		return -errno;
	return 0;
}

static int create_ruleset(int abi)
{
	struct ruleset_attr attr = {
		.handled_access_fs = handled_fs(abi),
		.handled_access_net = abi >= ABI_NET ? NET_TCP : 0,
		.scoped = abi >= ABI_SCOPE ? SCOPE_ALL : 0,
	};
	/* older kernels take a longer structure if the rest is 0, which it is */
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	return fd < 0 ? -errno : fd;
}

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

int landlock_ruleset(int abi, const struct landlock_rule *rules, size_t nrules)
{
	_cleanup_close_ int ruleset = -1;

	if (abi < 1)
		return -EOPNOTSUPP;
	ruleset = create_ruleset(abi);
	if (ruleset < 0)
		return ruleset;
	for (size_t i = 0; i < nrules; i++) {
		int r = add_rule(ruleset, abi, &rules[i]);

		if (r < 0)
			return r;
	}
	return TAKE_FD(ruleset);
}

int landlock_enter(int abi, int ruleset)
{
	unsigned flags = abi >= ABI_LOG ? RESTRICT_SELF_LOG_SAME_EXEC_OFF : 0;

	return syscall(SYS_landlock_restrict_self, ruleset, flags) < 0 ? -errno : 0;
}

int landlock_restrict(int abi, const struct landlock_rule *rules, size_t nrules)
{
	_cleanup_close_ int ruleset = landlock_ruleset(abi, rules, nrules);

	return ruleset < 0 ? ruleset : landlock_enter(abi, ruleset);
}
