/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cli_report.h.  For people: without test cases the program's own output has gone to stdout already,
 * so one line about it goes to stderr; with them nothing else was on stdout, so the table goes there
 * and can be piped on.
 */
#include "gate/cli/cli_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/excerpt.h"
#include "codec/result_json.h"
#include "gate/cli/first_difference.h"
#include "kernel/seccomp_compile.h"

#define SENTENCE_BYTES 512

static const struct result_json_options json_options = { .syscall_name = seccomp_syscall_name };

struct usage {
	double cpu_sec, wall_sec, memory_mib;
};

static void add_usage(struct usage *u, const struct facts *f)
{
	double mib = (double)f->memory_peak_bytes / (1 << 20);

	u->cpu_sec += (double)f->cpu_usec / 1e6;
	u->wall_sec += (double)f->wall_usec / 1e6;
	u->memory_mib = mib > u->memory_mib ? mib : u->memory_mib;
}

static const struct plan_step *step_of_case(const struct result *r, size_t i)
{
	return &r->plan->steps[i + (r->compiled ? 1 : 0)];
}

static void print_sentence(FILE *to, const struct case_result *c, const struct plan_step *step)
{
	char text[SENTENCE_BYTES];

	if (verdict_sentence(c->verdict, &c->outcome.facts, &step->limits, text, sizeof(text)))
		fprintf(to, "%s", text);
}

static void print_usage(FILE *to, const struct usage *u)
{
	fprintf(to, "cpu %.3f s, wall %.3f s, memory %.1f MiB", u->cpu_sec, u->wall_sec,
		u->memory_mib);
}

static void print_end(FILE *to, const struct facts *f)
{
	const char *signal = facts_signal_name(f);
	int code;

	if (facts_exit_code(f, &code))
		fprintf(to, ", exit code %d", code);
	else if (signal)
		fprintf(to, ", signal %s", signal);
}

/* Messages of a compiler are what its user wants to see: as they are, like from the compiler itself. */
static void print_compiler(FILE *to, const struct case_result *compile)
{
	const struct text *both[] = { &compile->outcome.out, &compile->outcome.err };

	for (size_t i = 0; i < 2; i++) {
		if (both[i]->len == 0)
			continue;
		fwrite(both[i]->data, 1, both[i]->len, to);
		if (both[i]->data[both[i]->len - 1] != '\n')
			fputc('\n', to);
	}
}

/* "kodewar: accepted: cpu …": one line about a run without test cases. */
static void print_line(FILE *to, const struct result *r)
{
	bool compiling = r->compiled && r->compile.verdict != VERDICT_ACCEPTED;
	const struct case_result *c = compiling || r->ncases == 0 ? &r->compile : &r->cases[0];
	const struct plan_step *step =
		compiling || r->ncases == 0 ? &r->plan->steps[0] : step_of_case(r, 0);
	struct usage u = { 0 };

	fprintf(to, "kodewar: %s: ", verdict_names[r->verdict]);
	if (c->verdict != VERDICT_ACCEPTED) {
		print_sentence(to, c, step);
		fputc(' ', to);
	}
	add_usage(&u, &c->outcome.facts);
	print_usage(to, &u);
	if (c->verdict == VERDICT_ACCEPTED)
		print_end(to, &c->outcome.facts); /* the sentence has told it of all others */
	fputc('\n', to);
}

/* Why a case has not been run, in the order in which the engine asks. */
static const char *skip_reason(const struct result *r, size_t i)
{
	if (r->checker_compiled && r->checker.ran && r->checker.verdict != VERDICT_ACCEPTED)
		return "the checker could not be compiled";
	if (r->compiled && r->compile.verdict != VERDICT_ACCEPTED)
		return "the compile step failed";
	for (size_t k = 0; r->plan->request->stop_on_failure && k < i; k++)
		if (r->cases[k].ran && !r->cases[k].passed)
			return "an earlier case did not pass";
	return "the submission's total wall time was spent";
}

/* Words of a checker, which may quote what a hostile program printed: one line, nothing that a terminal obeys. */
static void print_comment(FILE *to, const char *comment)
{
	char text[EXCERPT_BYTES];
	const struct excerpt line = { .text = { comment, strcspn(comment, "\n") } };

	excerpt_show(&line, true, text, sizeof(text));
	fputs(text, to);
}

static void print_wrong(FILE *to, const struct case_result *c)
{
	char text[SENTENCE_BYTES];

	if (c->difference.line) {
		first_difference(&c->difference, text, sizeof(text));
		fputs(text, to);
	} else if (c->comment) {
		print_comment(to, c->comment);
	} else if (c->outcome.out_truncated) {
		fputs("the output was cut", to);
	}
}

static void print_case(FILE *to, const struct result *r, size_t i, int digits)
{
	const struct case_result *c = &r->cases[i];
	const struct plan_step *step = step_of_case(r, i);

	fprintf(to, "test %*zu  %s  %-18s", digits, i + 1,
		c->passed			? "PASS"
		: c->verdict == VERDICT_SKIPPED ? "SKIP"
						: "FAIL",
		verdict_names[c->verdict]);
	if (c->ran)
		fprintf(to, " %9.3f s", (double)c->outcome.facts.wall_usec / 1e6);
	if (c->ran && verdict_is_normal(c->verdict) && !c->passed) {
		fputs("  ", to);
		print_wrong(to, c);
	} else if (c->check && !c->passed) {
		fprintf(to, "  %.*s", (int)strcspn(c->error, "\n"), c->error);
	} else if (c->verdict == VERDICT_SKIPPED) {
		fprintf(to, "  not run: %s", skip_reason(r, i));
	} else if (c->ran && !c->passed) {
		fputs("  ", to);
		print_sentence(to, c, step);
	}
	fputc('\n', to);
}

static void print_table(FILE *to, const struct result *r)
{
	size_t passed = 0, skipped = 0;
	struct usage u = { 0 };
	int digits = snprintf(NULL, 0, "%zu", r->ncases);

	for (size_t i = 0; i < r->ncases; i++) {
		print_case(to, r, i, digits);
		passed += r->cases[i].passed;
		skipped += r->cases[i].verdict == VERDICT_SKIPPED;
		if (r->cases[i].ran)
			add_usage(&u, &r->cases[i].outcome.facts);
	}
	fprintf(to, "%s: %zu of %zu passed", verdict_names[r->verdict], passed, r->ncases);
	if (skipped)
		fprintf(to, ", %zu not run", skipped);
	fputs("; ", to);
	print_usage(to, &u);
	fputc('\n', to);
}

static bool compiler_failed(bool there, const struct case_result *compile)
{
	return there && compile->verdict != VERDICT_ACCEPTED && compile->verdict != VERDICT_SKIPPED;
}

static int make_text(const struct result *r, bool quiet, struct cli_report *report)
{
	FILE *out = open_memstream(&report->out, &report->out_len);
	FILE *err = out ? open_memstream(&report->err, &report->err_len) : NULL;
	bool good = out && err;

	if (good && compiler_failed(r->compiled, &r->compile))
		print_compiler(err, &r->compile);
	if (good && compiler_failed(r->checker_compiled, &r->checker))
		print_compiler(err, &r->checker);
	if (good && !quiet) {
		if (r->plan->request->ntests > 0)
			print_table(out, r);
		else
			print_line(err, r);
	}
	if (out && fclose(out) != 0)
		good = false;
	if (err && fclose(err) != 0)
		good = false;
	return good ? 0 : -ENOMEM;
}

static enum exit_code exit_code_of(const struct result *r, enum cli_mode mode)
{
	if (r->verdict == VERDICT_INTERNAL_ERROR && !r->checker_failed)
		return KODEWAR_EXIT_HOST;
	if (mode == CLI_BODY)
		return KODEWAR_EXIT_OK;
	return r->success && r->verdict == VERDICT_ACCEPTED ? KODEWAR_EXIT_OK : KODEWAR_EXIT_FAILED;
}

int cli_report_make(const struct result *r, enum cli_mode mode, bool quiet, struct cli_report *ret)
{
	int rc;

	*ret = (struct cli_report){ .exit_code = exit_code_of(r, mode) };
	rc = mode == CLI_TEXT ? make_text(r, quiet, ret)
			      : result_json_encode(r, &json_options, &ret->out, &ret->out_len);
	if (rc < 0)
		cli_report_done(ret);
	return rc;
}

void cli_report_done(struct cli_report *r)
{
	free(r->out);
	free(r->err);
	r->out = r->err = NULL;
}
