/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of fields.h, each with the function that writes it, in their order.  Sums and unions
 * over the cases are made here because they are only for show; every decision was made by the
 * judge. The submission's own exit code, signal and stderr are those of its subject: the first case
 * that was not accepted, or the first one.
 */
#include "codec/result_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/fields.h"
#include "codec/result_parts.h"

/* ---- one test result ---- */

static void write_case(struct result_encoder *e, size_t i)
{
	bool outer = e->replaced;

	e->replaced = false;
	json_write_open(&e->w, '{');
	result_case_write(e, i);
	json_write_close(&e->w, '}');
	e->replaced |= outer;
}

/* ---- the whole ---- */

static void result_status(struct result_encoder *e)
{
	json_write_string(&e->w, e->r->success ? "success" : "error");
}

/* The request's own output_bytes: that of a case that does not set its own, else the largest. */
static uint64_t output_limit(const struct result *r)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < r->ncases; i++) {
		const struct plan_step *step = result_parts_step(r, i);

		if (step->test < 0 || !r->plan->request->tests[step->test].limits.output_bytes)
			return step->limits.output_bytes;
		if (largest < step->limits.output_bytes)
			largest = step->limits.output_bytes;
	}
	return largest;
}

/* Bytes of all cases' stdout together; *ret_cut where some are not shown. */
static size_t joined_len(const struct result *r, bool *ret_cut)
{
	uint64_t limit = output_limit(r);
	size_t len = 0;

	*ret_cut = false;
	for (size_t i = 0; i < r->ncases; i++) {
		len += r->cases[i].outcome.out.len;
		*ret_cut |= r->cases[i].outcome.out_truncated;
	}
	if (len <= limit)
		return len;
	*ret_cut = true;
	return (size_t)limit;
}

/* Joined as bytes first: two cases may each have written one half of a character. */
static void result_output(struct result_encoder *e)
{
	bool cut;
	size_t len = joined_len(e->r, &cut), done = 0;
	_cleanup_free_ char *joined = malloc(len + 1);

	if (!joined) {
		e->w.error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < e->r->ncases && done < len; i++) {
		struct text out = e->r->cases[i].outcome.out;
		size_t n = out.len < len - done ? out.len : len - done;

		if (n)
			memcpy(joined + done, out.data, n);
		done += n;
	}
	result_parts_output(e, (struct text){ joined, len }, cut);
}

static void result_error(struct result_encoder *e)
{
	json_write_string(&e->w, e->r->error);
}

static void result_test_results(struct result_encoder *e)
{
	json_write_open(&e->w, '[');
	for (size_t i = 0; i < e->r->ncases; i++)
		if (result_parts_step(e->r, i)->test >= 0)
			write_case(e, i);
	json_write_close(&e->w, ']');
}

static void result_verdict(struct result_encoder *e)
{
	json_write_string(&e->w, verdict_names[e->r->verdict]);
}

static void result_stderr(struct result_encoder *e)
{
	if (e->subject)
		result_parts_output(e, e->subject->outcome.err, e->subject->outcome.err_truncated);
	else
		json_write_string(&e->w, "");
}

static void result_exit_code(struct result_encoder *e)
{
	result_parts_exit_code(e, e->subject);
}

static void result_signal(struct result_encoder *e)
{
	result_parts_signal(e, e->subject);
}

static void result_usage(struct result_encoder *e)
{
	struct result_usage usage = { 0 };

	for (size_t i = 0; i < e->r->ncases; i++)
		result_parts_add_usage(&usage, &e->r->cases[i]);
	result_parts_usage(e, &usage);
}

/* What a compiler says stands on either stream; people want to read both. */
static void write_compile_output(struct result_encoder *e, const struct box_outcome *o)
{
	size_t len = o->out.len + o->err.len;
	_cleanup_free_ char *both = malloc(len + 1);

	if (!both) {
		e->w.error = -ENOMEM;
		return;
	}
	if (o->out.len)
		memcpy(both, o->out.data, o->out.len);
	if (o->err.len)
		memcpy(both + o->out.len, o->err.data, o->err.len);
	result_parts_output(e, (struct text){ both, len }, o->out_truncated || o->err_truncated);
}

static void write_compile(struct result_encoder *e, bool there, const struct case_result *c,
			  bool cached)
{
	struct result_usage usage = { 0 };

	if (!there) {
		json_write_null(&e->w);
		return;
	}
	result_parts_add_usage(&usage, c);
	json_write_open(&e->w, '{');
	json_write_key(&e->w, "exit_code");
	result_parts_exit_code(e, c);
	json_write_key(&e->w, "output");
	write_compile_output(e, &c->outcome);
	json_write_key(&e->w, "usage");
	result_parts_usage(e, &usage);
	json_write_key(&e->w, "cached");
	json_write_bool(&e->w, cached);
	json_write_close(&e->w, '}');
}

static void result_compile(struct result_encoder *e)
{
	write_compile(e, e->r->compiled, &e->r->compile, e->r->compile_cached);
}

static void result_checker(struct result_encoder *e)
{
	write_compile(e, e->r->checker_compiled, &e->r->checker, e->r->checker_cached);
}

static void result_interactor(struct result_encoder *e)
{
	write_compile(e, e->r->interactor_compiled, &e->r->interactor, e->r->interactor_cached);
}

static void result_score(struct result_encoder *e)
{
	if (!e->r->plan->scored) {
		json_write_null(&e->w);
		return;
	}
	json_write_open(&e->w, '{');
	json_write_key(&e->w, "points");
	json_write_number(&e->w, e->r->points);
	json_write_key(&e->w, "max");
	json_write_number(&e->w, e->r->max_points);
	json_write_close(&e->w, '}');
}

static void result_groups(struct result_encoder *e)
{
	const struct plan *p = e->r->plan;

	json_write_open(&e->w, '[');
	for (size_t i = 0; i < p->request->ngroups; i++) {
		json_write_open(&e->w, '{');
		json_write_key(&e->w, "name");
		json_write_string(&e->w, p->groups[i].asked->name);
		json_write_key(&e->w, "points");
		json_write_number(&e->w, e->r->groups[i].points);
		json_write_key(&e->w, "max");
		json_write_number(&e->w, p->groups[i].max);
		json_write_key(&e->w, "verdict");
		json_write_string(&e->w, verdict_names[e->r->groups[i].verdict]);
		json_write_close(&e->w, '}');
	}
	json_write_close(&e->w, ']');
}

static void result_truncated(struct result_encoder *e)
{
	bool cut;

	joined_len(e->r, &cut);
	result_parts_truncated(e, cut, e->subject && e->subject->outcome.err_truncated);
}

/* Test results have their own. */
static const struct plan_step *plain_run(const struct result *r)
{
	return r->ncases && result_parts_step(r, 0)->test < 0 ? result_parts_step(r, 0) : NULL;
}

static void result_files(struct result_encoder *e)
{
	result_parts_files(e, e->subject, plain_run(e->r));
}

static void result_files_missing(struct result_encoder *e)
{
	result_parts_files_missing(e, e->subject, plain_run(e->r));
}

static void result_encoding_replaced(struct result_encoder *e)
{
	json_write_bool(&e->w,
			e->replaced || result_parts_files_replaced(e, e->subject, plain_run(e->r)));
}

static void result_denied_syscalls(struct result_encoder *e)
{
	struct result_denied denied = { .known = true };

	if (e->r->compiled)
		result_parts_add_denied(&denied, &e->r->compile);
	for (size_t i = 0; i < e->r->ncases; i++)
		result_parts_add_denied(&denied, &e->r->cases[i]);
	result_parts_denied(e, &denied);
}

static void result_limits_hit(struct result_encoder *e)
{
	struct result_names hit = { .n = 0 };

	if (e->r->compiled)
		result_parts_add_limits_hit(&hit, &e->r->compile, &e->r->plan->steps[0]);
	for (size_t i = 0; i < e->r->ncases; i++)
		result_parts_add_limits_hit(&hit, &e->r->cases[i], result_parts_step(e->r, i));
	result_parts_names(e, &hit);
}

static void result_runner(struct result_encoder *e)
{
	size_t i = 0;

	while (i + 1 < e->r->ncases && !e->r->cases[i].ran)
		i++;
	json_write_string(&e->w,
			  result_parts_runner(e->r->ncases ? &e->r->cases[i] : &e->r->compile));
}

static void result_id(struct result_encoder *e)
{
	json_write_string(&e->w, e->r->id);
}

static const struct {
	const char *name;
	void (*write)(struct result_encoder *e);
} result_rows[] = {
#define RESULT_ROW(field, type, must, doc) { #field, result_##field },
	RESULT_FIELDS(RESULT_ROW)
};

static const struct case_result *subject_of(const struct result *r)
{
	for (size_t i = 0; i < r->ncases; i++)
		if (r->cases[i].verdict != VERDICT_ACCEPTED)
			return &r->cases[i];
	return r->ncases ? &r->cases[0] : NULL;
}

static int finish(struct json_writer *w, char **ret, size_t *ret_len)
{
	int rc;

	json_write_close(w, '}');
	rc = json_write_take(w, ret, ret_len);
	json_write_done(w);
	return rc;
}

int result_json_encode(const struct result *r, const struct result_json_options *options,
		       char **ret, size_t *ret_len)
{
	struct result_encoder e = { .r = r, .options = options, .subject = subject_of(r) };

	e.base64 = r->plan->request->output_encoding == ENCODING_BASE64;
	json_write_init(&e.w, JSON_WRITE_MAX_BYTES);
	json_write_open(&e.w, '{');
	for (size_t row = 0; row < ARRAY_SIZE(result_rows); row++) {
		json_write_key(&e.w, result_rows[row].name);
		result_rows[row].write(&e);
	}
	return finish(&e.w, ret, ret_len);
}

int result_json_encode_case(const struct result *r, size_t i,
			    const struct result_json_options *options, char **ret, size_t *ret_len)
{
	struct result_encoder e = { .r = r, .options = options };

	e.base64 = r->plan->request->output_encoding == ENCODING_BASE64;
	json_write_init(&e.w, JSON_WRITE_MAX_BYTES);
	json_write_open(&e.w, '{');
	json_write_key(&e.w, "index");
	json_write_uint(&e.w, i);
	result_case_write(&e, i);
	return finish(&e.w, ret, ret_len);
}

/* The seed's fields and the verdict, of a submission of which nothing ran. */
static void write_nothing_ran(struct json_writer *w, const char *error, const char *verdict)
{
	json_write_init(w, JSON_WRITE_MAX_BYTES);
	json_write_open(w, '{');
	json_write_key(w, "status");
	json_write_string(w, "error");
	json_write_key(w, "output");
	json_write_string(w, "");
	json_write_key(w, "error");
	json_write_string(w, error);
	json_write_key(w, "test_results");
	json_write_open(w, '[');
	json_write_close(w, ']');
	json_write_key(w, "verdict");
	json_write_string(w, verdict);
}

int result_json_encode_refusal(const struct refusal *refusal, char **ret, size_t *ret_len)
{
	char error[sizeof(refusal->field) + sizeof(refusal->rule) + 2];
	struct json_writer w;

	snprintf(error, sizeof(error), "%s: %s", refusal->field[0] ? refusal->field : "body",
		 refusal->rule);
	write_nothing_ran(&w, error, NULL);
	return finish(&w, ret, ret_len);
}

int result_json_encode_failure(const char *id, const char *error, char **ret, size_t *ret_len)
{
	struct json_writer w;

	write_nothing_ran(&w, error, verdict_names[VERDICT_INTERNAL_ERROR]);
	json_write_key(&w, "id");
	json_write_string(&w, id);
	return finish(&w, ret, ret_len);
}
