// SPDX-License-Identifier: Apache-2.0
// attack: runs a program that no file system holds
// layer: seccomp
// verdict: accepted|runtime_error
// never: BREACH
#include "probe.h"
#include <sys/mman.h>

int main(int argc, char **argv)
{
	static char block[1 << 20];
	char *const again[] = { "again", NULL }, *const none[] = { NULL };
	int fd = memfd_create("m", 0), self = open("/proc/self/exe", O_RDONLY);
	ssize_t n;

	if (!strcmp(argv[0], "again")) {
		if (setuid(0) == 0)
			breach("root");
		return done();
	}
	while (fd >= 0 && (n = read(self, block, sizeof(block))) > 0)
		write(fd, block, (size_t)n);
	syscall(SYS_execveat, fd, "", again, none, AT_EMPTY_PATH);
	return done();
}
