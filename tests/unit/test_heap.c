/* SPDX-License-Identifier: Apache-2.0 */
/* What a crowd has used is the kernel's again, also when the crowd came and went between two looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"

#define BLOCKS 16000u
#define BLOCK_BYTES 1000u
#define LEAST_BYTES (2u << 20)

static size_t resident_kb(void)
{
	unsigned long pages = 0, shared = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*u %lu %lu", &pages, &shared), 2);
	fclose(f);
	return (pages - shared) * 4;
}

/* 16 MB come and go; what stands behind them stays, so that free() can give nothing back. */
static void come_and_go(void **last)
{
	static void *blocks[BLOCKS];

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BLOCK_BYTES);
		assert_non_null(blocks[i]);
		memset(blocks[i], 1, BLOCK_BYTES);
	}
	*last = malloc(BLOCK_BYTES);
	assert_non_null(*last);
	for (size_t i = 0; i < BLOCKS; i++)
		free(blocks[i]);
}

static void test_every_crowd_is_noticed(void **state)
{
	struct heap_watch w = HEAP_WATCH_INIT;
	void *last[3];
	size_t before;

	heap_watch_start(&w);
	before = resident_kb();
	for (size_t i = 0; i < 3; i++) {
		come_and_go(&last[i]);
		assert_true(resident_kb() > before + 8000);
		heap_give_back(&w, LEAST_BYTES);
		assert_true(resident_kb() < before + 3000);
	}
	for (size_t i = 0; i < 3; i++)
		free(last[i]);
	heap_watch_done(&w);
}

static void test_it_does_without_proc(void **state)
{
	struct heap_watch w = HEAP_WATCH_INIT;
	size_t before = resident_kb();
	void *last;

	come_and_go(&last);
	heap_give_back(&w, LEAST_BYTES);
	assert_true(resident_kb() < before + 3000);
	free(last);
	heap_watch_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_crowd_is_noticed),
		cmocka_unit_test(test_it_does_without_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
