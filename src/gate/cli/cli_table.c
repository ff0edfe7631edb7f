/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cli_table.h.  A row says what somebody needs who looks for his mistake: where the output first differs, what the
 * checker said, the last line that a crashed program wrote to stderr, why a case was not run.  Tests are counted from 1.
 */
#include "gate/cli/cli_table.h"

#include <string.h>

#include "base/cleanup.h"
#include "codec/excerpt.h"
#include "gate/cli/first_difference.h"
#include "gate/cli/said.h"
#include "model/groups.h"

#define TEXT_BYTES 512
#define SKIPPED_ROWS_MAX 3u /* beyond this many with one reason a row stands for all of them */

void cli_usage_add(struct cli_usage *u, const struct facts *f)
{
	double mib = (double)f->memory_peak_bytes / (1 << 20);

	u->cpu_sec += (double)f->cpu_usec / 1e6;
	u->wall_sec += (double)f->wall_usec / 1e6;
	u->memory_mib = mib > u->memory_mib ? mib : u->memory_mib;
}

void cli_usage_print(FILE *to, const struct cli_usage *u)
{
	fprintf(to, "cpu %.3f s, wall %.3f s, memory %.1f MiB", u->cpu_sec, u->wall_sec,
		u->memory_mib);
}

const struct plan_step *cli_table_step(const struct result *r, size_t i)
{
	return &r->plan->steps[i + (r->compiled ? 1 : 0)];
}

void cli_table_sentence(FILE *to, const struct case_result *c, const struct plan_step *step)
{
	char text[TEXT_BYTES];

	if (verdict_sentence(c->verdict, &c->outcome.facts, &step->limits, text, sizeof(text)))
		fprintf(to, "%s", text);
}

static void print_first_line(FILE *to, const char *words)
{
	char text[EXCERPT_BYTES];

	said_words((struct text){ words, strcspn(words, "\n") }, EXCERPT_BYTES, text, sizeof(text));
	fputs(text, to);
}

/* ---- why a case was not run ---- */

static const char *compilers_fault(const struct result *r)
{
	if (r->checker_compiled && r->checker.ran && r->checker.verdict != VERDICT_ACCEPTED)
		return "the checker could not be compiled";
	if (r->interactor_compiled && r->interactor.ran &&
	    r->interactor.verdict != VERDICT_ACCEPTED)
		return "the interactor could not be compiled";
	if (r->compiled && r->compile.verdict != VERDICT_ACCEPTED)
		return "the compile step failed";
	return NULL;
}

/* The case of its group that ended the group, or `i` where the group was not begun. */
static size_t ended_group(const struct result *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->plan->group_of[k] == r->plan->group_of[i] && r->cases[k].ran &&
		    !r->cases[k].passed && groups_points(r, k) <= 0)
			return k;
	return i;
}

/* In the order in which the engine asks. */
static void skip_reason(const struct result *r, size_t i, char text[TEXT_BYTES])
{
	const char *reason = compilers_fault(r);
	size_t by = i;

	if (!reason && r->cases[i].passed_over) {
		by = ended_group(r, i);
		if (by < i)
			snprintf(text, TEXT_BYTES, "test %zu of its group did not pass", by + 1);
		else
			snprintf(text, TEXT_BYTES, "a group that its own depends on did not pass");
		return;
	}
	for (size_t k = 0; !reason && r->plan->request->stop_on_failure && k < i; k++)
		if (r->cases[k].ran && !r->cases[k].passed)
			reason = "an earlier case did not pass";
	snprintf(text, TEXT_BYTES, "%s",
		 reason ? reason : "the submission's total wall time was spent");
}

/* The first case from `i` on that has another reason, or none. */
static size_t same_reason_until(const struct result *r, size_t i)
{
	char reason[TEXT_BYTES], other[TEXT_BYTES];
	size_t k = i;

	skip_reason(r, i, reason);
	do {
		if (++k == r->ncases || r->cases[k].verdict != VERDICT_SKIPPED ||
		    r->plan->group_of[k] != r->plan->group_of[i])
			break;
		skip_reason(r, k, other);
	} while (strcmp(reason, other) == 0);
	return k;
}

/* ---- rows ---- */

/* Why an answer was not right, or what a checker said of one that was. */
static void print_answer(FILE *to, const struct case_result *c)
{
	char text[TEXT_BYTES];

	if ((c->check || c->talk) && c->comment && *c->comment) {
		fputs(c->talk ? "  interactor: " : "  checker: ", to);
		print_first_line(to, c->comment);
	} else if (c->difference.line) {
		first_difference(&c->difference, text, sizeof(text));
		fprintf(to, "  %s", text);
	} else if (c->comment && *c->comment) {
		fputs("  ", to);
		print_first_line(to, c->comment);
	} else if ((c->check || c->talk) && !c->passed) {
		fprintf(to, "  the %s does not say why", c->talk ? "interactor" : "checker");
	} else if (c->outcome.out_truncated && !c->passed) {
		fputs("  the output was cut", to);
	}
}

static void print_last_line(FILE *to, struct text err)
{
	char text[TEXT_BYTES];

	if (said_last_line(err, text, sizeof(text)))
		fprintf(to, " stderr: %s", text);
}

static void print_why(FILE *to, const struct result *r, size_t i)
{
	const struct case_result *c = &r->cases[i];

	if (verdict_is_normal(c->verdict)) {
		print_answer(to, c);
	} else if (c->check || (c->talk && c->talk->at_fault)) {
		fputs("  ", to);
		print_first_line(to, c->error);
	} else {
		fputs("  ", to);
		cli_table_sentence(to, c, cli_table_step(r, i));
		if (c->verdict == VERDICT_RUNTIME_ERROR)
			print_last_line(to, c->outcome.err);
		if (c->talk && c->verdict == VERDICT_TIME_LIMIT && c->comment) {
			fputc(' ', to);
			print_first_line(to, c->comment);
		}
	}
}

static void print_points(FILE *to, const struct result *r, size_t i)
{
	const struct test_case *t = &r->plan->request->tests[i];

	if (!r->plan->scored)
		return;
	fprintf(to, "  %4.12g of ", groups_points(r, i));
	fprintf(to, t->group ? "%-4.12g  " : "%.12g", test_case_points(t));
	if (t->group)
		print_first_line(to, t->group);
}

static void print_skipped(FILE *to, const struct result *r, size_t i, size_t end, int digits)
{
	char reason[TEXT_BYTES];

	skip_reason(r, i, reason);
	if (end - i > 1)
		fprintf(to, "tests %zu to %zu", i + 1, end);
	else
		fprintf(to, "test %*zu", digits, i + 1);
	fprintf(to, "  SKIP  %-18s  not run: %s\n", verdict_names[VERDICT_SKIPPED], reason);
}

static void print_case(FILE *to, const struct result *r, size_t i, int digits)
{
	const struct case_result *c = &r->cases[i];

	fprintf(to, "test %*zu  %s  %-18s", digits, i + 1, c->passed ? "PASS" : "FAIL",
		verdict_names[c->verdict]);
	if (c->ran)
		fprintf(to, " %9.3f s", (double)c->outcome.facts.wall_usec / 1e6);
	print_points(to, r, i);
	if (c->ran)
		print_why(to, r, i);
	if (c->nruns > 1)
		fprintf(to, "  run %zu of %zu", c->counted + 1, c->nruns);
	fputc('\n', to);
}

/* ---- points ---- */

static void print_groups(FILE *to, const struct result *r)
{
	for (size_t g = 0; r->groups && g < r->plan->request->ngroups; g++) {
		const struct plan_group *group = &r->plan->groups[g];

		fprintf(to, "group %-18s %9.12g of %-9.12g ", verdict_names[r->groups[g].verdict],
			r->groups[g].points, group->max);
		print_first_line(to, group->asked->name);
		for (size_t k = 0; k < group->asked->ndepends; k++) {
			fputs(k ? ", " : " (depends on ", to);
			print_first_line(to, r->plan->groups[group->depends[k]].asked->name);
		}
		fputs(group->asked->ndepends ? ")\n" : "\n", to);
	}
}

static void print_summary(FILE *to, const struct result *r)
{
	size_t passed = 0, skipped = 0;
	struct cli_usage u = { 0 };

	for (size_t i = 0; i < r->ncases; i++) {
		passed += r->cases[i].passed;
		skipped += r->cases[i].verdict == VERDICT_SKIPPED;
		if (r->cases[i].ran)
			cli_usage_add(&u, &r->cases[i].outcome.facts);
	}
	fprintf(to, "%s: %zu of %zu passed", verdict_names[r->verdict], passed, r->ncases);
	if (skipped)
		fprintf(to, ", %zu not run", skipped);
	if (r->plan->scored)
		fprintf(to, ", score %.12g of %.12g", r->points, r->max_points);
	fputs("; ", to);
	cli_usage_print(to, &u);
	fputc('\n', to);
}

void cli_table_print(FILE *to, const struct result *r)
{
	int digits = snprintf(NULL, 0, "%zu", r->ncases);
	size_t end;

	for (size_t i = 0; i < r->ncases; i = end) {
		end = i + 1;
		if (r->cases[i].verdict != VERDICT_SKIPPED) {
			print_case(to, r, i, digits);
			continue;
		}
		end = same_reason_until(r, i);
		if (end - i <= SKIPPED_ROWS_MAX)
			end = i + 1;
		print_skipped(to, r, i, end, digits);
	}
	print_groups(to, r);
	print_summary(to, r);
}
