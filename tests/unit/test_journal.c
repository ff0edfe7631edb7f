/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a row: what was accepted is there, once, until its result is old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "journal_place.h"

static void test_accept_begin_end_find(void **state)
{
	struct told t = { 0 }, open;
	struct place p;
	struct journal *j;

	place_make(&p);
	j = place_open(&p, 1 << 20, 0);
	place_accept(j, "one", "", 10, &t);
	place_accept(j, "two", "", 0, &t);
	assert_int_equal(journal_begin(j, "one", told_note, &t), 0);
	assert_int_equal(journal_end(j, "two", "{\"r\":2}", 7, told_note, &t), 0);
	assert_int_equal(t.calls, 0);
	told_await(&t, 4);
	assert_int_equal(t.good, 4);
	journal_find(j, "t", "two", told_note, &t);
	told_await(&t, 5);
	assert_string_equal(t.result, "{\"r\":2}");
	journal_find(j, "somebody else", "two", told_note, &t);
	told_await(&t, 6);
	assert_int_equal(t.last, -ENOENT);
	journal_end(j, "two", "again", 5, told_note, &t);
	told_await(&t, 7);
	assert_int_equal(t.last, -ENOENT);
	journal_close(j);
	j = place_open(&p, 1 << 20, 0);
	open = place_count_open(j);
	assert_int_equal(open.calls, 1);
	assert_string_equal(open.id, "one");
	assert_int_equal(open.tries, 1);
	journal_close(j);
	place_done(&p);
}

static void test_a_key_is_taken(void **state)
{
	struct told t = { 0 };
	struct place p;
	struct journal *j;

	place_make(&p);
	j = place_open(&p, 1 << 20, 0);
	place_accept(j, "one", "key", 10, &t);
	place_accept(j, "two", "key", 10, &t); /* in the same group */
	place_accept(j, "three", "", 10, &t);
	place_accept(j, "four", "", 10, &t); /* no key is no key */
	told_await(&t, 4);
	assert_int_equal(t.good, 3);
	assert_string_equal(t.id, "one");
	journal_close(j);
	place_done(&p);
}

static void test_one_process_at_a_time(void **state)
{
	struct journal *j, *second = NULL;
	struct err err = ERR_INIT;
	struct place p;
	struct journal_config c = { .loop = loop, .keep_bytes = 1 << 20, .keep_sec = 3600 };

	place_make(&p);
	j = place_open(&p, 1 << 20, 0);
	c.path = p.path;
	assert_int_equal(journal_open(&c, &second, &err), -EBUSY);
	assert_non_null(strstr(err.text, "another process has it open"));
	journal_close(j);
	place_done(&p);
}

/* Results beyond the bound go, the oldest first; what is not over never does. */
static void test_results_are_bounded(void **state)
{
	static char result[10000];
	struct told t = { 0 }, found = { 0 }, open;
	struct journal_counts counts;
	struct place p;
	struct journal *j;
	char id[16];

	place_make(&p);
	j = place_open(&p, 50000, 0);
	place_accept(j, "open", "", 10, &t);
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "j%d", i);
		place_accept(j, id, "", 10, &t);
		journal_end(j, id, result, sizeof(result), told_note, &t);
		told_await(&t, (unsigned)(3 + 2 * i));
	}
	journal_find(j, "t", "j0", told_note, &found);
	told_await(&found, 1);
	assert_int_equal(found.last, -ENOENT);
	journal_find(j, "t", "j19", told_note, &found);
	told_await(&found, 2);
	assert_int_equal(found.last, 0);
	journal_count(j, &counts);
	assert_true(counts.bytes <= 60000);
	journal_close(j);
	j = place_open(&p, 50000, 0);
	open = place_count_open(j);
	assert_int_equal(open.calls, 1);
	assert_string_equal(open.id, "open");
	journal_close(j);
	place_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept_begin_end_find),
		cmocka_unit_test(test_a_key_is_taken),
		cmocka_unit_test(test_one_process_at_a_time),
		cmocka_unit_test(test_results_are_bounded),
	};

	return cmocka_run_group_tests(tests, journal_place_setup, journal_place_teardown);
}
