/* SPDX-License-Identifier: Apache-2.0 */
/* See probe_excess.h. */
#include "sandbox/probe/probe_excess.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

static int eat_memory(void)
{
	for (int i = 0; i < 64; i++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			return 1;
		memset(p, 1, 1 << 20);
	}
	return 0;
}

static int eat_processes(void)
{
	int made = 0;

	for (; made < 64; made++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				pause();
		if (pid < 0)
			break;
	}
	return made < 64;
}

static int spin(void)
{
	for (;;)
		__asm__ volatile("");
	return 0;
}

static int flood(void)
{
	static char block[65536];

	while (write(1, block, sizeof(block)) > 0)
		;
	return 1;
}

/* Leaves a process behind that holds the output open, in a session of its own, deaf to signals. */
static int outlive(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid < 0;
	setsid();
	for (int s = 1; s < 32; s++)
		signal(s, SIG_IGN);
	if (fork() != 0)
		_exit(0);
	for (;;)
		pause();
}

static uint64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/*
 * Four processes, busy until the same moment: on more than one processor only bandwidth holds them.  The first one ends when
 * all are dead, so that the time it took is that in which they used what they used.
 */
static int burn_for(uint64_t usec)
{
	uint64_t end = now_usec() + usec;

	for (int i = 0; i < 2; i++)
		if (fork() < 0)
			return 1;
	while (now_usec() < end)
		;
	while (wait(NULL) > 0)
		;
	return 0;
}

static int burn(void)
{
	return burn_for(60000);
}

static int burn_longer(void)
{
	return burn_for(120000);
}

static int burn_longest(void)
{
	return burn_for(240000);
}

/* Reads 64 MiB past every cache from the disk behind the tree, by stdin. 3: that cannot be tried here. */
static int read_disk(void)
{
	static char block[1 << 20] __attribute__((aligned(4096)));

	for (int i = 0; i < 64; i++) {
		ssize_t n = pread(STDIN_FILENO, block, sizeof(block), (off_t)(i % 4) << 20);

		if (n != sizeof(block))
			return 3;
	}
	return 0;
}

const struct probe_excess probe_excesses[PROBE_EXCESSES] = {
	{ "memory", eat_memory },
	{ "processes", eat_processes },
	{ "spin", spin },
	{ "sleep", pause },
	{ "output", flood },
	{ "outlive", outlive },
	{ "read", read_disk },
	{ "burn", burn },
	{ "burn-longer", burn_longer },
	{ "burn-longest", burn_longest },
};
