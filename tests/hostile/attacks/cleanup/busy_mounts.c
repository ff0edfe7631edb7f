// SPDX-License-Identifier: Apache-2.0
// attack: every mount of the box in use: as directory, as open file, as mapping, as running program
// layer: mountns
// verdict: accepted
// prints: done
#include "probe.h"
#include <sys/mman.h>

static void copy(const char *from, const char *to)
{
	static char block[1 << 16];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
	ssize_t n;

	while ((n = read(in, block, sizeof(block))) > 0)
		write(out, block, (size_t)n);
	close(in);
	close(out);
}

int main(int argc, char **argv)
{
	static const char *const dirs[] = { "/tmp", "/box", "/dev/shm", "/proc" };
	int p[2];
	char c;

	if (!strcmp(argv[0], "sleeper")) {
		write(atoi(argv[1]), "x", 1);
		for (;;)
			pause();
	}
	if (pipe(p) < 0)
		return 1;
	copy("/proc/self/exe", "/tmp/sleeper");
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			char number[16], file[32];

			snprintf(number, sizeof(number), "%d", p[1]);
			snprintf(file, sizeof(file), "%s/f%d", dirs[i], i);
			chdir(dirs[i]);
			open(".", O_RDONLY);
			mmap(NULL, 4096, PROT_READ, MAP_SHARED, open(file, O_RDWR | O_CREAT, 0600),
			     0);
			setsid();
			execl("/tmp/sleeper", "sleeper", number, (char *)NULL);
			_exit(1);
		}
	for (int i = 0; i < 4; i++)
		read(p[0], &c, 1);
	puts("done");
	return 0;
}
