/* SPDX-License-Identifier: Apache-2.0 */
/* An arena that is new for each test.  For one .c file each; everything is static. */
#pragma once

#include "base/arena.h"

static struct arena arena;

static int fresh_arena(void **state)
{
	arena_init(&arena, (size_t)64 << 20);
	return 0;
}

static int drop_arena(void **state)
{
	arena_done(&arena);
	return 0;
}
