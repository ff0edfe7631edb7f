// SPDX-License-Identifier: Apache-2.0
// attack: reads the tree's largest files past every cache, many at once: they wait where no signal reaches them
// layer: seccomp
// verdict: accepted
// prints: contained
// limits: {"wall_ms": 3000}
#include "probe.h"

#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define READERS 20
#define PIECES 100

/* As much as this holds the lane for half a minute at the rate that a box has. */
static void read_without_end(int fd)
{
	char *buffer = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec pieces[PIECES];

	for (int i = 0; i < PIECES; i++)
		pieces[i] = (struct iovec){ buffer, 1 << 20 };
	for (int i = 0; i < READERS; i++)
		if (fork() == 0)
			for (;;)
				preadv(fd, pieces, PIECES, 0);
	pause(); /* until killed: what was asked for goes on */
}

int main(void)
{
	static const char *const files[] = { "/usr/bin/node", "/usr/bin/python3.11", "/etc/passwd" };
	struct open_how how = { .flags = O_RDONLY | O_DIRECT };
	long high = 1l << 32;
	int plain = -1;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int fd = open(files[i], O_RDONLY | O_DIRECT | O_CLOEXEC);

		refused("openat", fd, EINVAL, 0, 0);
		if (fd >= 0)
			read_without_end(fd);
		refused("open", syscall(SYS_open, files[i], O_RDONLY | O_DIRECT), EINVAL, 0, 0);
		refused("openat, high bits", syscall(SYS_openat, AT_FDCWD, files[i], high | O_DIRECT), EINVAL, 0, 0);
		refused("openat2", syscall(SYS_openat2, AT_FDCWD, files[i], &how, sizeof(how)), ENOSYS, 0, 0);
		if (plain < 0)
			plain = open(files[i], O_RDONLY);
	}
	refused("a descriptor's flags", fcntl(plain, F_SETFL, O_DIRECT), EINVAL, 0, 0);
	refused("the same, high bits", syscall(SYS_fcntl, plain, high | F_SETFL, high | O_DIRECT | O_NONBLOCK), EINVAL, 0, 0);
	return done();
}
