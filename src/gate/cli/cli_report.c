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

#include "codec/result_json.h"
#include "gate/cli/cli_table.h"
#include "kernel/seccomp_compile.h"

static const struct result_json_options json_options = { .syscall_name = seccomp_syscall_name };

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
		compiling || r->ncases == 0 ? &r->plan->steps[0] : cli_table_step(r, 0);
	struct cli_usage u = { 0 };

	fprintf(to, "kodewar: %s: ", verdict_names[r->verdict]);
	if (c->verdict != VERDICT_ACCEPTED) {
		cli_table_sentence(to, c, step);
		fputc(' ', to);
	}
	cli_usage_add(&u, &c->outcome.facts);
	cli_usage_print(to, &u);
	if (c->verdict == VERDICT_ACCEPTED)
		print_end(to, &c->outcome.facts); /* the sentence has told it of all others */
	fputc('\n', to);
}

static bool compiler_failed(bool there, const struct case_result *compile)
{
	return there && compile->verdict != VERDICT_ACCEPTED && compile->verdict != VERDICT_SKIPPED;
}

static void print_compilers(FILE *to, const struct result *r)
{
	if (compiler_failed(r->compiled, &r->compile))
		print_compiler(to, &r->compile);
	if (compiler_failed(r->checker_compiled, &r->checker))
		print_compiler(to, &r->checker);
	if (compiler_failed(r->interactor_compiled, &r->interactor))
		print_compiler(to, &r->interactor);
}

static int make_text(const struct result *r, bool quiet, struct cli_report *report)
{
	FILE *out = open_memstream(&report->out, &report->out_len);
	FILE *err = out ? open_memstream(&report->err, &report->err_len) : NULL;
	bool good = out && err;

	if (good)
		print_compilers(err, r);
	if (good && !quiet) {
		if (r->plan->request->ntests > 0)
			cli_table_print(out, r);
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
