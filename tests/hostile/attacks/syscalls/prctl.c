// SPDX-License-Identifier: Apache-2.0
// attack: what prctl could give back
// layer: caps
// verdict: accepted
// prints: contained
#include "probe.h"
#include <linux/capability.h>
#include <sys/prctl.h>

int main(void)
{
	refused("no_new_privs off", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL, EPERM, 0);
	refused("securebits", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), EPERM, EINVAL, 0);
	refused("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0), EPERM,
		EINVAL, 0);
	refused("exe file", prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, open("/box", O_RDONLY), 0, 0),
		EPERM, EINVAL, ENOSYS);
	refused("machine check", prctl(PR_MCE_KILL, 99, 0, 0, 0), EINVAL, EPERM, ENOSYS);
	refused("seccomp off", prctl(PR_SET_SECCOMP, 0, 0, 0, 0), EINVAL, EPERM, 0);
	for (int c = 0; c < 41; c++)
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) > 0)
			breach("a capability in the bounding set");
	return done();
}
