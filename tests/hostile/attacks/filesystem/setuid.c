// SPDX-License-Identifier: Apache-2.0
// attack: gains privilege from programs with the set-user-id bit, the tree's and one of its own
// layer: nnp
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/stat.h>

int main(int argc, char **argv)
{
	static const char *const programs[] = { "/usr/bin/su",	   "/usr/bin/mount",
						"/usr/bin/passwd", "/usr/bin/newgrp",
						"/usr/bin/sudo",   "/usr/bin/chsh",
						"/usr/bin/pkexec", "/usr/bin/newuidmap" };

	for (unsigned i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		struct stat st;

		if (stat(programs[i], &st) < 0 || !(st.st_mode & (S_ISUID | S_ISGID)))
			continue;
		pid_t pid = fork();

		if (pid == 0) {
			int null = open("/dev/null", O_RDWR);

			dup2(null, 0);
			dup2(null, 1);
			dup2(null, 2);
			execl(programs[i], programs[i], "--version", (char *)NULL);
			_exit(126);
		}
		waitpid(pid, NULL, 0);
	}
	for (int i = 0; i < 2; i++) {
		const char *copy = i ? "/tmp/copy" : "/box/copy";
		int fd = open(copy, O_CREAT | O_WRONLY, 0755);

		refused("chown to root", fchown(fd, 0, 0), EPERM, EINVAL, 0);
		close(fd);
	}
	if (setuid(0) == 0 || geteuid() == 0 || getegid() == 0)
		breach("root");
	return done();
}
