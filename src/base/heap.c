/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See heap.h.  The library's own count of free bytes goes on counting those that it has given back, so it cannot say that
 * they were used again meanwhile.  What tells is resident memory that is no file's, less what is in use.
 */
#include "base/heap.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"

static size_t spare_bytes(const struct heap_watch *w)
{
	struct mallinfo2 heap = mallinfo2();
	size_t used = heap.uordblks + heap.hblkhd, resident;
	unsigned long pages, shared;
	char text[128];
	ssize_t n = w->statm_fd < 0 ? -1 : pread(w->statm_fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return heap.fordblks;
	text[n] = '\0';
	if (sscanf(text, "%*u %lu %lu", &pages, &shared) != 2 || pages < shared)
		return heap.fordblks;
	resident = (pages - shared) * (size_t)sysconf(_SC_PAGESIZE);
	return resident > used ? resident - used : 0;
}

void heap_watch_start(struct heap_watch *w)
{
	w->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	w->spare_bytes = spare_bytes(w);
}

void heap_watch_done(struct heap_watch *w)
{
	fd_drop(&w->statm_fd);
}

void heap_give_back(struct heap_watch *w, size_t at_least_bytes)
{
	size_t spare = spare_bytes(w);

	if (spare < w->spare_bytes)
		w->spare_bytes = spare;
	if (spare - w->spare_bytes < at_least_bytes)
		return;
	malloc_trim(0);
	w->spare_bytes = spare_bytes(w);
}
