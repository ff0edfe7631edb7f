/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power cuts as clients see them: the desk of a service on a disk that loses what was not synced (power_disk.h).
 * After each cut a new life takes up what is left: who was told that his job is accepted gets one result, who was told a
 * result gets the same again, and what is over is not run a second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_world.h"
#include "power_disk.h"
#include "power_place.h"

#define CLIENTS 24u
#define PER_LIFE 8u
#define NEVER SIZE_MAX

struct fate { /* when he was told; NEVER */
	size_t accepted, over;
	char id[DESK_ID_BYTES], key[16], result[sizeof(((struct client *)0)->last_json)];
};

static struct client clients[CLIENTS];
static struct fate fates[CLIENTS];
static struct power_place place;
static bool found;
static struct client *finder;

static void recover(struct desk_world *w)
{
	struct err err = ERR_INIT;

	desk_world_make(w, 2, place.path);
	if (desk_local_recover(w->desk, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *code_of(unsigned n)
{
	static const char *const codes[] = { "good", "print", "exit1" };

	return codes[n % 3];
}

static const char *verdict_due(unsigned n)
{
	static const char *const verdicts[] = { "accepted", "wrong_answer", "runtime_error" };

	return verdicts[n % 3];
}

static void ask(struct desk_world *w, struct client *c, unsigned n)
{
	client_make(c, w, code_of(n), 1);
	snprintf(fates[n].key, sizeof(fates[n].key), "key%u", n);
	c->ask.durable = true;
	c->ask.key = fates[n].key;
	client_submit(c);
}

/* ---- a life that is written down ---- */

static void note_what_was_told(void)
{
	for (unsigned n = 0; n < CLIENTS; n++) {
		const struct client *c = &clients[n];
		struct fate *f = &fates[n];

		if (c->answered && f->accepted == NEVER) {
			assert_int_equal(c->kind, DESK_ACCEPTED);
			f->accepted = power_disk_now();
			snprintf(f->id, sizeof(f->id), "%s", c->id);
		}
		if (c->over && f->over == NEVER) {
			f->over = power_disk_now();
			snprintf(f->result, sizeof(f->result), "%s", c->last_json);
		}
	}
}

/* Each life ends with some of its jobs under way. */
static void live(unsigned from, unsigned to)
{
	struct desk_world w = { 0 };

	recover(&w);
	for (unsigned n = from; n < to; n++) {
		ask(&w, &clients[n], n);
		for (unsigned turns = 0; turns < n % 5; turns++) {
			assert_true(sd_event_run(w.loop, 10000) >= 0);
			note_what_was_told();
		}
	}
	while (!clients[to - 3].over) {
		assert_true(sd_event_run(w.loop, 100000) >= 0);
		note_what_was_told();
	}
	desk_world_end(&w);
}

static void record(void)
{
	memset(clients, 0, sizeof(clients));
	for (unsigned n = 0; n < CLIENTS; n++)
		fates[n] = (struct fate){ .accepted = NEVER, .over = NEVER };
	power_place_make(&place);
	power_disk_begin(NULL);
	for (unsigned n = 0; n < CLIENTS; n += PER_LIFE)
		live(n, n + PER_LIFE);
	power_disk_end();
	assert_int_equal(power_place_remove(&place), 0);
	for (unsigned n = 0; n < CLIENTS; n++)
		client_done(&clients[n]);
}

/* ---- the life after ---- */

static void on_lookup(void *user, const struct desk_answer *answer)
{
	found = true;
	if (answer->job)
		client_watch(finder, answer->job, 0);
}

static void check_client(struct desk_world *w, unsigned n, size_t cut)
{
	const struct fate *f = &fates[n];
	struct client late;

	client_make(&late, w, "", 0);
	found = false;
	finder = &late;
	assert_int_equal(desk_lookup(w->desk, "", f->id, on_lookup, w), 0);
	desk_world_wait(w, &found);
	if (!late.watch)
		fail_msg("cut after %zu: the job of client %u is lost", cut, n);
	desk_world_wait(w, &late.over);
	if (f->over <= cut && strcmp(late.last_json, f->result) != 0)
		fail_msg("cut after %zu: client %u was told %s, and now %s", cut, n, f->result,
			 late.last_json);
	client_check_verdict(&late, verdict_due(n));
	desk_unwatch(late.watch, false);
	client_done(&late);
}

/* Asks again with the key of the first time, as clients do that got no answer. */
static void ask_again(struct desk_world *w, unsigned n, size_t cut)
{
	struct client again;

	ask(w, &again, n);
	desk_world_wait(w, &again.over);
	if (fates[n].accepted <= cut)
		assert_true(again.kind == DESK_KNOWN && strcmp(again.id, fates[n].id) == 0);
	else
		assert_true(again.kind == DESK_KNOWN || again.kind == DESK_ACCEPTED);
	desk_unwatch(again.watch, false);
	client_done(&again);
}

static void check_cut(size_t cut, enum power_loss loss)
{
	struct desk_world w = { 0 };
	unsigned over = 0;

	power_place_make(&place);
	power_disk_cut(cut, loss, cut + 1, place.dir);
	recover(&w);
	for (unsigned n = 0; n < CLIENTS; n++) {
		over += fates[n].over <= cut;
		if (fates[n].accepted <= cut)
			check_client(&w, n, cut);
	}
	for (unsigned n = 0; n < CLIENTS; n++)
		ask_again(&w, n, cut);
	assert_in_range(w.orders, 0, CLIENTS - over); /* each job of the others once, none twice */
	desk_world_end(&w);
	assert_int_equal(power_place_remove(&place), 0);
}

static void test_clients_see_each_job_once_after_a_power_cut(void **state)
{
	size_t cuts = 0;

	record();
	for (size_t at = 0; at < power_disk_now(); at++) {
		if (!power_disk_synced_at(at))
			continue;
		check_cut(at, POWER_LOSE_SOME);
		check_cut(at + 1, POWER_LOSE_ALL);
		cuts++;
	}
	assert_true(cuts > 30);
	power_disk_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients_see_each_job_once_after_a_power_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
