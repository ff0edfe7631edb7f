/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that dies with its request: many allocations, one release.  Bounded by `max_bytes`.
 * All pointers are aligned to 16 and zeroed; NULL means out of memory or over the bound.
 */
#pragma once

#include <stddef.h>

struct arena_block;
struct arena_end;

struct arena {
	struct arena_block *head; /* owned */
	size_t used_bytes, max_bytes;
	struct arena_end *ends; /* in the blocks */
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_done(struct arena *a);
void *arena_alloc(struct arena *a, size_t size);
void *arena_alloc_array(struct arena *a, size_t count, size_t size); /* overflow-checked */
char *arena_strndup(struct arena *a, const char *s, size_t len);     /* adds a NUL */
/* fn(user) is called when the arena is done, the last one first. 0 or -ENOMEM. */
int arena_at_end(struct arena *a, void (*fn)(void *user), void *user);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
