/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See arena.h.  Blocks in a list, the newest first; a request too big for the rest of the newest block
 * gets one of its own.  Everything is zeroed, so that no half-filled struct holds old bytes.
 */
#include "base/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384u
#define ALIGN 16u

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(ALIGN) char data[];
};

struct arena_end {
	struct arena_end *next;
	void (*fn)(void *user);
	void *user;
};

void arena_init(struct arena *a, size_t max_bytes)
{
	*a = (struct arena){ .max_bytes = max_bytes };
}

int arena_at_end(struct arena *a, void (*fn)(void *user), void *user)
{
	struct arena_end *end = arena_alloc(a, sizeof(*end));

	if (!end)
		return -ENOMEM;
	*end = (struct arena_end){ .next = a->ends, .fn = fn, .user = user };
	a->ends = end;
	return 0;
}

void arena_done(struct arena *a)
{
	struct arena_end *ends = a->ends;

	a->ends = NULL;
	for (; ends; ends = ends->next)
		ends->fn(ends->user);
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->used_bytes = 0;
}

/* A block that is full from its birth goes behind the newest, whose rest stays usable. */
static void push_block(struct arena *a, struct arena_block *b)
{
	struct arena_block **at = a->head && b->size > BLOCK_BYTES ? &a->head->next : &a->head;

	b->next = *at;
	*at = b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->head;
	size_t need;
	void *p;

	if (size > SIZE_MAX - 2 * ALIGN)
		return NULL;
	need = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (need == 0)
		need = ALIGN;
	if (need > a->max_bytes || a->used_bytes > a->max_bytes - need)
		return NULL;
	if (!b || b->size - b->used < need) {
		size_t block = need > BLOCK_BYTES ? need : BLOCK_BYTES;

		b = calloc(1, sizeof(*b) + block);
		if (!b)
			return NULL;
		b->size = block;
		push_block(a, b);
	}
	p = b->data + b->used;
	b->used += need;
	a->used_bytes += need;
	return p;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(a, bytes);
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

	if (p && len)
		memcpy(p, s, len);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
