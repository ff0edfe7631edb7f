/* SPDX-License-Identifier: Apache-2.0 */
/* Large bodies are read beside the loop: whatever happens meanwhile, each is answered once, as a small one would be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk_world.h"
#include "gate/desk/desk_private.h"

#define LARGE (2u << 20)

static char dir[64], path[96];

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/kodewar-desk-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/jobs.db", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void make_world(struct desk_world *w, const char *journal_path)
{
	*w = (struct desk_world){ .config = { .body_bytes_max = 16 << 20,
					      .queue_bytes = 20 << 20 } };
	desk_world_make(w, 1, journal_path);
}

/* Its code begins with this word. */
static void make_large(struct client *c, struct desk_world *w, const char *word)
{
	char *code = malloc(LARGE + 1);

	assert_non_null(code);
	memset(code, 'x', LARGE);
	memcpy(code, word, strlen(word));
	code[LARGE] = '\0';
	client_make(c, w, code, 1);
	free(code);
}

static struct local_job *only_job(struct desk_world *w)
{
	return TAILQ_FIRST(&local_desk(w->desk)->live);
}

static uint64_t queued_bytes(struct desk_world *w)
{
	struct desk_counts counts;

	desk_count(w->desk, &counts);
	return counts.queued_bytes;
}

static void test_it_is_judged_like_any_other(void **state)
{
	struct desk_world w;
	struct client c, small;

	make_world(&w, NULL);
	make_large(&c, &w, "print");
	client_submit(&c);
	assert_int_equal(only_job(&w)->stage, STAGE_DECODING);
	assert_true(queued_bytes(&w) >= LARGE); /* it counts from now on */
	assert_null(desk_local_find(w.desk, "", only_job(&w)->id));
	client_make(&small, &w, "good", 1);
	client_submit(&small);
	desk_world_wait(&w, &small.over);
	desk_world_wait(&w, &c.over);
	assert_int_equal(c.kind, DESK_ACCEPTED);
	assert_string_equal(c.told, "queued running output case result ");
	client_check_verdict(&small, "accepted");
	assert_int_equal(queued_bytes(&w), 0);
	client_done(&small);
	client_done(&c);
	desk_world_end(&w);
}

/* Both that asked with its key are told why. */
static void test_it_is_refused_like_any_other(void **state)
{
	struct desk_world w;
	struct client c[2];

	make_world(&w, NULL);
	for (int i = 0; i < 2; i++) {
		make_large(&c[i], &w, "good");
		memcpy(strstr((char *)(uintptr_t)c[i].ask.body, "plain"), "plate", 5);
		c[i].ask.key = "key";
		client_submit(&c[i]);
	}
	for (int i = 0; i < 2; i++) {
		desk_world_wait(&w, &c[i].answered);
		assert_int_equal(c[i].kind, DESK_REFUSED);
		assert_string_equal(c[i].answer.refusal.field, "language");
		client_done(&c[i]);
	}
	assert_int_equal(queued_bytes(&w), 0);
	assert_null(only_job(&w));
	desk_world_end(&w);
}

static void test_broken_json_is_refused(void **state)
{
	struct desk_world w;
	struct client c;

	make_world(&w, NULL);
	make_large(&c, &w, "good");
	c.ask.len -= 2;
	client_submit(&c);
	desk_world_wait(&w, &c.answered);
	assert_int_equal(c.kind, DESK_REFUSED);
	client_done(&c);
	desk_world_end(&w);
}

/* Its plan is more than may wait beside another: that is known when it was read. */
static void test_what_does_not_fit_is_refused_when_it_was_read(void **state)
{
	struct desk_world w = { .config = { .body_bytes_max = 16 << 20, .queue_bytes = 3 << 20 } };
	struct client busy, c;

	desk_world_make(&w, 1, NULL);
	client_make(&busy, &w, "hold", 1);
	client_submit(&busy);
	desk_world_settle(&w);
	make_large(&c, &w, "good");
	client_submit(&c);
	desk_world_wait(&w, &c.answered);
	assert_int_equal(c.kind, DESK_FULL);
	assert_true(c.answer.retry_after_sec > 0);
	assert_true(queued_bytes(&w) < LARGE);
	client_done(&busy);
	client_done(&c);
	desk_world_end(&w);
}

/* Who left is told nothing, and no box is made for him. */
static void test_its_client_leaves_meanwhile(void **state)
{
	struct desk_world w;
	struct client c, next;

	make_world(&w, NULL);
	make_large(&c, &w, "good");
	client_submit(&c);
	desk_forget(w.desk, &c);
	client_make(&next, &w, "good", 1);
	client_submit(&next);
	desk_world_wait(&w, &next.over);
	while (queued_bytes(&w))
		assert_true(sd_event_run(w.loop, 100000) >= 0);
	assert_false(c.answered);
	assert_int_equal(w.orders, 1);
	client_done(&next);
	client_done(&c);
	desk_world_end(&w);
}

static void test_the_service_ends_meanwhile(void **state)
{
	struct desk_world w;
	struct client c[3];

	make_world(&w, NULL);
	for (int i = 0; i < 3; i++) {
		make_large(&c[i], &w, "good");
		client_submit(&c[i]);
	}
	desk_world_end(&w);
	for (int i = 0; i < 3; i++)
		client_done(&c[i]);
}

static void on_empty(void *user)
{
	*(bool *)user = true;
}

/* What was promised is, and waits for the next life. */
static void test_a_drain_while_a_durable_one_is_read(void **state)
{
	struct desk_world w;
	struct client c, late;
	struct err err = ERR_INIT;

	make_world(&w, path);
	make_large(&c, &w, "good");
	c.ask.durable = true;
	client_submit(&c);
	desk_drain(w.desk, on_empty, &w.empty);
	desk_world_wait(&w, &w.empty);
	assert_int_equal(c.kind, DESK_ACCEPTED);
	assert_int_equal(w.orders, 0);
	desk_world_end(&w);
	make_world(&w, path);
	assert_int_equal(desk_local_recover(w.desk, &err), 0);
	client_make(&late, &w, "", 0);
	client_watch(&late, desk_local_find(w.desk, "", c.id), 0);
	desk_world_wait(&w, &late.over);
	client_check_verdict(&late, "accepted");
	client_done(&late);
	client_done(&c);
	desk_world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ONE(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
		ONE(test_it_is_judged_like_any_other),
		ONE(test_it_is_refused_like_any_other),
		ONE(test_broken_json_is_refused),
		ONE(test_what_does_not_fit_is_refused_when_it_was_read),
		ONE(test_its_client_leaves_meanwhile),
		ONE(test_the_service_ends_meanwhile),
		ONE(test_a_drain_while_a_durable_one_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
