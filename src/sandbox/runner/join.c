/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library is five mappings, and every fork copies and every end frees all mappings one by one.  The kernel makes one of two
 * that are alike and lie side by side in the file: so read-only data beside text is made text, and what the loader
 * has made read-only beside data is made data again, which leaves two.  Nothing becomes both.  A program could do either itself;
 * a zygote, whose tables of addresses can be written again by this, reads nothing but frames of fixed size.  What fails costs
 * speed and nothing else.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/runner/zygote.h"

#define MAPS_BYTES (256u << 10)

struct mapping {
	unsigned long from, to, offset, inode;
	char mode[8], device[16];
};

/* In the file and in memory, so that the two can become one. */
static bool is_behind(const struct mapping *m, const struct mapping *before)
{
	return m->inode && m->inode == before->inode && !strcmp(m->device, before->device) &&
	       m->from == before->to && m->offset == before->offset + (before->to - before->from);
}

/* Of a library that lies otherwise, one may be beside text and data: it is made one of the two, once. */
static void make(struct mapping *m, int prot)
{
	mprotect((void *)m->from, m->to - m->from, prot);
	strcpy(m->mode, "made");
}

static void join(struct mapping *first, struct mapping *second)
{
	bool read_only[] = { !strcmp(first->mode, "r--p"), !strcmp(second->mode, "r--p") };

	if (!is_behind(second, first))
		return;
	if (read_only[0] && !strcmp(second->mode, "r-xp"))
		make(first, PROT_READ | PROT_EXEC);
	else if (read_only[1] && !strcmp(first->mode, "r-xp"))
		make(second, PROT_READ | PROT_EXEC);
	else if (read_only[0] && !strcmp(second->mode, "rw-p"))
		make(first, PROT_READ | PROT_WRITE);
}

/* The maps are read whole before any is changed. */
void zygote_join_mappings(void)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char *maps =
		mmap(NULL, MAPS_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mapping before = { 0 }, m;

	if (maps == MAP_FAILED)
		return;
	if (fd >= 0 && fd_read_full(fd, maps, MAPS_BYTES - 1) > 0)
		for (const char *line = maps; line && *line; line = strchr(line, '\n')) {
			line += *line == '\n';
			if (sscanf(line, "%lx-%lx %7s %lx %15s %lu", &m.from, &m.to, m.mode,
				   &m.offset, m.device, &m.inode) != 6)
				break;
			join(&before, &m);
			before = m;
		}
	munmap(maps, MAPS_BYTES);
}
