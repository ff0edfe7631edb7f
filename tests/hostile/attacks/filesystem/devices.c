// SPDX-License-Identifier: Apache-2.0
// attack: makes device nodes, and opens the host's devices
// layer: caps
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(void)
{
	static const char *const nodes[] = {
		"/dev/mem",	    "/dev/kmem",	 "/dev/port",
		"/dev/kmsg",	    "/dev/vda",		 "/dev/sda",
		"/dev/fuse",	    "/dev/ptmx",	 "/dev/tty",
		"/dev/tty0",	    "/dev/console",	 "/dev/kvm",
		"/dev/net/tun",	    "/dev/loop-control", "/dev/mapper/control",
		"/dev/userfaultfd", "/dev/vhost-vsock",	 "/dev/hwrng",
		"/dev/log"
	};
	static const char *const where[] = { "/tmp/node", "/box/node", "/dev/shm/node",
					     "/dev/node" };

	for (unsigned i = 0; i < sizeof(where) / sizeof(*where); i++) {
		refused("char device", mknod(where[i], S_IFCHR | 0666, makedev(1, 1)), EPERM,
			EACCES, EROFS);
		refused("block device", mknod(where[i], S_IFBLK | 0666, makedev(254, 0)), EPERM,
			EACCES, EROFS);
	}
	for (unsigned i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		refused(nodes[i], open(nodes[i], O_RDONLY | O_NONBLOCK), ENOENT, EACCES, 0);
	return done();
}
