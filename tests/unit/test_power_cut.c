/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power cuts, simulated: a journal's whole life is written down by a disk that can lose what was not synced
 * (power_disk.h), and then opened as each cut leaves it, just before and just after every sync.  What was not synced by then
 * is gone, or there in part, torn, as chance has it.  Whatever was told before the cut must hold after it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/journal.h"
#include "power_disk.h"
#include "power_place.h"

#define JOBS 112u
#define SMALL_JOBS 32u /* in four lives; then one life in which the log of SQLite is begun anew */
#define BIG_BYTES 60000u
#define NEVER SIZE_MAX
#define GROUP 4u

struct fate { /* when its client was told; NEVER */
	size_t accepted, begun, ended;
	bool asked, end_asked;
};

struct finding {
	unsigned open, over; /* how often it is there */
	unsigned tries;
	bool whole; /* its bytes are those that were given */
};

static sd_event *loop;
static struct fate fates[JOBS];
static struct finding findings[JOBS];
static unsigned awaited;
static struct power_place place;

static struct journal *open_journal(void)
{
	const struct journal_config c = {
		.loop = loop, .path = place.path, .keep_sec = 3600, .keep_bytes = 1ull << 30
	};
	struct journal *j = NULL;
	struct err err = ERR_INIT;

	return journal_open(&c, &j, &err) < 0 ? NULL : j;
}

static void wait_awaited(void)
{
	uint64_t until = clock_now_nsec() + 20 * NSEC_PER_SEC;

	while (awaited) {
		if (clock_now_nsec() > until)
			fail_msg("waited in vain");
		assert_true(sd_event_run(loop, 100000) >= 0);
	}
}

/* ---- what a job is ---- */

static size_t size_of(unsigned n)
{
	static const size_t sizes[] = { 0, 40, 900, 5000 };

	return n >= SMALL_JOBS ? BIG_BYTES : sizes[n % 4];
}

static char byte_of(unsigned n, size_t i)
{
	return (char)('a' + (n * 7 + i * i % 13) % 26);
}

static char *body_of(unsigned n)
{
	char *body = malloc(size_of(n) + 1);

	assert_non_null(body);
	for (size_t i = 0; i < size_of(n); i++)
		body[i] = byte_of(n, i);
	return body;
}

static bool is_body_of(unsigned n, const char *body, size_t len)
{
	if (len != size_of(n))
		return false;
	for (size_t i = 0; i < len; i++)
		if (body[i] != byte_of(n, i))
			return false;
	return true;
}

static int result_of(unsigned n, char text[static 64])
{
	return snprintf(text, 64, "{\"of\":%u,\"half\":%u}", n, n / 2);
}

/* ---- a life that is written down ---- */

/* In the order of the calls: what is told now was written before. */
static void on_told(void *user, int result, const struct journal_entry *e)
{
	assert_int_equal(result, 0);
	*(size_t *)user = power_disk_now();
	awaited--;
}

static void accept_one(struct journal *j, unsigned n)
{
	char id[16], key[16] = "";
	char *body = body_of(n);
	const struct journal_entry e = { .id = id,
					 .tenant = "t",
					 .key = key,
					 .trace = "",
					 .body = body,
					 .body_len = size_of(n) };

	snprintf(id, sizeof(id), "%u", n);
	if (n % 3 == 0)
		snprintf(key, sizeof(key), "key%u", n);
	awaited++;
	fates[n].asked = true;
	assert_int_equal(journal_accept(j, &e, on_told, &fates[n].accepted), 0);
	free(body);
}

static void begin_one(struct journal *j, unsigned n)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", n);
	awaited++;
	assert_int_equal(journal_begin(j, id, on_told, &fates[n].begun), 0);
}

static void end_one(struct journal *j, unsigned n)
{
	char id[16], result[64];
	int len = result_of(n, result);

	snprintf(id, sizeof(id), "%u", n);
	awaited++;
	fates[n].end_asked = true;
	assert_int_equal(journal_end(j, id, result, (size_t)len, on_told, &fates[n].ended), 0);
}

/* Some in groups, some alone; of four jobs one only waits, one has begun, two end. */
static void live(struct journal *j, unsigned from, unsigned to)
{
	for (unsigned n = from; n < to; n++) {
		accept_one(j, n);
		if (n % GROUP != 1)
			wait_awaited();
		if (n % 4)
			begin_one(j, n);
		if (n % 4 > 1)
			end_one(j, n);
		if (n % GROUP == 3)
			wait_awaited();
	}
	wait_awaited();
}

static void record(const char *lies)
{
	struct journal *j;

	for (unsigned n = 0; n < JOBS; n++)
		fates[n] = (struct fate){ .accepted = NEVER, .begun = NEVER, .ended = NEVER };
	power_place_make(&place);
	power_disk_begin(lies);
	for (unsigned n = 0; n < SMALL_JOBS; n += SMALL_JOBS / 4) {
		j = open_journal();
		assert_non_null(j);
		live(j, n, n + SMALL_JOBS / 4);
		journal_close(j);
	}
	j = open_journal();
	assert_non_null(j);
	live(j, SMALL_JOBS, JOBS);
	power_disk_end();
	journal_close(j);
	assert_int_equal(power_place_remove(&place), 0);
}

/* ---- what is found ---- */

static int on_open(void *user, const struct journal_entry *e)
{
	unsigned n = (unsigned)strtoul(e->id, NULL, 10);

	assert_true(n < JOBS);
	findings[n].open++;
	findings[n].tries = e->tries;
	findings[n].whole = is_body_of(n, e->body, e->body_len);
	return 0;
}

static void on_found(void *user, int result, const struct journal_entry *e)
{
	struct finding *f = user;
	unsigned n = (unsigned)(f - findings);
	char text[64];

	awaited--;
	if (result < 0 || !e->result)
		return;
	f->over++;
	f->whole = (int)e->result_len == result_of(n, text) &&
		   memcmp(e->result, text, e->result_len) == 0;
}

static bool holds(unsigned n, size_t cut)
{
	const struct fate *fate = &fates[n];
	const struct finding *f = &findings[n];

	if (f->open + f->over > 1 || (f->open + f->over == 0 && fate->accepted <= cut))
		return false; /* doubled, or lost */
	if (f->open + f->over == 1 && (!fate->asked || !f->whole))
		return false;
	if (fate->ended <= cut && !f->over)
		return false; /* it would be run again */
	return !f->open || (f->tries <= 1 && (fate->begun > cut || f->tries == 1));
}

static bool still_takes(struct journal *j)
{
	const struct journal_entry e = {
		.id = "later", .tenant = "t", .key = "", .trace = "", .body = ""
	};
	size_t told = NEVER;

	awaited++;
	if (journal_accept(j, &e, on_told, &told) < 0)
		return false;
	wait_awaited();
	return told != NEVER;
}

/* How many jobs are not as they were told to be; ~0: there is no sound journal. */
static unsigned look(size_t cut)
{
	struct journal *j = open_journal();
	struct err err = ERR_INIT;
	unsigned wrong = 0;
	char id[16];

	if (!j)
		return ~0u;
	memset(findings, 0, sizeof(findings));
	if (journal_each_open(j, on_open, NULL, &err) < 0)
		wrong = ~0u;
	for (unsigned n = 0; n < JOBS; n++) {
		snprintf(id, sizeof(id), "%u", n);
		awaited++;
		assert_int_equal(journal_find(j, "t", id, on_found, &findings[n]), 0);
	}
	wait_awaited();
	for (unsigned n = 0; n < JOBS; n++)
		wrong += !holds(n, cut);
	if (!still_takes(j))
		wrong = ~0u;
	journal_close(j);
	return wrong;
}

static unsigned cut_and_look(size_t cut, enum power_loss loss, uint64_t seed)
{
	unsigned wrong;

	power_place_make(&place);
	power_disk_cut(cut, loss, seed, place.dir);
	wrong = look(cut);
	return power_place_remove(&place) ? ~0u : wrong;
}

static void check_cut(size_t cut, enum power_loss loss)
{
	unsigned wrong = cut_and_look(cut, loss, cut);

	if (wrong)
		fail_msg("cut after %zu things, loss %u: %u jobs are not as told", cut, loss,
			 wrong);
}

/* ---- tests ---- */

static void test_what_was_told_holds_after_a_power_cut(void **state)
{
	size_t things, syncs = 0;

	record(NULL);
	things = power_disk_now();
	for (size_t at = 0; at < things; at++) {
		if (!power_disk_synced_at(at))
			continue;
		check_cut(at, POWER_LOSE_ALL);
		check_cut(at, POWER_LOSE_SOME);
		check_cut(at + 1, at % 2 ? POWER_LOSE_SOME : POWER_LOSE_NONE);
		syncs++;
	}
	assert_true(syncs > 100);
	power_disk_forget();
}

/* The same on a disk whose syncs of the log are worth nothing: were nothing lost there, the test above would prove nothing. */
static void test_a_disk_that_lies_is_found_out(void **state)
{
	unsigned wrong;

	record("-wal");
	wrong = cut_and_look(power_disk_now(), POWER_LOSE_ALL, 1);
	assert_in_range(wrong, 1, JOBS);
	power_disk_forget();
}

static int set_up(void **state)
{
	return sd_event_new(&loop) >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	sd_event_unref(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_told_holds_after_a_power_cut),
		cmocka_unit_test(test_a_disk_that_lies_is_found_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
