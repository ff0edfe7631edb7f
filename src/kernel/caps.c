/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcap allocates, so the five sets are emptied by hand.  The bounding set goes first, as that
 * needs CAP_SETPCAP from the effective set which goes last; afterwards the kernel is asked whether
 * all three process sets are really empty, since a drop that did not bite must not pass for one.
 */
#include "kernel/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAP_NUMBERS_MAX 64 /* bits of the kernel's kernel_cap_t; the kernel ends the loop sooner */

#define SECUREBITS_ALL \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

int caps_bound(const int *keep, size_t n)
{
	for (unsigned long cap = 0; cap < CAP_NUMBERS_MAX; cap++) {
		size_t kept = 0;
		int r;

		while (kept < n && keep[kept] != (int)cap)
			kept++;
		if (kept < n || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		/* Who may drop none may still have none to drop. */
		r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (r < 0)
			return errno == EINVAL && cap > 0 ? 0
							  : -errno; /* beyond this kernel's last */
		if (r > 0)
			return -EPERM;
	}
	return 0;
}

static int drop_process_sets(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	__u32 left = 0;

	if (syscall(SYS_capset, &head, data) < 0)
		return -errno;
	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		left |= data[i].effective | data[i].permitted | data[i].inheritable;
	return left ? -EPERM : 0;
}

int caps_drop_sets(void)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return drop_process_sets();
}

int caps_drop_all(void)
{
	int r = caps_bound(NULL, 0);

	return r < 0 ? r : caps_drop_sets();
}

int caps_lock_securebits(void)
{
	return prctl(PR_SET_SECUREBITS, SECUREBITS_ALL, 0, 0, 0) < 0 ? -errno : 0;
}
