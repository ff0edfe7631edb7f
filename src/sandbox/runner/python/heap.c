/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the interpreter's memory lies.
 *
 * Until it serves: one region of 2 MB pages, for pymalloc's arenas (1 MB each) and for every block that
 * pymalloc itself would ask malloc for.  A fork then copies a handful of page table entries however
 * many modules are loaded.  Freed blocks are kept in lists by size class; they are only ever used again
 * while the interpreter starts.
 *
 * In a child: malloc for blocks, and arenas as plain Python has them, the first by itself (most programs
 * need no second) and from then on out of larger huge-page pieces, which cost fewer faults.  A block
 * of the region that a child frees is left alone: its pages belong to everybody.
 */
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "sandbox/runner/python/image.h"

#define REGION_BYTES (512ul << 20) /* of addresses only */
#define PIECE_BYTES (8ul << 20)
#define CLASSES 96
/* of pymalloc, Objects/obmalloc.c */
#define ARENA_BYTES (1ul << 20)
#define POOL_BYTES (16ul << 10)
#define POOL_BLOCK_MAX 512
#define POOL_STEP 16
#define POOL_HEADER 48

/* The header of a pool. */
struct pool {
	unsigned used; /* blocks */
	void *free_block;
	struct pool *next, *previous;
	unsigned arena, size_class, next_offset, max_next_offset;
};

struct block {
	size_t bytes; /* room after this header */
	struct block *next;
};

static struct {
	char *from, *top, *to;
	int sealed, arenas;
	char *kept; /* the first arena of children, while the pools are filled */
	char *piece, *piece_end;
	struct block *freed[CLASSES];
} heap;

static int in_region(const void *p)
{
	return (const char *)p >= heap.from && (const char *)p < heap.to;
}

static void *region_take(size_t bytes, size_t align)
{
	char *p = (char *)(((uintptr_t)heap.top + align - 1) & ~(align - 1));

	if (!heap.from || bytes > (size_t)(heap.to - p))
		return NULL;
	heap.top = p + bytes;
	return p;
}

/* Four classes to each doubling, so that at most a fifth of a block is wasted. */
static size_t size_class(size_t bytes, size_t *ret_room)
{
	size_t shift = 4, c = 0;

	while ((8ul << shift) < bytes) {
		shift++;
		c += 4;
	}
	for (size_t quarter = 4; quarter <= 8; quarter++, c++) {
		*ret_room = quarter << shift;
		if (*ret_room >= bytes)
			break;
	}
	return c;
}

static void *block_new(size_t bytes)
{
	size_t room, c = size_class(bytes, &room);
	struct block *b;

	if (heap.sealed || bytes > REGION_BYTES / 8 || c >= CLASSES)
		return malloc(bytes);
	b = heap.freed[c];
	if (b) {
		heap.freed[c] = b->next;
	} else {
		b = region_take(sizeof(*b) + room, 16);
		if (!b)
			return malloc(bytes);
		b->bytes = room;
	}
	return b + 1;
}

static void block_free(void *ctx, void *p)
{
	struct block *b = (struct block *)p - 1;
	size_t room;

	(void)ctx;
	if (!in_region(p)) {
		free(p);
	} else if (!heap.sealed) {
		size_t c = size_class(b->bytes, &room);

		b->next = heap.freed[c];
		heap.freed[c] = b;
	}
}

static void *block_malloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return block_new(bytes ? bytes : 1);
}

static void *block_calloc(void *ctx, size_t n, size_t size)
{
	size_t bytes;
	void *p;

	(void)ctx;
	if (heap.sealed)
		return calloc(n ? n : 1, size ? size : 1);
	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	p = block_new(bytes ? bytes : 1);
	return p ? memset(p, 0, bytes) : NULL;
}

static void *block_realloc(void *ctx, void *p, size_t bytes)
{
	size_t old;
	void *q;

	(void)ctx;
	if (!in_region(p) && (p || heap.sealed))
		return realloc(p, bytes ? bytes : 1);
	old = p ? ((struct block *)p - 1)->bytes : 0;
	if (p && bytes <= old && bytes > old / 2)
		return p;
	q = block_new(bytes ? bytes : 1);
	if (q && p) {
		memcpy(q, p, old < bytes ? old : bytes);
		block_free(ctx, p);
	}
	return q;
}

static void *take_arena(size_t bytes)
{
	if (!heap.kept || bytes != ARENA_BYTES)
		return region_take(bytes, 4096);
	return TAKE_PTR(heap.kept);
}

static void *arena_alloc(void *ctx, size_t bytes)
{
	void *p = NULL;

	(void)ctx;
	if (!heap.sealed) {
		p = take_arena(bytes);
	} else if (heap.arenas++ > 0 && bytes <= PIECE_BYTES) {
		if (heap.piece == heap.piece_end) {
			heap.piece = image_map_huge(PIECE_BYTES);
			heap.piece_end = heap.piece ? heap.piece + PIECE_BYTES : NULL;
		}
		if (bytes <= (size_t)(heap.piece_end - heap.piece)) {
			p = heap.piece;
			heap.piece += bytes;
		}
	}
	if (p)
		return p;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

static void arena_free(void *ctx, void *p, size_t bytes)
{
	(void)ctx;
	if (in_region(p))
		madvise(p, bytes, MADV_DONTNEED);
	else
		munmap(p, bytes);
}

void heap_install(void)
{
	PyMemAllocatorEx blocks = { NULL, block_malloc, block_calloc, block_realloc, block_free };
	PyObjectArenaAllocator arenas = { NULL, arena_alloc, arena_free };

	heap.from = heap.top = image_map_huge(REGION_BYTES);
	heap.to = heap.from ? heap.from + REGION_BYTES : NULL;
	region_take(ARENA_BYTES, ARENA_BYTES); /* the first of all: fill_pools() gives it out */
	PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &blocks);
	PyObject_SetArenaAllocator(&arenas);
}

/*
 * Small blocks come from whichever pool of their size has room, and after the start these lie all over
 * the heap.  Filled up, children begin in new pools instead, whose headers and first blocks share a page.
 * A pool that once was used hands out blocks in the order in which they were freed: not new enough.
 *
 * These pools lie in an arena that was kept for them, in the huge page in which the interpreter's own objects begin: the first
 * write to a huge page costs three times a page's copy, since the kernel has to split it, and each child does.
 */
static bool is_first_of_new(const void *block, size_t size)
{
	uintptr_t at = (uintptr_t)block;
	const struct pool *pool = (const struct pool *)(at & ~(POOL_BYTES - 1));

	return at % POOL_BYTES < POOL_HEADER + POOL_STEP && pool->used == 1 &&
	       pool->next_offset == POOL_HEADER + 2 * size;
}

static void fill_pools(void)
{
	heap.kept = heap.from;
	/* Until no arena has a pool left, and the kept one is begun. */
	for (size_t n = 0; heap.kept && n < (4 << 20) / POOL_BLOCK_MAX; n++)
		if (!PyObject_Malloc(POOL_BLOCK_MAX))
			return;
	for (size_t size = POOL_STEP; size <= POOL_BLOCK_MAX; size += POOL_STEP) {
		for (size_t n = 0; n < (4 << 20) / size; n++) {
			void *p = PyObject_Malloc(size);

			if (!p || is_first_of_new(p, size))
				break;
		}
	}
}

void heap_seal(void)
{
	fill_pools();
	heap.sealed = 1;
}
