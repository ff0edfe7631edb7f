/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node's machine code on huge pages.
 *
 * A child of a fork finds no code in its page tables: pages of a file are faulted in anew, here some 150
 * times in a run of a few milliseconds.  Huge anonymous pages are inherited, in a dozen table entries.
 * Node can do this itself (--use-largepages), but asks /sys whether it may, and the tree has no /sys.
 *
 * The code is copied, and the copy moved over the original in one call.  No thread notices: all others
 * sleep in the kernel, and what runs here is not node's code.
 */
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "sandbox/runner/node/node_zygote.hh"

#define HUGE_BYTES ((uintptr_t)2 << 20)

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

/* A copy on huge pages, or NULL where the kernel gives none: small ones would make each fork dearer. */
static void *copy_of(const struct span *code, uintptr_t *ret_raw)
{
	size_t bytes = code->to - code->from, before = huge_kb_now();
	void *raw = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *copy;

	if (raw == MAP_FAILED)
		return NULL;
	*ret_raw = (uintptr_t)raw;
	copy = (char *)(((uintptr_t)raw + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
	if (madvise(copy, bytes, MADV_HUGEPAGE) == 0) {
		memcpy(copy, (void *)code->from, bytes);
		if ((huge_kb_now() - before) * 1024 > bytes / 4 * 3 &&
		    mprotect(copy, bytes, PROT_READ | PROT_EXEC) == 0)
			return copy;
	}
	munmap(raw, bytes + HUGE_BYTES);
	return NULL;
}

void text_prepare(void)
{
	struct span code = { 0, 0 };
	uintptr_t raw, head, bytes;
	void *copy;

	dl_iterate_phdr(find_code, &code);
	bytes = code.to - code.from;
	if (bytes == 0)
		return;
	copy = copy_of(&code, &raw);
	if (!copy)
		return;
	head = (uintptr_t)copy - raw;
	mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)code.from);
	if (head > 0)
		munmap((void *)raw, head);
	if (HUGE_BYTES - head > 0)
		munmap((char *)copy + bytes, HUGE_BYTES - head);
}
