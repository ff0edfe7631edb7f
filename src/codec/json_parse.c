/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See json_parse.h.  While jansson parses, every block that it asks for is written down, and none is really freed: those
 * that it gives up are chained through their own first bytes.  Where memory runs out we jump out of it and free all
 * that it ever got; otherwise, what it gave up.  What it keeps are plain blocks of malloc(), so that outside of a
 * parse its allocator is the ordinary one.
 */
#include "codec/json_parse.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <threads.h>

#define BLOCKS_FIRST 256u

struct freed {
	struct freed *next;
};

struct parse {
	jmp_buf without_memory;
	void **blocks; /* owned, and what they point to as long as it runs */
	size_t n, room;
	struct freed *freed; /* of these, given up */
};

/* One at a time; not on the stack, where longjmp() would leave its values open. */
static _Thread_local struct parse parse, *running;
static once_flag once = ONCE_FLAG_INIT;

static bool note(struct parse *p, void *block)
{
	size_t room = p->room ? p->room * 2 : BLOCKS_FIRST;
	void **blocks;

	if (p->n == p->room) {
		blocks = realloc(p->blocks, room * sizeof(*blocks));
		if (!blocks)
			return false;
		p->blocks = blocks;
		p->room = room;
	}
	p->blocks[p->n++] = block;
	return true;
}

static void *take(size_t size)
{
	struct parse *p = running;
	void *block = malloc(size < sizeof(struct freed) ? sizeof(struct freed) : size);

	if (!p || (block && note(p, block)))
		return block;
	free(block);
	longjmp(p->without_memory, 1);
}

static void give(void *block)
{
	struct freed *f = block;

	if (!running || !block) {
		free(block);
		return;
	}
	f->next = running->freed;
	running->freed = f;
}

static void end(struct parse *p, bool without_memory)
{
	struct freed *next;

	running = NULL;
	for (size_t i = 0; without_memory && i < p->n; i++)
		free(p->blocks[i]);
	for (struct freed *f = without_memory ? NULL : p->freed; f; f = next) {
		next = f->next;
		free(f);
	}
	free(p->blocks);
}

/* Also where several threads parse: it is the whole program's. */
static void use_ours(void)
{
	json_set_alloc_funcs(take, give);
}

json_t *json_parse(const char *body, size_t len, size_t flags, json_error_t *e)
{
	json_t *root;

	call_once(&once, use_ours);
	parse = (struct parse){ .n = 0 };
	if (setjmp(parse.without_memory)) {
		end(&parse, true);
		*e = (json_error_t){ .text = "out of memory" };
		e->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_out_of_memory;
		return NULL;
	}
	running = &parse;
	root = json_loadb(body, len, flags, e);
	end(&parse, false);
	return root;
}
