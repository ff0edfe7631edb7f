/* SPDX-License-Identifier: Apache-2.0 */
/* What a result says of how its times came about: limits and their factors, runs of a case, noise. */
#include <string.h>

#include "codec/result_parts.h"

/* Of the cases that say no limits of their own; where all of them do, of the first. */
static const struct limits *limits_of_runs(const struct result *r)
{
	static const struct limits none;
	const struct test_case *tests = r->plan->request->tests;

	for (size_t i = 0; i < r->ncases; i++) {
		const struct plan_step *step = result_parts_step(r, i);

		if (step->test < 0 || memcmp(&tests[step->test].limits, &none, sizeof(none)) == 0)
			return &step->limits;
	}
	return r->ncases ? &result_parts_step(r, 0)->limits : &none;
}

void result_limits(struct result_encoder *e)
{
	struct limits l = *limits_of_runs(e->r);

	json_write_open(&e->w, '{');
	for (size_t i = 0; i < limit_table_len; i++) {
		json_write_key(&e->w, limit_table[i].name);
		json_write_uint(&e->w, *limits_at(&l, &limit_table[i]));
	}
	json_write_close(&e->w, '}');
}

void result_factors(struct result_encoder *e)
{
	const struct planner_factors *f = &e->r->plan->factors;

	json_write_open(&e->w, '{');
	json_write_key(&e->w, "time_factor");
	json_write_number(&e->w, f->time);
	json_write_key(&e->w, "memory_factor");
	json_write_number(&e->w, f->memory);
	json_write_close(&e->w, '}');
}

void result_timing_runs(struct result_encoder *e, const struct case_result *c)
{
	json_write_open(&e->w, '[');
	for (size_t i = 0; i < c->nruns && c->nruns > 1; i++) {
		const struct case_run *run = &c->runs[i];
		bool counted = i == c->counted;
		const struct result_usage usage = { run->cpu_usec, run->wall_usec,
						    run->memory_peak_bytes };
		enum verdict v = counted ? c->verdict : run->verdict;

		json_write_open(&e->w, '{');
		json_write_key(&e->w, "verdict");
		json_write_string(&e->w, run->unchecked && !counted ? NULL : verdict_names[v]);
		json_write_key(&e->w, "counted");
		json_write_bool(&e->w, counted);
		json_write_key(&e->w, "usage");
		result_parts_usage(e, &usage);
		json_write_close(&e->w, '}');
	}
	json_write_close(&e->w, ']');
}

static void write_msec(struct result_encoder *e, const char *key, bool known, uint64_t usec)
{
	json_write_key(&e->w, key);
	if (known)
		json_write_uint(&e->w, (usec + 999) / 1000);
	else
		json_write_null(&e->w);
}

void result_timing_noise(struct result_encoder *e, const struct case_result *c)
{
	const struct facts *f = &c->outcome.facts;
	bool ran = c->ran && f->started; /* else there was nothing to be known */

	json_write_open(&e->w, '{');
	write_msec(e, "throttled_ms", f->throttled_known || !ran, f->throttled_usec);
	write_msec(e, "waited_ms", f->waited_known || !ran, f->waited_usec);
	json_write_close(&e->w, '}');
}
