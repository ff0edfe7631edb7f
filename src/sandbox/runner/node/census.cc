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
 * below are plugged, so that what is closed and opened again gets the number it had), eventfds and epolls
 * of threads that are no more are replaced by private ones, and everything else does not survive.
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

enum fd_kind { FD_NONE, FD_EVENT, FD_EPOLL, FD_LOCK_PIPE };
static enum fd_kind kinds[NODE_ZYGOTE_FDS_MAX];

/* The state letter stands behind the last ')' of /proc/…/stat, since the name may hold anything. */
static char thread_state(const char *tid)
{
	char path[64], text[512], *state;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/stat", tid);
	f = fopen(path, "re");
	if (!f)
		return '?';
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	state = strrchr(text, ')');
	return state && state[1] == ' ' ? state[2] : '?';
}

/* Counts the threads; ret_awake: those that do not sleep, the caller apart. */
static int count_threads(int *ret_awake)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	int n = 0;

	*ret_awake = 0;
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		if (atoi(e->d_name) != getpid() && thread_state(e->d_name) != 'S')
			(*ret_awake)++;
	}
	closedir(d);
	return n;
}

const char *census_threads(void)
{
	static char why[80];
	const struct timespec while_waiting = { 0, 1000000 };
	int n = 0, awake = 0;

	/* A thread that has just been given its last task may still run: half a second is an age. */
	for (int i = 0; i < 500; i++) {
		n = count_threads(&awake);
		if (n == THREADS && awake == 0)
			return NULL;
		nanosleep(&while_waiting, NULL);
	}
	snprintf(why, sizeof(why), "has %d threads of which %d run, not %d that sleep", n, awake,
		 THREADS);
	return why;
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

static enum fd_kind fd_kind_of(int fd)
{
	char path[40], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return FD_NONE;
	target[n] = '\0';
	if (strstr(target, "[eventfd]"))
		return FD_EVENT;
	if (strstr(target, "[eventpoll]"))
		return FD_EPOLL;
	/* Of libuv's pipes only the lock of signal handlers blocks. */
	if (!strncmp(target, "pipe:", 5) && !(fcntl(fd, F_GETFL) & O_NONBLOCK))
		return FD_LOCK_PIPE;
	return FD_NONE;
}

const char *census_descriptors(void)
{
	int locks = 0, null;

	for (int fd = ZYGOTE_SOCKET_FD + 1; fd < NODE_ZYGOTE_FDS_MAX; fd++) {
		kinds[fd] = fd_kind_of(fd);
		locks += kinds[fd] == FD_LOCK_PIPE;
		if (kinds[fd] != FD_NONE)
			zygote_keep(fd);
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

static void replace(int fd, int with)
{
	if (with < 0)
		return;
	dup3(with, fd, O_CLOEXEC);
	close(with);
}

/* Before the loop renews its own, which are among these. */
void census_descriptors_renew(void)
{
	for (int fd = ZYGOTE_SOCKET_FD + 1; fd < NODE_ZYGOTE_FDS_MAX; fd++)
		if (kinds[fd] == FD_EVENT)
			replace(fd, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
		else if (kinds[fd] == FD_EPOLL)
			replace(fd, epoll_create1(EPOLL_CLOEXEC));
}
