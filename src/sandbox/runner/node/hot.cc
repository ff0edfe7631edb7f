/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages that every run writes, copied at once instead of one fault at a time.
 *
 * After a fork all memory is shared with the zygote, and the first write to a page copies it, in a fault.
 * Most of those pages are the same in every run.  So before the zygote serves, it forks one child that
 * runs a small program (preload.js) to its end and then looks up, in /proc/self/pagemap, which pages are
 * now its own.  Later children have these copied by a few calls, in a pooled box before its order comes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/runner/node/node_zygote.hh"

#define MAPPINGS_MAX 2048
#define RANGES_MAX 1024
#define PAGE 4096u
#define MAPPING_MAX 65536u /* pages; what is larger is reserved address space, mostly not there */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since 5.14 */
#endif

#define PM_PRESENT (UINT64_C(1) << 63)
#define PM_OWN (UINT64_C(1) << 56) /* mapped by nobody else */

/* Shared between the zygote and the one child that is recorded, and with nobody after it. */
struct record {
	size_t n;
	struct range ranges[RANGES_MAX];
};

static struct record *record;
static struct record learnt; /* the zygote's own, which children get a copy of */
static struct range mappings[MAPPINGS_MAX]; /* private and writable, before the first fork */
static size_t nmappings;
static bool recording;

static void list_mappings(void)
{
	unsigned long from, to;
	char line[512], mode[8];
	FILE *f = fopen("/proc/self/maps", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[1] == 'w' &&
		    mode[3] == 'p' && (to - from) / PAGE <= MAPPING_MAX && nmappings < MAPPINGS_MAX)
			mappings[nmappings++] = (struct range){ from, to };
	if (f)
		fclose(f);
}

pid_t hot_prepare(void)
{
	pid_t pid;

	record = (struct record *)mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (record == MAP_FAILED)
		record = NULL;
	if (!record)
		return -1;
	list_mappings();
	pid = fork();
	recording = pid == 0;
	return pid;
}

static void add_page(uintptr_t page)
{
	struct range *last = record->n ? &record->ranges[record->n - 1] : NULL;

	if (last && page == last->to)
		last->to = page + PAGE;
	else if (record->n < RANGES_MAX)
		record->ranges[record->n++] = (struct range){ page, page + PAGE };
}

static void record_mapping(int fd, const struct range *m, uint64_t *entries)
{
	size_t n = (m->to - m->from) / PAGE, bytes = n * sizeof(*entries);

	if (pread(fd, entries, bytes, (off_t)(m->from / PAGE * sizeof(*entries))) != (ssize_t)bytes)
		return;
	for (size_t i = 0; i < n; i++)
		if ((entries[i] & PM_PRESENT) && (entries[i] & PM_OWN))
			add_page(m->from + i * PAGE);
}

/* At the end of a child; only the one that is recorded does anything. */
void hot_record(void)
{
	static uint64_t entries[MAPPING_MAX];
	int fd;

	if (!recording)
		return;
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; fd >= 0 && i < nmappings; i++)
		record_mapping(fd, &mappings[i], entries);
}

void hot_learn(void)
{
	if (!record)
		return;
	learnt = *record;
	munmap(record, sizeof(*record));
	record = NULL;
}

void hot_renew(void)
{
	for (size_t i = 0; i < learnt.n; i++) {
		const struct range *r = &learnt.ranges[i];

		/* An older kernel does not know it; nothing is lost but time. */
		if (madvise((void *)r->from, r->to - r->from, MADV_POPULATE_WRITE) < 0)
			return;
	}
}
