/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts from facts.  CAUSES stands in the contract's order of precedence; every pair of causes is
 * tried, and the earlier one must win whatever the later one adds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/verdict.h"

#define EXITED(code) ((code) << 8)
#define COMPILE_ONLY 1
#define RUN_ONLY 2

static const struct limits limits = {
	.cpu_ms = 2000,
	.wall_ms = 5000,
	.memory_kb = 131072,
	.processes = 7,
	.open_files = 64,
	.output_bytes = 1000,
	.disk_kb = 2048,
	.inodes = 99,
	.file_kb = 512,
	.total_wall_ms = 9000,
};

/* A program that ended well and touched nothing. */
static struct facts good(void)
{
	return (struct facts){
		.started = 1,
		.ended = 1,
		.denied_known = 1,
		.cpu_usec = 2000000,
		.wall_usec = 5000000,
		.memory_peak_bytes = 131072 * 1024,
		.stdout_bytes = 1000,
		.stderr_bytes = 1000,
	};
}

static void set_setup(struct facts *f)
{
	f->setup_errno = -ENOSPC;
	strcpy(f->setup_step, "copy-files");
	f->started = f->ended = 0;
}

static void set_broken(struct facts *f)
{
	f->kill = KILL_BROKEN;
}

static void set_cancel(struct facts *f)
{
	f->kill = KILL_CANCEL;
}

static void set_unheard_of(struct facts *f)
{
	f->kill = KILL_BROKEN + 1;
}

static void set_kill_output(struct facts *f)
{
	f->kill = KILL_OUTPUT;
}

static void set_kill_cpu(struct facts *f)
{
	f->kill = KILL_CPU;
}

static void set_kill_wall(struct facts *f)
{
	f->kill = KILL_WALL;
}

static void set_kill_total(struct facts *f)
{
	f->kill = KILL_TOTAL_WALL;
}

static void set_kill_security(struct facts *f)
{
	f->kill = KILL_SECURITY;
	f->denied_total = 101;
}

static void set_foreign_abi(struct facts *f)
{
	f->foreign_abi = 1;
	f->wait_status = SIGSYS;
}

static void set_stdout_over(struct facts *f)
{
	f->stdout_bytes = 1001;
}

static void set_stderr_over(struct facts *f)
{
	f->stderr_bytes = 16001;
}

static void set_oom(struct facts *f)
{
	f->oom_kills = 1;
}

static void set_cpu_over(struct facts *f)
{
	f->cpu_usec = 2000001;
}

static void set_wall_over(struct facts *f)
{
	f->wall_usec = 5000001;
}

static void set_file_size(struct facts *f)
{
	f->wait_status = SIGXFSZ;
}

static void set_disk_full(struct facts *f)
{
	f->disk_full = 1;
	f->wait_status = EXITED(1);
}

static void set_disk_full_no_artefact(struct facts *f)
{
	f->disk_full = 1;
	f->artefact = 2;
}

static void set_pids(struct facts *f)
{
	f->pids_events = 3;
	f->wait_status = EXITED(1);
}

static void set_exit(struct facts *f)
{
	f->wait_status = EXITED(42);
}

static void set_exit_137(struct facts *f)
{
	f->wait_status = EXITED(137);
}

static void set_sigkill(struct facts *f)
{
	f->wait_status = SIGKILL;
}

static void set_sigxcpu(struct facts *f)
{
	f->wait_status = SIGXCPU;
}

static void set_core_dumped(struct facts *f)
{
	f->wait_status = SIGSEGV | 0x80;
}

static void set_no_artefact(struct facts *f)
{
	f->artefact = 2;
}

static void set_odd_artefact(struct facts *f)
{
	f->artefact = 3;
}

static void set_big_artefact(struct facts *f)
{
	f->artefact = 4;
}

/* What a compile step's failure is called differently. */
#define FAILED VERDICT_COUNT

static const struct cause {
	const char *name;
	void (*set)(struct facts *f);
	enum verdict verdict;
	int rank; /* those of one rank exclude each other, or mean the same */
	int only;
	const char *evidence; /* in the sentence */
} causes[] = {
	{ "setup", set_setup, VERDICT_INTERNAL_ERROR, 0, 0,
	  "step copy-files: No space left on device." },
	{ "broken", set_broken, VERDICT_INTERNAL_ERROR, 1, 0, "not seen" },
	{ "cancel", set_cancel, VERDICT_INTERNAL_ERROR, 1, 0, "cancelled" },
	{ "unheard of", set_unheard_of, VERDICT_INTERNAL_ERROR, 1, 0, "not seen" },
	{ "kill output", set_kill_output, VERDICT_OUTPUT_LIMIT, 1, 0, "1000 of each allowed" },
	{ "kill cpu", set_kill_cpu, VERDICT_TIME_LIMIT, 1, 0, "s of cpu time, 2.000 s allowed" },
	{ "kill wall", set_kill_wall, VERDICT_TIME_LIMIT, 1, 0, "s of wall time, 5.000 s allowed" },
	{ "kill total", set_kill_total, VERDICT_TIME_LIMIT, 1, 0, "total wall time of 9.000 s" },
	{ "kill security", set_kill_security, VERDICT_SECURITY_VIOLATION, 1, 0, "101 denied" },
	{ "foreign abi", set_foreign_abi, VERDICT_SECURITY_VIOLATION, 2, 0, "foreign ABI" },
	{ "stdout over", set_stdout_over, VERDICT_OUTPUT_LIMIT, 3, 0, "1001 bytes of stdout" },
	{ "stderr over", set_stderr_over, VERDICT_OUTPUT_LIMIT, 3, 0, "16001 of stderr" },
	{ "oom", set_oom, VERDICT_MEMORY_LIMIT, 4, 0, "131072 KiB allowed" },
	{ "cpu over", set_cpu_over, VERDICT_TIME_LIMIT, 5, 0,
	  "2.001 s of cpu time, 2.000 s allowed" },
	{ "wall over", set_wall_over, VERDICT_TIME_LIMIT, 6, 0,
	  "5.001 s of wall time, 5.000 s allowed" },
	{ "file size", set_file_size, VERDICT_DISK_LIMIT, 7, 0, "larger than 512 KiB" },
	{ "disk full", set_disk_full, VERDICT_DISK_LIMIT, 8, 0, "2048 KiB and 99 inodes" },
	{ "full, no artefact", set_disk_full_no_artefact, VERDICT_DISK_LIMIT, 8, COMPILE_ONLY,
	  "2048 KiB" },
	{ "pids", set_pids, VERDICT_PROCESS_LIMIT, 9, 0,
	  "7 processes and threads allowed, 3 more" },
	{ "exit", set_exit, FAILED, 10, 0, "exit code 42" },
	{ "exit 137", set_exit_137, FAILED, 10, 0, "exit code 137" },
	{ "SIGKILL", set_sigkill, FAILED, 10, 0, "signal SIGKILL" },
	{ "SIGXCPU", set_sigxcpu, FAILED, 10, 0, "signal SIGXCPU" },
	{ "core dumped", set_core_dumped, FAILED, 10, 0, "signal SIGSEGV" },
	{ "no artefact", set_no_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY,
	  "made no program" },
	{ "odd artefact", set_odd_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY,
	  "not a plain file" },
	{ "big artefact", set_big_artefact, VERDICT_COMPILE_ERROR, 11, COMPILE_ONLY, "too large" },
};

static enum verdict expected_of(const struct cause *c, enum step_kind kind)
{
	if (c->verdict != FAILED)
		return c->verdict;
	return kind == STEP_COMPILE ? VERDICT_COMPILE_ERROR : VERDICT_RUNTIME_ERROR;
}

static bool applies(const struct cause *c, enum step_kind kind)
{
	return c->only != (kind == STEP_COMPILE ? RUN_ONLY : COMPILE_ONLY);
}

static void check(const struct facts *f, enum step_kind kind, enum verdict want, const char *a,
		  const char *b)
{
	for (int cmp = COMPARISON_NONE; cmp <= COMPARISON_DIFFERENT; cmp++) {
		enum verdict v = verdict_of(f, &limits, kind, (enum comparison)cmp);

		if (v != want)
			fail_msg("%s + %s (%s, comparison %d): %s, expected %s", a, b,
				 kind == STEP_COMPILE ? "compile" : "run", cmp, verdict_names[v],
				 verdict_names[want]);
	}
}

/* Each cause alone, then each with every later one. */
static void check_precedence(enum step_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		struct facts alone = good();

		if (!applies(&causes[i], kind))
			continue;
		causes[i].set(&alone);
		check(&alone, kind, expected_of(&causes[i], kind), causes[i].name, "nothing");
		for (size_t k = i + 1; k < ARRAY_SIZE(causes); k++) {
			struct facts both = good();

			if (causes[k].rank == causes[i].rank || !applies(&causes[k], kind))
				continue;
			/* The stronger last: both may say how the program ended. */
			causes[k].set(&both);
			causes[i].set(&both);
			check(&both, kind, expected_of(&causes[i], kind), causes[i].name,
			      causes[k].name);
		}
	}
}

static void test_precedence_of_a_run(void **state)
{
	(void)state;
	check_precedence(STEP_RUN);
}

static void test_precedence_of_a_compilation(void **state)
{
	(void)state;
	check_precedence(STEP_COMPILE);
}

static void test_a_good_end(void **state)
{
	struct facts f = good();

	(void)state;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_NONE), VERDICT_ACCEPTED);
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_ACCEPTED);
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_DIFFERENT),
			 VERDICT_WRONG_ANSWER);
	f.artefact = 1;
	assert_int_equal(verdict_of(&f, &limits, STEP_COMPILE, COMPARISON_NONE), VERDICT_ACCEPTED);
}

/* A limit touched by a program that then ended well changes nothing; neither do denied calls. */
static void test_touched_limits_of_a_good_end(void **state)
{
	struct facts f = good();
	const char *names[16];
	size_t n;

	(void)state;
	f.disk_full = 1;
	f.pids_events = 5;
	f.stderr_bytes = 16000;
	f.denied_total = 100;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_ACCEPTED);
	n = facts_limits_hit(&f, &limits, names, ARRAY_SIZE(names));
	assert_int_equal(n, 3);
	assert_string_equal(names[0], "processes");
	assert_string_equal(names[1], "output_bytes");
	assert_string_equal(names[2], "disk_kb");
	assert_int_equal(facts_limits_hit(&f, &limits, names, 2), 2);
}

/* Without a wait status: what killed it decides, and if nothing did, we do not know. */
static void test_an_end_that_nobody_saw(void **state)
{
	struct facts f = good();

	(void)state;
	f.ended = 0;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL),
			 VERDICT_INTERNAL_ERROR);
	f.oom_kills = 1;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_MEMORY_LIMIT);
	f.kill = KILL_WALL;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_TIME_LIMIT);
	f.oom_kills = 0;
	f.kill = KILL_OUTPUT;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL), VERDICT_OUTPUT_LIMIT);
	/* Over a limit, but nobody knows whether that ended it. */
	f.kill = KILL_NONE;
	f.cpu_usec = 9000000;
	assert_int_equal(verdict_of(&f, &limits, STEP_RUN, COMPARISON_EQUAL),
			 VERDICT_INTERNAL_ERROR);
}

static void test_sentences_hold_the_evidence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		enum step_kind kind = causes[i].only == COMPILE_ONLY ? STEP_COMPILE : STEP_RUN;
		struct facts f = good();
		char text[256];
		size_t n;

		causes[i].set(&f);
		n = verdict_sentence(expected_of(&causes[i], kind), &f, &limits, text,
				     sizeof(text));
		assert_int_equal(n, strlen(text));
		if (!strstr(text, causes[i].evidence) || text[n - 1] != '.' || strchr(text, '\n'))
			fail_msg("%s: %s", causes[i].name, text);
	}
}

static void test_every_verdict_has_a_sentence_but_the_good_ones(void **state)
{
	struct facts f = good();
	char text[256];

	(void)state;
	for (int v = 0; v < VERDICT_COUNT; v++) {
		size_t n = verdict_sentence((enum verdict)v, &f, &limits, text, sizeof(text));

		assert_int_equal(n == 0, v == VERDICT_ACCEPTED || v == VERDICT_WRONG_ANSWER);
		assert_int_equal(n, strlen(text));
		assert_true(verdict_names[v][0] && verdict_docs[v][0]);
	}
}

static void test_a_sentence_is_cut_to_its_room(void **state)
{
	struct facts f = good();
	char text[12];

	(void)state;
	f.wait_status = EXITED(3);
	assert_int_equal(verdict_sentence(VERDICT_RUNTIME_ERROR, &f, &limits, text, sizeof(text)),
			 11);
	assert_string_equal(text, "Runtime err");
}

/* The largest numbers there are leave a sentence that is whole. */
static void test_sentences_fit(void **state)
{
	struct limits most;
	struct facts f;
	char text[256];

	(void)state;
	memset(&most, 0xff, sizeof(most));
	memset(&f, 0xff, sizeof(f));
	for (int v = 0; v < VERDICT_COUNT; v++) {
		size_t n = verdict_sentence((enum verdict)v, &f, &most, text, sizeof(text));

		assert_true(n < sizeof(text) - 1);
		assert_true(n == 0 || text[n - 1] == '.');
	}
}

static void test_exit_codes(void **state)
{
	struct facts f = good();
	int code = -1;

	(void)state;
	assert_true(facts_exit_code(&f, &code));
	assert_int_equal(code, 0);
	f.wait_status = EXITED(255);
	assert_true(facts_exit_code(&f, &code));
	assert_int_equal(code, 255);
	assert_null(facts_signal_name(&f));
	f.wait_status = SIGTERM;
	assert_false(facts_exit_code(&f, &code));
	f.wait_status = EXITED(1);
	f.ended = 0;
	assert_false(facts_exit_code(&f, &code));
}

static void test_signal_names(void **state)
{
	struct facts f = good();

	(void)state;
	for (int sig = 1; sig <= 64; sig++) {
		const char *name;
		char want[32];

		f.wait_status = sig;
		name = facts_signal_name(&f);
		if (sig < 32)
			snprintf(want, sizeof(want), "SIG%s",
				 sig == SIGIO ? "IO" : sigabbrev_np(sig));
		else if (sig < 34)
			snprintf(want, sizeof(want), "SIG%d", sig);
		else if (sig == 34 || sig == 64)
			snprintf(want, sizeof(want), "SIGRTM%s", sig == 34 ? "IN" : "AX");
		else
			snprintf(want, sizeof(want), "SIGRTMIN+%d", sig - 34);
		assert_string_equal(name, want);
	}
	f.wait_status = 100;
	assert_non_null(facts_signal_name(&f));
	f.wait_status = SIGSEGV;
	f.ended = 0;
	assert_null(facts_signal_name(&f));
}

static void test_the_supervisors_kill_is_not_a_signal_of_the_program(void **state)
{
	struct facts f = good();

	(void)state;
	f.wait_status = SIGKILL;
	assert_string_equal(facts_signal_name(&f), "SIGKILL");
	f.kill = KILL_CPU;
	assert_null(facts_signal_name(&f));
	f.wait_status = SIGSEGV;
	assert_string_equal(facts_signal_name(&f), "SIGSEGV");
}

static void test_limits_hit(void **state)
{
	static const struct {
		void (*set)(struct facts *f);
		const char *name;
	} rows[] = {
		{ set_kill_cpu, "cpu_ms" },	     { set_cpu_over, "cpu_ms" },
		{ set_kill_wall, "wall_ms" },	     { set_wall_over, "wall_ms" },
		{ set_kill_total, "total_wall_ms" }, { set_oom, "memory_kb" },
		{ set_pids, "processes" },	     { set_kill_output, "output_bytes" },
		{ set_stdout_over, "output_bytes" }, { set_stderr_over, "output_bytes" },
		{ set_disk_full, "disk_kb" },	     { set_file_size, "file_kb" },
	};
	struct facts f = good();
	const char *names[16];

	(void)state;
	assert_int_equal(facts_limits_hit(&f, &limits, names, ARRAY_SIZE(names)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f = good();
		rows[i].set(&f);
		assert_int_equal(facts_limits_hit(&f, &limits, names, ARRAY_SIZE(names)), 1);
		assert_string_equal(names[0], rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence_of_a_run),
		cmocka_unit_test(test_precedence_of_a_compilation),
		cmocka_unit_test(test_a_good_end),
		cmocka_unit_test(test_touched_limits_of_a_good_end),
		cmocka_unit_test(test_an_end_that_nobody_saw),
		cmocka_unit_test(test_sentences_hold_the_evidence),
		cmocka_unit_test(test_every_verdict_has_a_sentence_but_the_good_ones),
		cmocka_unit_test(test_a_sentence_is_cut_to_its_room),
		cmocka_unit_test(test_sentences_fit),
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_signal_names),
		cmocka_unit_test(test_the_supervisors_kill_is_not_a_signal_of_the_program),
		cmocka_unit_test(test_limits_hit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
