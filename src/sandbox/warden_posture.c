/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a zygote consists of when it says that it serves, it must consist of for as long as it does: a thread more could
 * hold a lock at the next fork, and a descriptor more would go from one program to the next.  A zygote proves all of
 * its posture to itself before it serves (shared memory, threads asleep, heap); here the two that are cheap to see
 * from outside are looked at after each of its boxes, off the critical path: two calls, one microsecond.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sandbox/warden_box.h"

/*
 * Each launcher opens one at its first fork, by which it comes back to its own namespace.  And a zygote that
 * reaps lets its box end a moment before it closes what it waited by.
 */
#define OWN_FDS 2u
/*
 * A box may be over before its zygote has closed what it answered with: more descriptors than there should be count only
 * when they are there after so many boxes in a row.
 */
#define LOOKS_MAX 3u

/* Before Linux 6.2 the directory does not tell how many there are. */
static unsigned count_entries(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	unsigned n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* What cannot be seen, since it is gone or not ours to see, reads as 0. */
static void look(pid_t pid, unsigned *ret_threads, unsigned *ret_fds)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	*ret_threads = stat(path, &st) == 0 && st.st_nlink > 2 ? (unsigned)st.st_nlink - 2 : 0;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	*ret_fds = stat(path, &st) < 0 ? 0
		   : st.st_size > 0    ? (unsigned)st.st_size
				       : count_entries(path);
}

void warden_posture_note(struct warden_zygote *z)
{
	look(z->pid, &z->threads, &z->fds);
	z->looked_forks = z->odd_looks = 0;
}

const char *warden_posture_fault(struct warden_zygote *z)
{
	unsigned threads, fds;

	if (z->looked_forks == z->forks)
		return NULL;
	z->looked_forks = z->forks;
	look(z->pid, &threads, &fds);
	if (z->threads == 0)
		return "it cannot be looked at";
	if (threads == 0)
		return NULL; /* it is dead, as its socket will tell */
	if (threads != z->threads)
		return "its threads are not those that it began with";
	z->odd_looks = fds > z->fds + OWN_FDS ? z->odd_looks + 1 : 0;
	return z->odd_looks < LOOKS_MAX ? NULL : "it keeps descriptors";
}
