/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: aligned, zeroed, bounded, and no length that wraps around gets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"

static void test_pointers_are_aligned_zeroed_and_apart(void **state)
{
	_cleanup_(arena_done) struct arena a;
	unsigned char *before = NULL;
	size_t before_len = 0;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t len = 0; len < 300; len++) {
		unsigned char *p = arena_alloc(&a, len);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(p[i], 0);
		if (before)
			assert_true(p >= before + before_len || p + len <= before);
		memset(p, 0xa5, len);
		before = p;
		before_len = len;
	}
}

static void test_the_bound_is_exact(void **state)
{
	_cleanup_(arena_done) struct arena a;

	(void)state;
	arena_init(&a, 64);
	assert_null(arena_alloc(&a, 65));
	assert_non_null(arena_alloc(&a, 33)); /* 48 with its alignment */
	assert_int_equal(a.used_bytes, 48);
	assert_null(arena_alloc(&a, 17));
	assert_non_null(arena_alloc(&a, 16));
	assert_null(arena_alloc(&a, 0)); /* even nothing has an address of its own */
	assert_int_equal(a.used_bytes, 64);
}

static void test_a_refusal_costs_nothing(void **state)
{
	_cleanup_(arena_done) struct arena a;

	(void)state;
	arena_init(&a, 4096);
	assert_null(arena_alloc(&a, 8192));
	assert_null(a.head);
	assert_int_equal(a.used_bytes, 0);
}

static void test_lengths_that_wrap_are_refused(void **state)
{
	_cleanup_(arena_done) struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 15));
	assert_null(arena_alloc_array(&a, SIZE_MAX / 8 + 1, 8));
	assert_null(arena_alloc_array(&a, 2, SIZE_MAX));
	assert_null(arena_strndup(&a, "x", SIZE_MAX));
	assert_non_null(arena_alloc_array(&a, 0, 8));
}

static void test_big_ones_do_not_disturb_small_ones(void **state)
{
	_cleanup_(arena_done) struct arena a;
	char *first, *big, *second;

	(void)state;
	arena_init(&a, 10 << 20);
	first = arena_strndup(&a, "first", 5);
	big = arena_alloc(&a, 1 << 20);
	assert_non_null(big);
	memset(big, 'x', 1 << 20);
	second = arena_strndup(&a, "second", 6);
	/* The rest of the first block is still in use. */
	assert_ptr_equal(second, first + 16);
	assert_string_equal(first, "first");
	assert_string_equal(second, "second");
}

static void test_a_big_one_may_come_first(void **state)
{
	_cleanup_(arena_done) struct arena a;

	(void)state;
	arena_init(&a, 10 << 20);
	assert_non_null(arena_alloc(&a, 1 << 20));
	assert_non_null(arena_alloc(&a, 1 << 20));
	assert_non_null(arena_alloc(&a, 1));
}

static void test_copies_and_prints(void **state)
{
	_cleanup_(arena_done) struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 4096);
	p = arena_strndup(&a, "a\0b", 3);
	assert_memory_equal(p, "a\0b", 4);
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_null(arena_printf(&a, "%5000d", 1));
}

static void test_done_leaves_it_usable(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 32);
	assert_non_null(arena_alloc(&a, 32));
	arena_done(&a);
	arena_done(&a);
	assert_non_null(arena_alloc(&a, 32));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pointers_are_aligned_zeroed_and_apart),
		cmocka_unit_test(test_the_bound_is_exact),
		cmocka_unit_test(test_a_refusal_costs_nothing),
		cmocka_unit_test(test_lengths_that_wrap_are_refused),
		cmocka_unit_test(test_big_ones_do_not_disturb_small_ones),
		cmocka_unit_test(test_a_big_one_may_come_first),
		cmocka_unit_test(test_copies_and_prints),
		cmocka_unit_test(test_done_leaves_it_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
