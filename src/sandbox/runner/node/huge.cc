/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node's machine code and V8's heap on huge pages.
 *
 * A child of a fork finds no code in its page tables: pages of a file are faulted in anew, here some 150
 * times in a run of a few milliseconds.  Huge anonymous pages are inherited, in a dozen table entries.
 * Node can do this itself (--use-largepages), but asks /sys whether it may, and the tree has no /sys.
 *
 * Of the heap's 1,500 pages a program writes some 300, and each fork copies all their entries, and each end takes them
 * back.  A huge page is one entry, until a child first writes to it.  The heap lies side by side (place.c).
 *
 * Either is copied, and the copy moved over the original in one call.  No thread notices: all others
 * sleep in the kernel, and what runs here is neither node's code nor JavaScript.
 */
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "sandbox/runner/node/node_zygote.hh"
#include "sandbox/runner/node/place.h"

struct span {
	uintptr_t from, to;
};

/* The largest executable segment of the program itself, which comes first; whole huge pages of it. */
static int find_code(struct dl_phdr_info *info, size_t, void *ret)
{
	struct span *code = (struct span *)ret;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + p->p_vaddr, to = from + p->p_memsz;

		from = (from + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
		to &= ~(HUGE_BYTES - 1);
		if (p->p_type == PT_LOAD && (p->p_flags & PF_X) && to > from &&
		    to - from > code->to - code->from)
			*code = (struct span){ from, to };
	}
	return 1;
}

/*
 * The pieces of the heap from the first on, up to n of them. 0: there is none, or more, or one in its midst is no plain memory.
 */
static size_t find_heap(uintptr_t first, struct span *ret, size_t n)
{
	const uintptr_t end = first + (PLACE_PIECES - 1) * PLACE_PIECE;
	unsigned long from, to;
	char line[512], mode[8];
	size_t found = 0;
	FILE *f = fopen("/proc/self/maps", "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || from < first || to > end)
			continue;
		if (found == n || strcmp(mode, "rw-p") != 0) {
			found = 0;
			break;
		}
		ret[found++] = (struct span){ from, to };
	}
	if (f)
		fclose(f);
	return found;
}

static size_t huge_kb_now(void)
{
	char line[256];
	size_t kb = 0;
	FILE *f = fopen("/proc/self/smaps_rollup", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "AnonHugePages: %zu", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

/* A copy of n parts of a whole, or NULL where the kernel gives no huge pages: small ones would make each fork dearer. ret_raw: to unmap */
static char *copy_of(const struct span *whole, const struct span *parts, size_t n, char **ret_raw)
{
	size_t bytes = whole->to - whole->from, before = huge_kb_now();
	char *raw = (char *)mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *copy;

	if (raw == MAP_FAILED)
		return NULL;
	*ret_raw = raw;
	copy = (char *)(((uintptr_t)raw + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
	if (madvise(copy, bytes, MADV_HUGEPAGE) == 0) {
		for (size_t i = 0; i < n; i++)
			memcpy(copy + (parts[i].from - whole->from), (void *)parts[i].from,
			       parts[i].to - parts[i].from);
		if ((huge_kb_now() - before) * 1024 > bytes / 4 * 3)
			return copy;
	}
	munmap(raw, bytes + HUGE_BYTES);
	return NULL;
}

static void drop(char *raw, const struct span *whole)
{
	munmap(raw, whole->to - whole->from + HUGE_BYTES);
}

/* Puts it over the original; what is left of the room that it was made in goes. */
static void move(char *copy, char *raw, const struct span *whole)
{
	size_t bytes = whole->to - whole->from;

	mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)whole->from);
	drop(raw, whole);
}

void huge_prepare_code(void)
{
	struct span code = { 0, 0 };
	char *copy, *raw;

	dl_iterate_phdr(find_code, &code);
	copy = code.to > code.from ? copy_of(&code, &code, 1, &raw) : NULL;
	if (!copy)
		return;
	if (mprotect(copy, code.to - code.from, PROT_READ | PROT_EXEC) == 0)
		move(copy, raw, &code);
	else
		drop(raw, &code);
}

/* A thread that writes to the heap between copy and move would find its word gone: then nobody may be forked from this. */
const char *huge_prepare_heap(void)
{
	const uintptr_t first = place_huge_from ? place_huge_from() : 0;
	struct span parts[PLACE_PIECES], whole = { first, 0 };
	const unsigned long switches = census_switches();
	size_t n = first && switches ? find_heap(first, parts, PLACE_PIECES) : 0;
	char *copy, *raw;

	if (n == 0)
		return NULL;
	whole.to = (parts[n - 1].to + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
	copy = copy_of(&whole, parts, n, &raw);
	if (!copy)
		return NULL;
	if (census_switches() != switches) {
		drop(raw, &whole);
		return NULL;
	}
	move(copy, raw, &whole);
	return census_switches() == switches ? NULL
					     : "has a thread that ran while its heap was moved";
}
