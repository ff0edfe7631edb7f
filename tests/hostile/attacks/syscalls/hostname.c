// SPDX-License-Identifier: Apache-2.0
// attack: renames the host
// layer: uts
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/utsname.h>

int main(void)
{
	struct utsname u;

	refused("sethostname", sethostname("kw-hostile-mark", 15), EPERM, ENOSYS, 0);
	refused("setdomainname", setdomainname("kw-hostile-mark", 15), EPERM, ENOSYS, 0);
	if (uname(&u) == 0 && strlen("@HOSTNAME@") && !strcmp(u.nodename, "@HOSTNAME@"))
		breach("the host's name is visible");
	return done();
}
