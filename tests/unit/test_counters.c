/* SPDX-License-Identifier: Apache-2.0 */
/* What boxes add to the counters, and how they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "engine/counters.h"

static char text[65536];

static void write_down(void *user, const struct counters_sample *s)
{
	size_t used = strlen(text);

	assert_non_null(s->help);
	snprintf(text + used, sizeof(text) - used, "%s%s{%s} %.9g\n", s->family, s->suffix,
		 s->labels, s->value);
}

static void check(const char *line)
{
	if (!strstr(text, line))
		fail_msg("no %s in:\n%s", line, text);
}

static void test_boxes_are_counted_and_told(void **state)
{
	struct counters *c = calloc(1, sizeof(*c));
	struct facts f = { .wall_usec = 3000, .cpu_usec = 200, .memory_peak_bytes = 5 << 20 };

	assert_non_null(c);
	counters_box(c, "c", STEP_RUN, VERDICT_ACCEPTED, &f, 4000);
	counters_box(c, "c", STEP_RUN, VERDICT_ACCEPTED, &f, 4000);
	f.ndenied = 2;
	f.denied[0] =
		(struct denied_call){ .arch = AUDIT_ARCH_X86_64, .nr = SYS_mount, .count = 3 };
	f.denied[1] = (struct denied_call){ .arch = AUDIT_ARCH_I386, .nr = SYS_mount, .count = 5 };
	f.wall_usec = 60000000; /* above all bounds */
	counters_box(c, "python", STEP_COMPILE, VERDICT_TIME_LIMIT, &f, 60000100);
	counters_stage(c, COUNTERS_QUEUE, 250);
	text[0] = '\0';
	counters_walk(c, write_down, NULL);
	check("kodewar_boxes_total{language=\"c\",verdict=\"accepted\"} 2\n");
	check("kodewar_boxes_total{language=\"python\",verdict=\"time_limit\"} 1\n");
	check("kodewar_denied_calls_total{syscall=\"mount\"} 3\n");
	check("kodewar_denied_calls_total{syscall=\"other\"} 5\n");
	check("kodewar_stage_seconds_bucket{stage=\"run\",le=\"0.002\"} 0\n");
	check("kodewar_stage_seconds_bucket{stage=\"run\",le=\"0.004\"} 2\n");
	check("kodewar_stage_seconds_sum{stage=\"run\"} 0.006\n");
	check("kodewar_stage_seconds_bucket{stage=\"compile\",le=\"+Inf\"} 1\n");
	check("kodewar_stage_seconds_bucket{stage=\"queue\",le=\"0.00025\"} 1\n");
	check("kodewar_stage_seconds_count{stage=\"around\"} 3\n");
	check("kodewar_box_memory_bytes_bucket{le=\"8388608\"} 3\n");
	check("kodewar_box_memory_bytes_bucket{le=\"4194304\"} 0\n");
	free(c);
}

static void test_nothing_appears_with_its_first_event_and_a_cancel_is_no_error(void **state)
{
	struct counters *c = calloc(1, sizeof(*c));
	const struct facts f = { .kill = KILL_CANCEL };

	assert_non_null(c);
	counters_language(c, "rust");
	counters_language(c, "go");
	counters_language(c, "go");
	counters_box(c, "go", STEP_RUN, VERDICT_INTERNAL_ERROR, &f, 0);
	c->jobs[COUNTERS_CANCELLED] = 7;
	text[0] = '\0';
	counters_walk(c, write_down, NULL);
	check("kodewar_boxes_total{language=\"rust\",verdict=\"accepted\"} 0\n");
	check("kodewar_boxes_total{language=\"go\",verdict=\"cancelled\"} 1\n");
	check("kodewar_jobs_total{verdict=\"internal_error\"} 0\n");
	check("kodewar_jobs_total{verdict=\"cancelled\"} 7\n");
	assert_null(strstr(text, "internal_error\"} 1"));
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boxes_are_counted_and_told),
		cmocka_unit_test(
			test_nothing_appears_with_its_first_event_and_a_cancel_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
