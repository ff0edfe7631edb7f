/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk may hold: jobs, bytes that wait, results, history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "desk_world.h"

static void test_the_queue_is_bounded(void **state)
{
	struct desk_world w = { .config = { .queue_max = 3 } };
	struct client c[5];

	desk_world_make(&w, 1, NULL);
	for (int i = 0; i < 5; i++) {
		client_make(&c[i], &w, "hold", 1);
		if (i < 2)
			c[i].tenant = (struct desk_tenant){ .name = "small", .queued_max = 1 };
		client_submit(&c[i]);
	}
	desk_world_settle(&w);
	assert_int_equal(c[0].kind, DESK_ACCEPTED);
	assert_int_equal(c[1].kind, DESK_FULL); /* his own bound */
	assert_int_equal(c[2].kind, DESK_ACCEPTED);
	assert_int_equal(c[3].kind, DESK_ACCEPTED);
	assert_int_equal(c[3].answer.position, 1);
	assert_int_equal(c[4].kind, DESK_FULL);
	assert_int_equal(c[4].answer.position, 3);
	assert_true(c[4].answer.retry_after_sec > 0);
	while (fake_release(w.backend))
		desk_world_settle(&w);
	client_submit(&c[4]); /* there is room again */
	desk_world_settle(&w);
	assert_int_equal(c[4].kind, DESK_ACCEPTED);
	for (int i = 0; i < 5; i++)
		client_done(&c[i]);
	desk_world_end(&w);
}

/* What a job holds counts, not what was sent: its plan is much more. */
static void test_bytes_that_wait_are_bounded(void **state)
{
	struct desk_world w = { .config = { .queue_bytes = 1 << 20 } };
	struct desk_counts counts;
	struct client c[3];

	desk_world_make(&w, 1, NULL);
	client_make(&c[0], &w, "hold", 0);
	client_submit(&c[0]);
	desk_world_settle(&w);
	desk_count(w.desk, &counts);
	assert_in_range(counts.queued_bytes, 200, 1 << 19);
	client_done(&c[0]);
	desk_world_end(&w);

	w = (struct desk_world){ .config = { .queue_bytes = 2 * counts.queued_bytes + 50 } };
	desk_world_make(&w, 1, NULL);
	for (int i = 0; i < 3; i++) {
		client_make(&c[i], &w, "hold", 0);
		client_submit(&c[i]);
	}
	desk_world_settle(&w);
	assert_int_equal(c[1].kind, DESK_ACCEPTED);
	assert_int_equal(c[2].kind, DESK_FULL);
	for (int i = 0; i < 3; i++)
		client_done(&c[i]);
	desk_world_end(&w);
}

/* Who has a name leaves as much free as he holds, in bytes too: there is room for the next. */
static void test_nobody_takes_all_bytes(void **state)
{
	struct desk_world w = { 0 };
	struct desk_counts counts;
	struct client c[3];

	desk_world_make(&w, 1, NULL);
	client_make(&c[0], &w, "hold", 0);
	client_submit(&c[0]);
	desk_world_settle(&w);
	desk_count(w.desk, &counts);
	client_done(&c[0]);
	desk_world_end(&w);

	w = (struct desk_world){ .config = { .queue_bytes = 2 * counts.queued_bytes + 20 } };
	desk_world_make(&w, 1, NULL);
	for (int i = 0; i < 3; i++) {
		client_make(&c[i], &w, "hold", 0);
		c[i].tenant = (struct desk_tenant){ .name = i < 2 ? "alice" : "bob" };
		client_submit(&c[i]);
	}
	desk_world_settle(&w);
	assert_int_equal(c[0].kind, DESK_ACCEPTED);
	assert_int_equal(c[1].kind, DESK_FULL);
	assert_int_equal(c[2].kind, DESK_ACCEPTED);
	for (int i = 0; i < 3; i++)
		client_done(&c[i]);
	desk_world_end(&w);
}

/* What is over is kept for a while, in a bounded number of bytes; never dropped while it is watched. */
static void test_results_are_kept_within_a_bound(void **state)
{
	struct desk_world w = { .config = { .kept_bytes = 20000 } };
	struct desk_counts counts;
	struct client c[20];

	desk_world_make(&w, 1, NULL);
	for (int i = 0; i < 20; i++) {
		client_make(&c[i], &w, "good", 1);
		c[i].watches = i == 0;
		client_submit(&c[i]);
		desk_world_settle(&w);
	}
	desk_count(w.desk, &counts);
	assert_in_range(counts.over, 2, 15);
	assert_non_null(client_job(&c[0]));
	assert_null(client_job(&c[1]));
	assert_non_null(client_job(&c[19]));
	desk_unwatch(c[0].watch, false);
	desk_world_settle(&w);
	desk_count(w.desk, &counts);
	assert_true(counts.kept_bytes <= 20000);
	for (int i = 0; i < 20; i++)
		client_done(&c[i]);
	desk_world_end(&w);
}

/* Beyond the bound events pass: told to who watches, not to who comes late. */
static void test_history_is_bounded(void **state)
{
	struct desk_world w = { .config = { .history_bytes = 2000 } };
	struct client c, late;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "print", 30);
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.events, 1 + 1 + 30 + 30 + 1);
	client_make(&late, &w, "", 0);
	client_watch(&late, client_job(&c), 0);
	desk_world_settle(&w);
	assert_true(late.over);
	assert_in_range(late.events, 4, 20);
	assert_string_equal(late.last_json, c.last_json);
	client_done(&c);
	client_done(&late);
	desk_world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_queue_is_bounded),
		cmocka_unit_test(test_bytes_that_wait_are_bounded),
		cmocka_unit_test(test_nobody_takes_all_bytes),
		cmocka_unit_test(test_results_are_kept_within_a_bound),
		cmocka_unit_test(test_history_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
