/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V8's heap side by side.
 *
 * V8 asks for each piece of its heap, 256 KiB or more, at an address that it draws at random over all of the address space.  Each
 * is a mapping then, with three levels of page tables of its own, all of which every fork makes anew and every end frees.  The
 * address is a wish, and V8 lives with whatever comes.  So this, which the loader puts before libc in the zygote (LD_PRELOAD),
 * gives it the first free place of one region: pieces that touch are one mapping, and fill whole huge pages.
 *
 * Nothing is ever put where something is.  So a wrong note of what is taken (threads may race, others may map here) costs speed alone.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/runner/node/place.h"

/* What V8 asks for beside a piece, and gives back when that is aligned. */
#define SLACK (PLACE_PIECE - 4096)
/* The range that is kept for code has its wish for a reason: near node's own. */
#define LONGEST ((uintptr_t)64 << 20)

/* Far from the program, the loader's mappings and the stack, wherever the kernel has put those. */
#define FIRST ((uintptr_t)0x100000000000)
#define HUGE_PAGES ((uintptr_t)0x400000000000 / HUGE_BYTES)

static _Atomic bool taken[PLACE_PIECES];
static uintptr_t region; /* of PLACE_PIECES; 0: none */

/* Before any code of node, and drawn, as V8 would have drawn each piece's. */
__attribute__((constructor)) static void draw_region(void)
{
	uint64_t n;

	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) == (ssize_t)sizeof(n))
		region = FIRST + n % HUGE_PAGES * HUGE_BYTES - PLACE_PIECE;
}

uintptr_t place_huge_from(void)
{
	return region ? region + PLACE_PIECE : 0;
}

static void note(size_t from, size_t n, bool is)
{
	for (size_t i = from; i < PLACE_PIECES && n > 0; i++, n--)
		atomic_store_explicit(&taken[i], is, memory_order_relaxed);
}

/* The first of n free places and one more, for the slack; PLACE_PIECES: there are none. */
static size_t find(size_t n)
{
	size_t run = 0;

	for (size_t i = 0; i < PLACE_PIECES; i++) {
		run = atomic_load_explicit(&taken[i], memory_order_relaxed) ? 0 : run + 1;
		if (run == n + 1)
			return i - n;
	}
	return PLACE_PIECES;
}

/* NULL: no place was free. */
static void *map_piece(size_t length, int flags)
{
	size_t n = (length - SLACK + PLACE_PIECE - 1) / PLACE_PIECE, at;
	long r = -1;

	while (r == -1 && (at = find(n)) < PLACE_PIECES) {
		r = syscall(SYS_mmap, region + at * PLACE_PIECE, length, PROT_NONE,
			    flags | MAP_FIXED_NOREPLACE, -1, 0L);
		if (r == -1 && errno != EEXIST)
			break;
		/* where something is in the way, the next one is tried */
		note(at, r == -1 ? 1 : n, true);
	}
	return r == -1 ? NULL : (void *)r;
}

/* A reservation of some size, aligned as a piece is, wherever it may be. */
static bool is_piece(const void *hint, size_t length, int prot, int flags)
{
	return region && hint && (uintptr_t)hint % PLACE_PIECE == 0 && prot == PROT_NONE &&
	       (flags & (MAP_ANONYMOUS | MAP_FIXED | MAP_FIXED_NOREPLACE)) == MAP_ANONYMOUS &&
	       length > SLACK && length <= LONGEST;
}

void *mmap64(void *hint, size_t length, int prot, int flags, int fd, off64_t offset)
{
	void *p = is_piece(hint, length, prot, flags) ? map_piece(length, flags) : NULL;

	return p ? p : (void *)syscall(SYS_mmap, hint, length, prot, flags, fd, offset);
}

int munmap(void *start, size_t length)
{
	uintptr_t from = (uintptr_t)start - region;

	if (region && from < PLACE_PIECES * PLACE_PIECE && from % PLACE_PIECE == 0)
		note(from / PLACE_PIECE, (length + PLACE_PIECE - 1) / PLACE_PIECE, false);
	return (int)syscall(SYS_munmap, start, length);
}
