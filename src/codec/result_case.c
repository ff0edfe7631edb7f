/* SPDX-License-Identifier: Apache-2.0 */
/* One test result: the rows of fields.h, each with the function that writes it, in their order. */
#include "base/cleanup.h"
#include "codec/excerpt.h"
#include "codec/fields.h"
#include "codec/result_parts.h"
#include "model/groups.h"

struct case_view {
	struct result_encoder *e;
	const struct case_result *c;
	const struct plan_step *step;
	const struct test_case *test;
};

static void case_input(const struct case_view *v)
{
	json_write_text(&v->e->w, v->test->input);
}

static void case_expected(const struct case_view *v)
{
	json_write_text(&v->e->w, v->test->expected);
}

static void case_actual(const struct case_view *v)
{
	result_parts_output(v->e, outcome_answer(v->step, &v->c->outcome),
			    !v->step->answer && v->c->outcome.out_truncated);
}

static void case_passed(const struct case_view *v)
{
	json_write_bool(&v->e->w, v->c->passed);
}

static void case_verdict(const struct case_view *v)
{
	json_write_string(&v->e->w, verdict_names[v->c->verdict]);
}

static void case_error(const struct case_view *v)
{
	json_write_string(&v->e->w, v->c->error ? v->c->error : "");
}

static void case_stderr(const struct case_view *v)
{
	result_parts_output(v->e, v->c->outcome.err, v->c->outcome.err_truncated);
}

static void case_exit_code(const struct case_view *v)
{
	result_parts_exit_code(v->e, v->c);
}

static void case_signal(const struct case_view *v)
{
	result_parts_signal(v->e, v->c);
}

static void case_usage(const struct case_view *v)
{
	struct result_usage usage = { 0 };

	result_parts_add_usage(&usage, v->c);
	result_parts_usage(v->e, &usage);
}

static void case_truncated(const struct case_view *v)
{
	result_parts_truncated(v->e, v->c->outcome.out_truncated, v->c->outcome.err_truncated);
}

static void case_files(const struct case_view *v)
{
	result_parts_files(v->e, v->c, v->step);
}

static void case_files_missing(const struct case_view *v)
{
	result_parts_files_missing(v->e, v->c, v->step);
}

static void case_encoding_replaced(const struct case_view *v)
{
	json_write_bool(&v->e->w,
			v->e->replaced || result_parts_files_replaced(v->e, v->c, v->step));
}

static void case_denied_syscalls(const struct case_view *v)
{
	struct result_denied denied = { .known = true };

	result_parts_add_denied(&denied, v->c);
	result_parts_denied(v->e, &denied);
}

static void case_limits_hit(const struct case_view *v)
{
	struct result_names hit = { .n = 0 };

	result_parts_add_limits_hit(&hit, v->c, v->step);
	result_parts_names(v->e, &hit);
}

static void case_runner(const struct case_view *v)
{
	json_write_string(&v->e->w, v->c->ran ? result_parts_runner(v->c) : NULL);
}

static void write_excerpt(struct json_writer *w, const struct excerpt *e)
{
	char text[EXCERPT_BYTES];

	excerpt_show(e, false, text, sizeof(text));
	json_write_string(w, e->there ? text : NULL);
}

static void case_difference(const struct case_view *v)
{
	const struct difference *d = &v->c->difference;
	struct json_writer *w = &v->e->w;

	if (d->line == 0) {
		json_write_null(w);
		return;
	}
	json_write_open(w, '{');
	json_write_key(w, "line");
	json_write_uint(w, d->line);
	json_write_key(w, "column");
	json_write_uint(w, d->column);
	json_write_key(w, "expected");
	write_excerpt(w, &d->expected);
	json_write_key(w, "actual");
	write_excerpt(w, &d->actual);
	if (d->file) {
		json_write_key(w, "file");
		json_write_string(w, d->file);
	}
	json_write_close(w, '}');
}

static void case_comment(const struct case_view *v)
{
	json_write_string(&v->e->w, v->c->comment);
}

/* Without its braces. */
static void write_check(const struct case_view *v, const struct case_check *k)
{
	struct json_writer *w = &v->e->w;
	const struct result_usage usage = { k->cpu_usec, k->wall_usec, k->memory_peak_bytes };

	json_write_key(w, "verdict");
	json_write_string(w, verdict_names[k->verdict]);
	json_write_key(w, "exit_code");
	if (k->exited)
		json_write_int(w, k->exit_code);
	else
		json_write_null(w);
	json_write_key(w, "signal");
	json_write_string(w, k->signal);
	json_write_key(w, "usage");
	result_parts_usage(v->e, &usage);
}

static void case_checker(const struct case_view *v)
{
	if (!v->c->check) {
		json_write_null(&v->e->w);
		return;
	}
	json_write_open(&v->e->w, '{');
	write_check(v, v->c->check);
	json_write_close(&v->e->w, '}');
}

static void case_interactor(const struct case_view *v)
{
	const struct case_check *k = v->c->talk;
	struct json_writer *w = &v->e->w;

	if (!k) {
		json_write_null(w);
		return;
	}
	json_write_open(w, '{');
	write_check(v, k);
	json_write_key(w, "transcript");
	if (v->e->r->plan->request->interactor->transcript_bytes)
		json_write_text(w, k->transcript);
	else
		json_write_null(w);
	json_write_close(w, '}');
}

static void case_points(const struct case_view *v)
{
	if (v->e->r->plan->scored)
		json_write_number(&v->e->w, groups_points(v->e->r, (size_t)v->step->test));
	else
		json_write_null(&v->e->w);
}

static void case_group(const struct case_view *v)
{
	json_write_string(&v->e->w, v->test->group);
}

static void case_runs(const struct case_view *v)
{
	result_timing_runs(v->e, v->c);
}

static void case_noise(const struct case_view *v)
{
	result_timing_noise(v->e, v->c);
}

static const struct {
	const char *name;
	void (*write)(const struct case_view *v);
} case_rows[] = {
#define CASE_ROW(field, type, must, doc) { #field, case_##field },
	CASE_RESULT_FIELDS(CASE_ROW)
};

void result_case_write(struct result_encoder *e, size_t i)
{
	const struct plan_step *step = result_parts_step(e->r, i);
	struct case_view view = { .e = e, .c = &e->r->cases[i], .step = step };

	view.test = &e->r->plan->request->tests[step->test];
	for (size_t row = 0; row < ARRAY_SIZE(case_rows); row++) {
		json_write_key(&e->w, case_rows[row].name);
		case_rows[row].write(&view);
	}
}
