/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the zygote consists of, counted before it forks: threads, heap, descriptors.
 *
 * Threads.  A fork copies the calling thread alone.  Node's others are known by number: V8's workers, the
 * one that delays their tasks, and the one that waits for SIGUSR1.  All must sleep, or one of them could
 * hold a lock that nobody in the child would ever open.
 *
 * Heap.  V8 asks the kernel not to copy its heap at a fork (MADV_DONTFORK), since node itself forks only
 * to exec.  That wish is taken back for every mapping that carries it.
 *
 * Descriptors.  Node's own must reach the child under their numbers, since libuv closes and makes them
 * anew by number; but no open file may be shared, or a program could write to the zygote's.  So those of
 * the loop are renewed by libuv, the pipe that guards signal handlers by libuv's fork handler (free numbers
 * below are plugged, so that what is closed and opened again gets the number it had), those of the loops of
 * other threads (one that traces is born when a program first asks) are replaced by private ones, and
 * everything else does not survive.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/runner/node/node_zygote.hh"
#include "sandbox/runner/node/zygote_c.hh"

#define V8_WORKERS 4 /* node's default --v8-pool-size */
#define THREADS (1 + V8_WORKERS + 2)

/* FD_SIGNAL_PIPE: its reading end, the number after it is the writing one's. */
enum fd_kind { FD_NONE, FD_EVENT, FD_EPOLL, FD_LOCK_PIPE, FD_SIGNAL_PIPE };
static enum fd_kind kinds[NODE_ZYGOTE_FDS_MAX];

/* The other threads: how many there are and are awake, and how often they have fallen asleep, or been put aside. */
struct threads {
	int n, awake;
	unsigned long switches;
};

static void look_at_thread(const char *tid, struct threads *t)
{
	unsigned long switches;
	char path[64], line[256], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "State: %c", &state);
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &switches) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &switches) == 1)
			t->switches += switches;
	}
	if (f)
		fclose(f);
	t->n++;
	t->awake += state != 'S';
}

static struct threads look_at_threads(void)
{
	struct threads t = {};
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && atoi(e->d_name) != getpid())
			look_at_thread(e->d_name, &t);
	if (d)
		closedir(d);
	return t;
}

const char *census_threads(void)
{
	static char why[80];
	const struct timespec while_waiting = { 0, 1000000 };
	struct threads t = {};

	/* A thread that has just been given its last task may still run: half a second is an age. */
	for (int i = 0; i < 500; i++) {
		t = look_at_threads();
		if (t.n == THREADS - 1 && t.awake == 0)
			return NULL;
		nanosleep(&while_waiting, NULL);
	}
	snprintf(why, sizeof(why), "has %d threads of which %d run, not %d that sleep", t.n + 1,
		 t.awake, THREADS);
	return why;
}

unsigned long census_switches(void)
{
	const struct threads t = look_at_threads();

	return t.awake == 0 ? t.switches : 0;
}

const char *census_heap_forks(void)
{
	unsigned long from = 0, to = 0, a, b;
	char line[512], c;
	FILE *f = fopen("/proc/self/smaps", "re");
	int n = 0;

	if (!f)
		return "cannot read its own mappings";
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %c", &a, &b, &c) == 3) {
			from = a;
			to = b;
		} else if (!strncmp(line, "VmFlags:", 8) && strstr(line, " dc")) {
			n += madvise((void *)from, to - from, MADV_DOFORK) == 0;
		}
	}
	fclose(f);
	return n > 0 ? NULL : "has no heap that could be told to fork";
}

/* What it is open on, as the kernel names it; "" when it is not open. */
static void fd_target(int fd, char target[64])
{
	char path[40];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, 63);
	target[n < 0 ? 0 : n] = '\0';
}

static enum fd_kind fd_kind_of(int fd)
{
	char target[64], next[64];
	int flags = fcntl(fd, F_GETFL);

	fd_target(fd, target);
	fd_target(fd + 1, next);
	if (strstr(target, "[eventfd]"))
		return FD_EVENT;
	if (strstr(target, "[eventpoll]"))
		return FD_EPOLL;
	if (strncmp(target, "pipe:", 5) != 0)
		return FD_NONE;
	/* Of libuv's pipes only the lock of signal handlers blocks. */
	if (!(flags & O_NONBLOCK))
		return FD_LOCK_PIPE;
	return !strcmp(target, next) && (flags & O_ACCMODE) == O_RDONLY ? FD_SIGNAL_PIPE : FD_NONE;
}

const char *census_descriptors(const uv_loop_t *own)
{
	int locks = 0, null;

	for (int fd = ZYGOTE_SOCKET_FD + 1; fd < NODE_ZYGOTE_FDS_MAX; fd++) {
		kinds[fd] = fd_kind_of(fd);
		locks += kinds[fd] == FD_LOCK_PIPE;
		if (fd == own->signal_pipefd[0])
			kinds[fd] = FD_NONE;
		if (kinds[fd] != FD_NONE)
			zygote_keep(fd);
		if (kinds[fd] == FD_SIGNAL_PIPE)
			zygote_keep(fd + 1);
	}
	if (locks != 2)
		return "has not the one pipe that guards signal handlers";
	do
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (null >= 0 && null < NODE_ZYGOTE_PLUGGED);
	if (null < 0)
		return "cannot open /dev/null";
	close(null);
	return NULL;
}

/* Where there is nothing to put in its place the number is closed: it must not be the zygote's. */
static void replace(int fd, int with)
{
	if (with < 0 || dup3(with, fd, O_CLOEXEC) < 0)
		close(fd);
	if (with >= 0)
		close(with);
}

static void replace_pipe(int fd)
{
	int ends[2] = { -1, -1 };

	(void)!pipe2(ends, O_CLOEXEC | O_NONBLOCK);
	replace(fd, ends[0]);
	replace(fd + 1, ends[1]);
}

/* Before the loop renews its own, which are among these but for its pipe. */
void census_descriptors_renew(void)
{
	for (int fd = ZYGOTE_SOCKET_FD + 1; fd < NODE_ZYGOTE_FDS_MAX; fd++)
		if (kinds[fd] == FD_EVENT)
			replace(fd, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
		else if (kinds[fd] == FD_EPOLL)
			replace(fd, epoll_create1(EPOLL_CLOEXEC));
		else if (kinds[fd] == FD_SIGNAL_PIPE)
			replace_pipe(fd);
}
