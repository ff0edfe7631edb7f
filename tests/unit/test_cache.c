/* SPDX-License-Identifier: Apache-2.0 */
/* What is compiled once is not compiled twice, and nothing else is taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/cache.h"
#include "engine_world.h"

static const struct cache_config config = { .max_bytes = 1 << 20, .max_entries = 8, .tree = "t" };
static const char *const argv[] = { "/usr/bin/cc", "-O2", NULL };
static const char *const other_argv[] = { "/usr/bin/cc", "-O2", "", NULL };
static const char *const joined_argv[] = { "/usr/bin/cc-O2", NULL };
static const struct plan_file file = { .name = "main.c", .content = { "int main;", 9 } };

/* ---- keys ---- */

static void key_for(const char *tenant, const struct cache *c, const struct plan_step *step,
		    unsigned char *key)
{
	const struct language language = { .name = "c" };
	const struct plan plan = { .language = &language, .steps = step, .nsteps = 1 };

	cache_key(c, tenant, &plan, step, key);
}

static void key_of(const struct cache *c, const struct plan_step *step, unsigned char *key)
{
	key_for("", c, step, key);
}

/* Each thing that a compiler could see makes another key. */
static void test_keys(void **state)
{
	struct plan_file content = file, name = file, mode = file;
	struct plan_step base = { .kind = STEP_COMPILE,
				  .argv = argv,
				  .envp = argv,
				  .artefact = "a.out",
				  .cwd = "/box",
				  .files = &file,
				  .nfiles = 1,
				  .limits = limits_default };
	struct plan_step all[10];
	unsigned char keys[10][CACHE_KEY_BYTES], again[CACHE_KEY_BYTES];
	struct cache *c = cache_new(&config);
	struct cache *other_tree =
		cache_new(&(struct cache_config){ .max_bytes = 1, .tree = "another" });

	for (int i = 0; i < 10; i++)
		all[i] = base;
	content.content.data = "int mian;";
	name.name = "main.h";
	mode.mode = 0755;
	all[1].argv = other_argv;
	all[2].argv = joined_argv;
	all[3].envp = other_argv;
	all[4].files = &content;
	all[5].files = &name;
	all[6].files = &mode;
	all[7].limits.memory_kb++;
	all[8].nfiles = 0;
	for (int i = 0; i < 9; i++)
		key_of(c, &all[i], keys[i]);
	key_of(other_tree, &base, keys[9]);
	key_of(c, &base, again);
	assert_memory_equal(keys[0], again, sizeof(again));
	key_for("alice", c, &base, again);
	assert_memory_not_equal(keys[0], again, sizeof(again));
	for (int i = 0; i < 10; i++)
		for (int k = 0; k < i; k++)
			assert_memory_not_equal(keys[i], keys[k], CACHE_KEY_BYTES);
	cache_free(c);
	cache_free(other_tree);
}

/* ---- bounds ---- */

static bool has(struct cache *c, unsigned char n)
{
	const unsigned char key[CACHE_KEY_BYTES] = { n };
	struct cache_entry e;

	return cache_find(c, key, &e);
}

static void put(struct cache *c, unsigned char n, size_t bytes, bool sealed)
{
	const unsigned char key[CACHE_KEY_BYTES] = { n };
	static char data[100000];
	int fd = sealed ? fd_sealed_memfd("a", data, bytes) : dup(0);

	cache_put(c, key,
		  &(struct cache_entry){ .artefact_fd = fd, .out = TEXT("said"), .err = TEXT("") });
	close(fd);
}

static void test_bounds_and_order(void **state)
{
	const struct cache_config small = { .max_bytes = 250000, .max_entries = 3, .tree = "" };
	int before = next_free_fd();
	struct cache *c = cache_new(&small);
	struct cache_counts counts;

	put(c, 1, 10, true);
	put(c, 2, 10, true);
	put(c, 3, 10, true);
	assert_true(has(c, 1)); /* used: 2 is the oldest now */
	put(c, 4, 10, true);
	assert_true(has(c, 1) && !has(c, 2) && has(c, 3) && has(c, 4));
	put(c, 5, 100000, true);
	put(c, 6, 100000, true);
	put(c, 7, 100000, true); /* three of these are too much */
	assert_true(!has(c, 5) && has(c, 6) && has(c, 7));
	put(c, 8, 10, false); /* what somebody could change is not kept */
	assert_false(has(c, 8));
	cache_count(c, &counts);
	assert_int_equal(counts.entries, 2);
	assert_in_range(counts.bytes, 200000, 250000);
	cache_free(c);
	assert_int_equal(next_free_fd(), before);
}

/* ---- in the engine ---- */

static void script_says(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->kind == STEP_COMPILE)
		end->err = TEXT("warning");
}

static void script_bad_compile(struct world *w, const struct backend_order *o, struct fake_end *end)
{
	if (o->step->kind != STEP_COMPILE)
		return;
	end->artefact = false;
	fake_end_exit(end, 1);
}

static struct submission *run_one(struct world *w, const char *id, bool fresh)
{
	static const char *const words[] = { "/bin/cc", NULL };
	struct submission *s = submission_make(w, 2, true);

	s->steps[0].argv = s->steps[0].envp = words;
	s->request.fresh = fresh;
	submission_submit(s, id);
	world_finish(w);
	return s;
}

static void test_compiled_once(void **state)
{
	int before = next_free_fd();
	struct submission *s[3];
	struct world w;

	world_make(&w, 2);
	w.script = script_says;
	assert_int_equal(engine_set_cache(w.engine, &config), 0);
	s[0] = run_one(&w, "first", false);
	assert_int_equal(w.norders, 3);
	s[1] = run_one(&w, "second", false);
	assert_int_equal(w.norders, 5); /* its two cases */
	assert_true(w.orders[3].artefact && w.orders[4].artefact);
	assert_int_equal(s[1]->got.compile, VERDICT_ACCEPTED);
	assert_int_equal(s[1]->got.verdict, VERDICT_ACCEPTED);
	assert_false(s[0]->got.cached);
	assert_true(s[1]->got.cached);
	assert_string_equal(s[1]->got.compiler_said, "warning");
	s[2] = run_one(&w, "fresh", true);
	assert_int_equal(w.norders, 8);
	assert_int_equal(engine_counters(w.engine)->cache_hits, 1);
	assert_int_equal(engine_counters(w.engine)->cache_misses, 1);
	for (int i = 0; i < 3; i++)
		submission_drop(s[i]);
	world_end(&w);
	assert_int_equal(next_free_fd(), before);
}

static void test_failures_are_not_kept(void **state)
{
	struct submission *a, *b;
	struct world w;

	world_make(&w, 1);
	w.script = script_bad_compile;
	assert_int_equal(engine_set_cache(w.engine, &config), 0);
	a = run_one(&w, "a", false);
	b = run_one(&w, "b", false);
	assert_int_equal(w.norders, 2);
	assert_int_equal(b->got.compile, VERDICT_COMPILE_ERROR);
	assert_false(b->got.cached);
	submission_drop(a);
	submission_drop(b);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_bounds_and_order),
		cmocka_unit_test(test_compiled_once),
		cmocka_unit_test(test_failures_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
