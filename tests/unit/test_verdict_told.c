/* SPDX-License-Identifier: Apache-2.0 */
/* What is told beside a verdict: the sentence with its evidence, exit code, signal, limits hit. */
#include "verdict_causes.h"

#include <stdio.h>

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

static void told_of_memory(const struct facts *f, const char *want)
{
	char text[256];

	verdict_sentence(VERDICT_MEMORY_LIMIT, f, &limits, text, sizeof(text));
	assert_string_equal(text, want);
}

/* A peak below the limit says nothing: the kernel has refused what came next. */
static void test_memory_is_told_by_what_proves_it(void **state)
{
	struct facts f = good();
	char want[128];

	(void)state;
	f.oom_kills = 1;
	f.memory_peak_bytes = limits.memory_kb * 1024 + 4096;
	snprintf(want, sizeof(want), "Memory limit exceeded: %llu KiB allowed, peak %llu KiB.",
		 (unsigned long long)limits.memory_kb, (unsigned long long)limits.memory_kb + 4);
	told_of_memory(&f, want);
	f.memory_peak_bytes = limits.memory_kb * 1024 - 4096;
	snprintf(want, sizeof(want),
		 "Memory limit exceeded: %llu KiB allowed, and more than that asked for.",
		 (unsigned long long)limits.memory_kb);
	told_of_memory(&f, want);
	f.started = 0;
	snprintf(want, sizeof(want),
		 "Memory limit exceeded: %llu KiB allowed, which were full before the program ran.",
		 (unsigned long long)limits.memory_kb);
	told_of_memory(&f, want);
}

static void test_every_verdict_has_a_sentence_but_the_good_ones(void **state)
{
	struct facts f = good();
	char text[256];

	(void)state;
	for (int v = 0; v < VERDICT_COUNT; v++) {
		size_t n = verdict_sentence((enum verdict)v, &f, &limits, text, sizeof(text));

		assert_int_equal(n == 0, verdict_is_normal((enum verdict)v));
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
		cmocka_unit_test(test_sentences_hold_the_evidence),
		cmocka_unit_test(test_memory_is_told_by_what_proves_it),
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
