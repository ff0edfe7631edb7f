// SPDX-License-Identifier: Apache-2.0
// attack: reads and changes the host's interfaces, by the calls that any socket answers
// layer: netns
// verdict: accepted
// prints: contained
#include "probe.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	for (int i = 1; i < 64; i++) {
		struct ifreq r = { .ifr_ifindex = i };

		if (ioctl(fd, SIOCGIFNAME, &r) == 0 && strcmp(r.ifr_name, "lo")) {
			char what[64];

			snprintf(what, sizeof(what), "interface %.16s", r.ifr_name);
			breach(what);
		}
	}
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	refused("lo up", ioctl(fd, SIOCSIFFLAGS, &up), EPERM, ENOSYS, 0);
	strcpy(up.ifr_newname, "kw0");
	refused("rename lo", ioctl(fd, SIOCSIFNAME, &up), EPERM, ENOSYS, 0);
	return done();
}
