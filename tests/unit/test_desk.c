/* SPDX-License-Identifier: Apache-2.0 */
/* The desk without a journal: answers, events, keys, cancelling, draining. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desk_world.h"

/* ---- the way through ---- */

static void test_from_ask_to_result(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "good", 2);
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.kind, DESK_ACCEPTED);
	assert_string_equal(c.told, "queued running case case result ");
	client_check_verdict(&c, "accepted");
	assert_non_null(strstr(c.last_json, c.id));
	assert_null(strchr(c.last_json, '\n'));
	desk_unwatch(c.watch, false);
	client_done(&c);
	desk_world_end(&w);
}

static void test_compiled_with_output(void **state)
{
	static const char body[] = "{\"code\":\"print\",\"language\":\"made\"}";
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "", 0);
	client_done(&c);
	c.ask.body = body;
	c.ask.len = strlen(body);
	client_submit(&c);
	desk_world_settle(&w);
	assert_string_equal(c.told, "queued compiling running result ");
	client_check_verdict(&c, "accepted");
	desk_world_end(&w);
}

static void test_output_is_told(void **state)
{
	struct desk_world w = { 0 };
	struct client c, late;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "print", 1);
	client_submit(&c);
	desk_world_settle(&w);
	assert_string_equal(c.told, "queued running output case result ");
	client_check_verdict(&c, "wrong_answer");
	client_make(&late, &w, "", 0);
	client_watch(&late, client_job(&c), 2);
	desk_world_settle(&w);
	assert_string_equal(late.told, "output case result ");
	client_watch(&late, client_job(&c), 5); /* the result is told again, always */
	desk_world_settle(&w);
	assert_string_equal(late.told, "result ");
	client_done(&c);
	client_done(&late);
	desk_world_end(&w);
}

static void test_quiet_jobs_tell_the_result_only(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "print", 3);
	c.ask.quiet = true;
	client_submit(&c);
	desk_world_settle(&w);
	assert_string_equal(c.told, "result ");
	client_done(&c);
	desk_world_end(&w);
}

/* ---- refusals ---- */

static void test_refused_by_field_and_rule(void **state)
{
	static const char body[] = "{\"code\":\"\",\"language\":\"klingon\"}";
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "", 0);
	client_done(&c);
	c.ask.body = body;
	c.ask.len = strlen(body);
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.kind, DESK_REFUSED);
	assert_string_equal(c.answer.refusal.field, "language");
	c.ask.body = "{\"code\"";
	c.ask.len = 7;
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.kind, DESK_REFUSED);
	desk_world_end(&w);
}

static void test_too_large_and_caps_of_a_tenant(void **state)
{
	static const char body[] =
		"{\"code\":\"good\",\"language\":\"plain\",\"limits\":{\"cpu_ms\":2000}}";
	struct desk_world w = { .config = { .body_bytes_max = 100 } };
	struct limits caps = { .cpu_ms = 1000 };
	struct client c, large;

	desk_world_make(&w, 1, NULL);
	client_make(&large, &w, "good", 9);
	client_submit(&large);
	desk_world_settle(&w);
	assert_int_equal(large.kind, DESK_REFUSED);
	assert_string_equal(large.answer.refusal.rule, "is larger than 100 bytes");
	client_make(&c, &w, "", 0);
	client_done(&c);
	c.ask.body = body;
	c.ask.len = strlen(body);
	c.tenant.caps = &caps;
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.kind, DESK_REFUSED);
	assert_string_equal(c.answer.refusal.field, "limits.cpu_ms");
	caps.cpu_ms = 2000;
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.kind, DESK_ACCEPTED);
	client_done(&large);
	desk_world_end(&w);
}

static void test_no_journal_no_promise(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "good", 1);
	c.ask.durable = true;
	client_submit(&c);
	desk_world_settle(&w);
	assert_int_equal(c.kind, DESK_NO_STORE);
	assert_int_equal(c.answer.err.code, -ENOTSUP);
	assert_int_equal(w.orders, 0);
	client_done(&c);
	desk_world_end(&w);
}

/* ---- keys ---- */

static void test_a_key_makes_one_job(void **state)
{
	struct desk_world w = { 0 };
	struct client a, again, other_body, other_tenant;

	desk_world_make(&w, 1, NULL);
	client_make(&a, &w, "good", 1);
	client_make(&again, &w, "good", 1);
	client_make(&other_body, &w, "good", 2);
	client_make(&other_tenant, &w, "good", 2);
	a.ask.key = again.ask.key = other_body.ask.key = other_tenant.ask.key = "k";
	other_tenant.tenant.name = "other";
	client_submit(&a);
	client_submit(&again);
	client_submit(&other_body);
	client_submit(&other_tenant);
	desk_world_settle(&w);
	assert_int_equal(again.kind, DESK_KNOWN);
	assert_string_equal(again.id, a.id);
	assert_string_equal(again.last_json, a.last_json);
	assert_int_equal(other_body.kind, DESK_CONFLICT);
	assert_int_equal(other_tenant.kind, DESK_ACCEPTED);
	assert_int_equal(w.orders, 3);
	client_done(&a);
	client_done(&again);
	client_done(&other_body);
	client_done(&other_tenant);
	desk_world_end(&w);
}

/* ---- whose job ---- */

static bool looked_up;
static struct desk_job *looked_up_job;

static void on_lookup(void *user, const struct desk_answer *a)
{
	looked_up = true;
	looked_up_job = a->job;
}

static void test_others_cannot_tell(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "hold", 1);
	c.tenant.name = "a";
	client_submit(&c);
	desk_world_settle(&w);
	assert_non_null(desk_local_find(w.desk, "a", c.id));
	assert_null(desk_local_find(w.desk, "b", c.id));
	assert_int_equal(desk_lookup(w.desk, "b", c.id, on_lookup, &w), 0);
	assert_false(looked_up);
	desk_world_settle(&w);
	assert_true(looked_up);
	assert_null(looked_up_job);
	assert_int_equal(desk_lookup(w.desk, "a", c.id, on_lookup, &w), 0);
	desk_world_settle(&w);
	assert_non_null(looked_up_job);
	client_done(&c);
	desk_world_end(&w);
}

/* ---- cancelling ---- */

static void test_cancel_kills_and_tells(void **state)
{
	struct desk_world w = { 0 };
	struct client running, waiting;

	desk_world_make(&w, 1, NULL);
	client_make(&running, &w, "hold", 2);
	client_make(&waiting, &w, "good", 2);
	client_submit(&running);
	client_submit(&waiting);
	desk_world_settle(&w);
	assert_int_equal(desk_job_state(client_job(&running), NULL), DESK_RUNNING);
	assert_int_equal(desk_job_state(client_job(&waiting), NULL), DESK_WAITING);
	desk_cancel(client_job(&waiting));
	desk_cancel(client_job(&running));
	desk_cancel(client_job(&running));
	assert_false(running.over);
	desk_world_settle(&w);
	client_check_verdict(&running, "internal_error");
	client_check_verdict(&waiting, "skipped");
	assert_int_equal(w.orders, 1);
	assert_int_equal(fake_running(w.backend), 0);
	client_done(&running);
	client_done(&waiting);
	desk_world_end(&w);
}

/* A client that goes away takes his job with him, unless somebody else waits for it. */
static void test_a_client_that_goes_away(void **state)
{
	struct desk_world w = { 0 };
	struct client a, b;

	desk_world_make(&w, 1, NULL);
	client_make(&a, &w, "hold", 1);
	client_make(&b, &w, "hold", 1);
	a.ask.key = b.ask.key = "k";
	client_submit(&a);
	client_submit(&b);
	desk_world_settle(&w);
	desk_unwatch(a.watch, true);
	desk_world_settle(&w);
	assert_int_equal(fake_running(w.backend), 1);
	desk_unwatch(b.watch, true);
	desk_world_settle(&w);
	assert_int_equal(fake_running(w.backend), 0);
	assert_false(a.over || b.over); /* nobody is told any more */
	client_done(&a);
	client_done(&b);
	desk_world_end(&w);
}

static void test_forget_before_the_answer(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, NULL);
	client_make(&c, &w, "hold", 1);
	client_submit(&c);
	desk_forget(w.desk, &c);
	desk_world_settle(&w);
	assert_false(c.answered);
	assert_int_equal(w.orders, 0);
	client_done(&c);
	desk_world_end(&w);
}

static struct client *to_unwatch;

static void unwatch_at_once(void *user, const struct desk_event *event)
{
	struct client *c = user;

	c->events++;
	desk_unwatch(c->watch, false);
	if (to_unwatch)
		desk_unwatch(to_unwatch->watch, false);
	to_unwatch = NULL;
}

static void test_unwatch_from_within(void **state)
{
	struct desk_world w = { 0 };
	struct client a, b;

	desk_world_make(&w, 1, NULL);
	client_make(&a, &w, "good", 3);
	client_make(&b, &w, "", 0);
	a.watches = false;
	client_submit(&a);
	while (!a.answered)
		sd_event_run(w.loop, 0);
	a.watch = desk_watch(client_job(&a), 0, unwatch_at_once, &a);
	client_watch(&b, client_job(&a), 0);
	to_unwatch = &b;
	desk_world_settle(&w);
	assert_int_equal(a.events, 1);
	assert_int_equal(b.events, 0);
	client_done(&a);
	client_done(&b);
	desk_world_end(&w);
}

/* ---- the end of the service ---- */

static void on_empty(void *user)
{
	*(bool *)user = true;
}

static void test_drain(void **state)
{
	struct desk_world w = { 0 };
	struct client a, b;

	desk_world_make(&w, 1, NULL);
	client_make(&a, &w, "hold", 1);
	client_make(&b, &w, "good", 1);
	client_submit(&a);
	desk_world_settle(&w);
	desk_drain(w.desk, on_empty, &w.empty);
	client_submit(&b);
	desk_world_settle(&w);
	assert_int_equal(b.kind, DESK_DRAINING);
	assert_false(w.empty);
	fake_release(w.backend);
	desk_world_settle(&w);
	assert_true(w.empty);
	client_check_verdict(&a, "accepted");
	client_done(&a);
	client_done(&b);
	desk_world_end(&w);
}

static void test_end_with_everything_under_way(void **state)
{
	struct desk_world w = { 0 };
	struct client c[4];

	desk_world_make(&w, 1, NULL);
	for (int i = 0; i < 4; i++) {
		client_make(&c[i], &w, i ? "hold" : "good", 1);
		client_submit(&c[i]);
		if (i < 3)
			desk_world_settle(&w);
	}
	desk_world_end(&w);
	for (int i = 0; i < 4; i++)
		client_done(&c[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_ask_to_result),
		cmocka_unit_test(test_compiled_with_output),
		cmocka_unit_test(test_output_is_told),
		cmocka_unit_test(test_quiet_jobs_tell_the_result_only),
		cmocka_unit_test(test_refused_by_field_and_rule),
		cmocka_unit_test(test_too_large_and_caps_of_a_tenant),
		cmocka_unit_test(test_no_journal_no_promise),
		cmocka_unit_test(test_a_key_makes_one_job),
		cmocka_unit_test(test_others_cannot_tell),
		cmocka_unit_test(test_cancel_kills_and_tells),
		cmocka_unit_test(test_a_client_that_goes_away),
		cmocka_unit_test(test_forget_before_the_answer),
		cmocka_unit_test(test_unwatch_from_within),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_end_with_everything_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
