// SPDX-License-Identifier: Apache-2.0
// attack: becomes another user, gains capabilities
// layer: caps
// verdict: accepted
// prints: contained
#include "probe.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>

int main(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { { ~0u, ~0u, ~0u }, { ~0u, ~0u, ~0u } };
	gid_t root = 0;

	refused("setuid", setuid(0), EPERM, EINVAL, 0);
	refused("setresuid", setresuid(0, 0, 0), EPERM, EINVAL, 0);
	refused("setreuid", setreuid(-1, 0), EPERM, EINVAL, 0);
	refused("setgid", setgid(0), EPERM, EINVAL, 0);
	refused("setresgid", setresgid(0, 0, 0), EPERM, EINVAL, 0);
	refused("setgroups", setgroups(1, &root), EPERM, EINVAL, 0);
	refused("another user", setuid(1001), EPERM, EINVAL, 0);
	setfsuid(0);
	if (setfsuid((uid_t)-1) == 0)
		breach("file system user 0");
	refused("capset", syscall(SYS_capset, &h, d), EPERM, 0, 0);
	if (syscall(SYS_capget, &h, d) == 0 &&
	    (d[0].effective | d[0].permitted | d[1].effective | d[1].permitted))
		breach("a capability");
	return done();
}
