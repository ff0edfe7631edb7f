/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most of what a short child costs is page faults: it reads some sixty pages of the interpreter's text,
 * which fork does not map for files, and writes some ninety of its data.  In anonymous 2 MB pages the text
 * comes with the fork, as three entries of a page table, and the first write to a piece of data is the
 * only expensive one.
 *
 * The linker is told to keep the two segments in huge pages of their own (see meson.build), so that a
 * rounded range holds nothing else.  A copy is made beside the range and then moved over it in one call,
 * which both unmaps the old pages and keeps the new ones huge.
 */
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/runner/python/image.h"

#define HUGE_BYTES (2ul << 20)

struct range {
	uintptr_t from, to;	  /* rounded to huge pages */
	uintptr_t used, used_end; /* what is mapped of it */
	int prot;
};

struct ranges {
	struct range r[4];
	size_t n;
};

/* The first object that is told of is the main program. */
static int collect(struct dl_phdr_info *info, size_t size, void *user)
{
	struct ranges *all = user;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum && all->n < 4; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		all->r[all->n++] = (struct range){
			.from = at & ~(HUGE_BYTES - 1),
			.to = (at + p->p_memsz + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1),
			.used = at & ~4095ul,
			.used_end = (at + p->p_memsz + 4095) & ~4095ul,
			.prot = PROT_READ | (p->p_flags & PF_W ? PROT_WRITE : 0) |
				(p->p_flags & PF_X ? PROT_EXEC : 0),
		};
	}
	return 1;
}

/* What lies in the rounded range beside the segment must be nobody's: the gaps are probed. */
static int is_free(uintptr_t from, uintptr_t to)
{
	void *p;

	if (from >= to)
		return 1;
	p = mmap((void *)from, to - from, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (p == MAP_FAILED)
		return 0;
	munmap(p, to - from);
	return p == (void *)from;
}

void *image_map_huge(size_t bytes)
{
	char *p = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at;

	if (p == MAP_FAILED)
		return NULL;
	at = (char *)(((uintptr_t)p + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
	if (at > p)
		munmap(p, (size_t)(at - p));
	munmap(at + bytes, (size_t)(p + HUGE_BYTES - at));
	madvise(at, bytes, MADV_HUGEPAGE);
	return at;
}

static void move(const struct range *r)
{
	size_t bytes = r->to - r->from;
	char *copy = image_map_huge(bytes);

	if (!copy)
		return;
	memcpy(copy + (r->used - r->from), (const void *)r->used, r->used_end - r->used);
	if (mprotect(copy, bytes, r->prot) < 0 ||
	    mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)r->from) ==
		    MAP_FAILED)
		munmap(copy, bytes);
}

void image_move(void)
{
	struct ranges all = { 0 };

	dl_iterate_phdr(collect, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct range *r = &all.r[i];

		/* The break may begin in the last huge page of the data: then that one stays. */
		if (!is_free(r->used_end, r->to)) {
			r->to -= HUGE_BYTES;
			if (r->used_end > r->to)
				r->used_end = r->to;
		}
		if (r->from < r->to && is_free(r->from, r->used))
			move(r);
	}
}
