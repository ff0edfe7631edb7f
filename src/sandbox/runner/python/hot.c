/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program is read from a memory file: the zygote has no place to write to.  At its end the child looks
 * into its own /proc/self/pagemap for anonymous pages that are its own alone (bit 56): those it has
 * copied, which are nearly the same in every run.  It writes the list to a pipe that is large enough, and the
 * zygote reads it after the child is gone: memory that is written while a child shares it loses its huge
 * pages.
 */
#include "sandbox/runner/python/hot.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/runner/python/finish.h"
#include "sandbox/runner/python/interp.h"
#include "sandbox/runner/python/peer.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* linux/mman.h, since 5.14 */
#endif

#define PAGE 4096ul
#define MAPS_BYTES (256u << 10)
#define PRESENT (1ull << 63)
#define OF_A_FILE (1ull << 61)
#define EXCLUSIVE (1ull << 56)

struct span {
	uintptr_t from, to;
};

static struct span spans[512];
static size_t nspans;
static int report_fd = -1;

const char hot_program[] = "n = int(input())\nprint(n)\n";

static void add_page(uintptr_t at)
{
	if (nspans > 0 && spans[nspans - 1].to == at)
		spans[nspans - 1].to += PAGE;
	else if (nspans < ARRAY_SIZE(spans))
		spans[nspans++] = (struct span){ at, at + PAGE };
}

static void look_at(int pagemap, uintptr_t from, uintptr_t to)
{
	uint64_t entry[512];

	while (from < to) {
		size_t n = (to - from) / PAGE;
		ssize_t got;

		if (n > ARRAY_SIZE(entry))
			n = ARRAY_SIZE(entry);
		got = pread(pagemap, entry, n * sizeof(entry[0]),
			    (off_t)(from / PAGE * sizeof(entry[0])));
		if (got <= 0)
			return;
		for (size_t i = 0; i < (size_t)got / sizeof(entry[0]); i++)
			if ((entry[i] & (PRESENT | EXCLUSIVE | OF_A_FILE)) == (PRESENT | EXCLUSIVE))
				add_page(from + i * PAGE);
		from += (size_t)got / sizeof(entry[0]) * PAGE;
	}
}

/* In the trained child, at its very end. The maps are read whole before any is looked at. */
static void report(void)
{
	char *maps =
		mmap(NULL, MAPS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 || maps == MAP_FAILED ? -1 : fd_read_full(fd, maps, MAPS_BYTES - 1);
	unsigned long from, to;
	char mode[8];

	nspans = 0; /* of an earlier run */
	if (len <= 0 || pagemap < 0)
		return;
	for (const char *line = maps; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && !strcmp(mode, "rw-p"))
			look_at(pagemap, from, to);
	}
	fd_write_all(report_fd, spans, nspans * sizeof(spans[0]));
}

static void child(const char *program, int in, int out, int report_to) __attribute__((noreturn));
static void child(const char *program, int in, int out, int report_to)
{
	static char *argv[] = { INTERP_PROGRAM, INTERP_FILE, NULL };
	static struct payload_view v = { .argv = argv, .cwd = INTERP_CWD };
	int fd = memfd_create("program", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, program, strlen(program)) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(1);
	report_fd = report_to;
	finish_set_hook(report);
	interp_set_source(fd);
	v.envp = environ;
	interp_run(&v);
}

static int await(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

int hot_train(const char *program)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, list[2] = { -1, -1 }, count = -1;
	char text[32] = "";
	pid_t pid = -1;

	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
	    pipe2(list, O_CLOEXEC) == 0 && fd_write_all(in[1], PEER_INPUT, strlen(PEER_INPUT)) == 0)
		pid = fork();
	if (pid == 0)
		child(program, in[0], out[1], list[1]);
	close(list[1]);
	close(out[1]);
	if (pid > 0 && await(pid) == 0) {
		ssize_t n = fd_read_full(list[0], spans, sizeof(spans));

		nspans = n > 0 ? (size_t)n / sizeof(spans[0]) : 0;
		if (fd_read_full(out[0], text, sizeof(text) - 1) > 0)
			count = atoi(text);
	}
	close(list[0]);
	close(out[0]);
	close(in[0]);
	close(in[1]);
	return count;
}

void hot_touch(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < nspans; i++)
		madvise((void *)spans[i].from, spans[i].to - spans[i].from, MADV_POPULATE_WRITE);
}
