/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that were promised: accepted when they are on disk, run again after a death, ended once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk_world.h"
#include "gate/desk/desk_private.h"

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

static void promise(struct client *c, struct desk_world *w, const char *code)
{
	client_make(c, w, code, 1);
	c->ask.durable = true;
	client_submit(c);
}

static void recover(struct desk_world *w)
{
	struct err err = ERR_INIT;

	if (desk_local_recover(w->desk, &err) < 0)
		fail_msg("%s", err.text);
}

/* The process dies: nothing is told, nothing written any more; what the disk has stays. */
static void die(struct desk_world *w)
{
	desk_world_end(w);
}

static bool found;
static struct client *finder;

static void on_lookup(void *user, const struct desk_answer *a)
{
	found = true;
	assert_int_equal(a->kind, a->job ? DESK_KNOWN : DESK_NONE);
	if (a->job)
		client_watch(finder, a->job, 0);
}

static void look(struct client *c, struct desk_world *w, const char *id)
{
	client_make(c, w, "", 0);
	found = false;
	finder = c;
	assert_int_equal(desk_lookup(w->desk, "", id, on_lookup, w), 0);
	desk_world_wait(w, &found);
}

/* ---- one life ---- */

static void test_accepted_when_on_disk(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, path);
	promise(&c, &w, "good");
	desk_world_wait(&w, &c.over);
	assert_int_equal(c.kind, DESK_ACCEPTED);
	assert_string_equal(c.told, "queued running case result ");
	client_check_verdict(&c, "accepted");
	client_done(&c);
	desk_world_end(&w);
}

static void test_a_result_outlives_memory_and_life(void **state)
{
	struct desk_world w = { .config = { .kept_bytes = 1 } };
	struct client c, late;
	char first[sizeof(c.last_json)];

	desk_world_make(&w, 1, path);
	promise(&c, &w, "good");
	desk_world_wait(&w, &c.over);
	strcpy(first, c.last_json);
	desk_unwatch(c.watch, false);
	desk_world_settle(&w);
	assert_null(client_job(&c)); /* forgotten */
	look(&late, &w, c.id);
	desk_world_wait(&w, &late.over);
	assert_string_equal(late.last_json, first);
	client_done(&late);
	die(&w);
	desk_world_make(&w, 1, path);
	recover(&w);
	look(&late, &w, c.id);
	desk_world_wait(&w, &late.over);
	assert_string_equal(late.last_json, first);
	assert_int_equal(w.orders, 0);
	client_done(&late);
	client_done(&c);
	desk_world_end(&w);
}

static void test_a_key_holds_over_lives(void **state)
{
	struct desk_world w = { 0 };
	struct client a, b, other;

	desk_world_make(&w, 1, path);
	client_make(&a, &w, "good", 1);
	a.ask.durable = true;
	a.ask.key = "key";
	client_submit(&a);
	client_make(&b, &w, "good", 1); /* before the first one is answered */
	b.ask.durable = true;
	b.ask.key = "key";
	client_submit(&b);
	desk_world_wait(&w, &a.over);
	desk_world_wait(&w, &b.over);
	assert_int_equal(b.kind, DESK_KNOWN);
	assert_string_equal(a.id, b.id);
	die(&w);
	desk_world_make(&w, 1, path);
	recover(&w);
	client_submit(&b);
	desk_world_wait(&w, &b.answered);
	assert_int_equal(b.kind, DESK_KNOWN);
	assert_string_equal(a.id, b.id);
	desk_world_wait(&w, &b.over);
	assert_string_equal(a.last_json, b.last_json);
	client_make(&other, &w, "good", 2);
	other.ask.durable = true;
	other.ask.key = "key";
	client_submit(&other);
	desk_world_wait(&w, &other.answered);
	assert_int_equal(other.kind, DESK_CONFLICT);
	assert_int_equal(w.orders, 0);
	client_done(&a);
	client_done(&b);
	client_done(&other);
	desk_world_end(&w);
}

/* One key, a journalled job of an earlier life and one in memory: each is found, neither takes the other away. */
static void test_a_key_in_memory_and_in_the_journal(void **state)
{
	struct desk_world w = { 0 };
	struct client old, now, late;

	desk_world_make(&w, 1, path);
	client_make(&old, &w, "good", 1);
	old.ask.durable = true;
	old.ask.key = "key";
	client_submit(&old);
	desk_world_wait(&w, &old.over);
	die(&w);
	desk_world_make(&w, 1, path);
	recover(&w);
	client_make(&now, &w, "print", 1);
	now.ask.key = "key";
	client_submit(&now);
	desk_world_wait(&w, &now.over);
	assert_int_equal(now.kind, DESK_ACCEPTED);
	look(&late, &w, old.id);
	desk_world_wait(&w, &late.over);
	assert_string_equal(late.last_json, old.last_json);
	desk_unwatch(late.watch, false);
	client_submit(&now);
	desk_world_wait(&w, &now.answered);
	assert_int_equal(now.kind, DESK_KNOWN);
	client_done(&late);
	client_done(&old);
	client_done(&now);
	desk_world_end(&w);
}

/* Nobody was told its id: it is not there until it is on disk. */
static void test_what_is_being_stored_is_not_found(void **state)
{
	struct desk_world w = { 0 };
	struct client c;
	struct local_job *j;

	desk_world_make(&w, 1, path);
	promise(&c, &w, "good");
	j = TAILQ_FIRST(&local_desk(w.desk)->live);
	assert_non_null(j);
	assert_null(desk_local_find(w.desk, "", j->id));
	desk_world_wait(&w, &c.over);
	assert_non_null(client_job(&c));
	client_done(&c);
	desk_world_end(&w);
}

/* ---- several lives ---- */

static void test_run_again_three_times_at_most(void **state)
{
	struct desk_world w = { 0 };
	struct client c, late;

	desk_world_make(&w, 1, path);
	promise(&c, &w, "hold");
	desk_world_wait(&w, &c.answered);
	while (fake_running(w.backend) == 0)
		sd_event_run(w.loop, 1000);
	for (int life = 2; life <= 3; life++) {
		die(&w);
		desk_world_make(&w, 1, path);
		recover(&w);
		assert_int_equal(desk_job_state(client_job(&c), NULL), DESK_WAITING);
		while (fake_running(w.backend) == 0) /* its try is on disk before its box is made */
			sd_event_run(w.loop, 1000);
	}
	die(&w);
	desk_world_make(&w, 1, path);
	recover(&w);
	look(&late, &w, c.id);
	desk_world_wait(&w, &late.over);
	assert_int_equal(w.orders, 0);
	client_check_verdict(&late, "internal_error");
	assert_non_null(strstr(late.last_json, "begun 3 times"));
	client_done(&late);
	client_done(&c);
	desk_world_end(&w);
}

/* Waiting is no try: restarts while the queue is long cost nobody anything. */
static void test_waiting_is_no_try(void **state)
{
	struct desk_world w = { 0 };
	struct client busy, c, late;

	desk_world_make(&w, 1, path);
	promise(&busy, &w, "hold");
	desk_world_wait(&w, &busy.answered);
	while (fake_running(w.backend) == 0)
		sd_event_run(w.loop, 1000);
	promise(&c, &w, "good");
	desk_world_wait(&w, &c.answered);
	for (int life = 0; life < 5; life++) {
		die(&w);
		desk_world_make(&w, 1, path);
	}
	recover(&w);
	while (!fake_release(w.backend))
		sd_event_run(w.loop, 1000);
	look(&late, &w, c.id);
	desk_world_wait(&w, &late.over);
	client_check_verdict(&late, "accepted");
	client_done(&late);
	client_done(&busy);
	client_done(&c);
	desk_world_end(&w);
}

/* The host fails, not the program: tried again, and told only when it fails three times. */
static void test_a_broken_host_is_tried_again(void **state)
{
	struct desk_world w = { 0 };
	struct client c;

	desk_world_make(&w, 1, path);
	promise(&c, &w, "broken");
	desk_world_wait(&w, &c.over);
	assert_int_equal(w.orders, 3);
	client_check_verdict(&c, "internal_error");
	client_done(&c);
	desk_world_end(&w);
}

static void on_empty(void *user)
{
	*(bool *)user = true;
}

static void test_drained_jobs_wait_for_the_next_life(void **state)
{
	struct desk_world w = { 0 };
	struct client running, waiting, late;

	desk_world_make(&w, 1, path);
	promise(&running, &w, "hold");
	desk_world_wait(&w, &running.answered);
	while (fake_running(w.backend) == 0)
		sd_event_run(w.loop, 1000);
	promise(&waiting, &w, "good");
	desk_world_wait(&w, &waiting.answered);
	desk_drain(w.desk, on_empty, &w.empty);
	desk_world_settle(&w);
	assert_false(w.empty || waiting.over);
	fake_release(w.backend);
	desk_world_wait(&w, &w.empty);
	client_check_verdict(&running, "accepted");
	assert_int_equal(w.orders, 1);
	die(&w);
	desk_world_make(&w, 1, path);
	recover(&w);
	look(&late, &w, waiting.id);
	desk_world_wait(&w, &late.over);
	client_check_verdict(&late, "accepted");
	client_done(&late);
	client_done(&running);
	client_done(&waiting);
	desk_world_end(&w);
}

static void test_cancelled_for_good(void **state)
{
	struct desk_world w = { 0 };
	struct client c, late;

	desk_world_make(&w, 1, path);
	promise(&c, &w, "hold");
	desk_world_wait(&w, &c.answered);
	desk_unwatch(c.watch, true); /* a durable job goes on */
	while (fake_running(w.backend) == 0)
		sd_event_run(w.loop, 1000);
	desk_cancel(client_job(&c));
	look(&late, &w, c.id);
	desk_world_wait(&w, &late.over);
	client_check_verdict(&late, "internal_error");
	die(&w);
	desk_world_make(&w, 1, path);
	recover(&w);
	desk_world_settle(&w);
	assert_int_equal(w.orders, 0);
	client_done(&late);
	client_done(&c);
	desk_world_end(&w);
}

/* ---- kill -9 ---- */

/* A whole service, which tells by a pipe whom it accepted. Every third job takes a while. */
static void serve_until_killed(int out, unsigned life)
{
	struct desk_world w = { 0 };
	struct client *c;

	desk_world_make(&w, 2, path);
	recover(&w);
	for (unsigned n = 0;; n++) {
		c = calloc(1, sizeof(*c));
		client_make(c, &w, n % 3 ? "good" : "print", 2);
		c->ask.durable = true;
		client_submit(c);
		desk_world_wait(&w, &c->answered);
		if (c->kind == DESK_ACCEPTED && write(out, c->id, sizeof(c->id)) < 0)
			_exit(1);
		if (n % 2)
			sd_event_run(w.loop, 0);
	}
}

#define LIVES 6

/* Whoever was told that his job is accepted finds one result, however often the service dies. */
static void test_nothing_is_lost(void **state)
{
	static char ids[20000][DESK_ID_BYTES];
	struct desk_world w = { 0 };
	struct client late;
	unsigned n = 0;

	for (unsigned life = 0; life < LIVES; life++) {
		int fds[2];
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0)
			serve_until_killed(fds[1], life);
		close(fds[1]);
		for (unsigned i = 0; i < 20 + life; i++)
			if (read(fds[0], ids[n], sizeof(ids[n])) == sizeof(ids[n]))
				n++;
		usleep(life * 700);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (n < 20000 && read(fds[0], ids[n], sizeof(ids[n])) == sizeof(ids[n]))
			n++;
		close(fds[0]);
	}
	assert_in_range(n, LIVES * 20, 19999);
	desk_world_make(&w, 2, path);
	recover(&w);
	for (unsigned i = 0; i < n; i++) {
		look(&late, &w, ids[i]);
		assert_non_null(late.watch);
		desk_world_wait(&w, &late.over);
		assert_null(strstr(late.last_json, "\"verdict\":\"internal_error\""));
		desk_unwatch(late.watch, false);
		client_done(&late);
	}
	desk_world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ONE(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
		ONE(test_accepted_when_on_disk),
		ONE(test_a_result_outlives_memory_and_life),
		ONE(test_a_key_holds_over_lives),
		ONE(test_a_key_in_memory_and_in_the_journal),
		ONE(test_what_is_being_stored_is_not_found),
		ONE(test_run_again_three_times_at_most),
		ONE(test_waiting_is_no_try),
		ONE(test_a_broken_host_is_tried_again),
		ONE(test_drained_jobs_wait_for_the_next_life),
		ONE(test_cancelled_for_good),
		ONE(test_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
