/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See judge_report.h.  In JUnit's XML a submission is one test case, since that is what a CI is to be red for: the tests that a
 * wrong example fails are no failure of the package.
 */
#include "gate/judge/judge_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_write.h"
#include "gate/cli/said.h"

#define PROMISE_BYTES 256
#define REASON_BYTES 512

bool judge_report_row_good(const struct judge_report *r, const struct judge_row *row)
{
	if (!row->judged)
		return false;
	return r->verify ? row->promised & 1u << row->verdict : row->verdict == VERDICT_ACCEPTED;
}

bool judge_report_good(const struct judge_report *r)
{
	bool good = true;

	for (size_t i = 0; i < r->nrows; i++)
		good = good && judge_report_row_good(r, &r->rows[i]);
	return good;
}

void judge_report_promise(unsigned promised, char *text, size_t size)
{
	size_t n = 0;

	*text = '\0';
	if (promised & 1u << VERDICT_WRONG_ANSWER)
		promised &= ~(1u << VERDICT_PRESENTATION_ERROR); /* one of its kinds */
	for (unsigned v = 0; v < VERDICT_COUNT && n < size; v++)
		if (promised & 1u << v)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " or " : "",
					      verdict_names[v]);
}

static const char *verdict_of_row(const struct judge_row *row)
{
	return row->judged ? verdict_names[row->verdict] : "not judged";
}

/* The first line of why a row is not accepted, "" where it is. */
static void print_reason(FILE *to, const struct judge_report *r, const struct judge_row *row)
{
	size_t i = row->first_failure, sentence = row->judged ? strcspn(row->detail, "\n") : 0;
	char line[REASON_BYTES];

	if (!row->judged)
		fprintf(to, "%s", row->refusal.rule);
	else if (i < r->package->ntests)
		fprintf(to, "%s: %s", r->package->tests[i].name, row->cases[i].detail);
	else
		fprintf(to, "%.*s", (int)sentence, row->detail);
	if (row->judged && row->verdict == VERDICT_COMPILE_ERROR && row->detail[sentence]) {
		said_error_line((struct text){ row->detail + sentence,
					       strlen(row->detail + sentence) },
				line, sizeof(line));
		fprintf(to, " %s", line);
	}
}

/* ---- for people ---- */

static void print_row(FILE *to, const struct judge_report *r, const struct judge_row *row,
		      int width)
{
	char tests[48] = "", promise[PROMISE_BYTES];

	if (row->judged)
		snprintf(tests, sizeof(tests), "%zu/%zu", row->passed, r->package->ntests);
	fprintf(to, "%-*s  %-18s %9s", width, row->path, verdict_of_row(row), tests);
	if (row->judged && row->ran)
		fprintf(to, " %8.3f s %8.1f MiB", (double)row->cpu_usec / 1e6,
			(double)row->memory_bytes / (1 << 20));
	else
		fprintf(to, " %8s   %8s    ", "", "");
	if (r->package->scoring)
		fprintf(to, " %8g", row->score);
	if (r->verify) {
		judge_report_promise(row->promised, promise, sizeof(promise));
		if (judge_report_row_good(r, row))
			fputs("  as promised", to);
		else
			fprintf(to, "  NOT as promised: %s", promise);
	}
	if (!row->judged || row->verdict != VERDICT_ACCEPTED) {
		fputs("  ", to);
		print_reason(to, r, row);
	}
	fputc('\n', to);
}

static void print_table(FILE *to, const struct judge_report *r)
{
	size_t good = 0;
	int width = (int)strlen("SUBMISSION");

	for (size_t i = 0; i < r->nrows; i++)
		if ((int)strlen(r->rows[i].path) > width)
			width = (int)strlen(r->rows[i].path);
	fprintf(to, "%s: %zu tests, %.3f s of cpu each (%s), %llu MiB\n\n", r->package->name,
		r->package->ntests, (double)r->time_ms / 1e3, r->time_from,
		(unsigned long long)r->memory_kb / 1024);
	fprintf(to, "%-*s  %-18s %9s %10s %12s%s%s\n", width, "SUBMISSION", "VERDICT", "PASSED",
		"MOST CPU", "MOST MEMORY", r->package->scoring ? "    SCORE" : "",
		r->verify ? "  PROMISE" : "");
	for (size_t i = 0; i < r->nrows; i++) {
		print_row(to, r, &r->rows[i], width);
		good += judge_report_row_good(r, &r->rows[i]);
	}
	fprintf(to, "\n%zu of %zu %s\n", good, r->nrows,
		r->verify ? "submissions got the verdict that was promised"
			  : "submissions accepted");
}

int judge_report_text(const struct judge_report *r, char **ret, size_t *ret_len)
{
	FILE *to = open_memstream(ret, ret_len);

	if (!to)
		return -ENOMEM;
	print_table(to, r);
	return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* ---- JSON ---- */

static void write_usage(struct json_writer *w, uint64_t cpu, uint64_t wall, uint64_t memory)
{
	json_write_key(w, "usage");
	json_write_open(w, '{');
	json_write_key(w, "cpu_ms");
	json_write_uint(w, cpu / 1000);
	json_write_key(w, "wall_ms");
	json_write_uint(w, wall / 1000);
	json_write_key(w, "memory_kb");
	json_write_uint(w, memory / 1024);
	json_write_close(w, '}');
}

static void write_case(struct json_writer *w, const struct package_test *t,
		       const struct judge_case *c)
{
	json_write_open(w, '{');
	json_write_key(w, "name");
	json_write_string(w, t->name);
	json_write_key(w, "verdict");
	json_write_string(w, verdict_names[c->verdict]);
	json_write_key(w, "passed");
	json_write_bool(w, c->ran && c->verdict == VERDICT_ACCEPTED);
	json_write_key(w, "detail");
	json_write_string(w, c->detail);
	json_write_key(w, "runs");
	json_write_uint(w, c->runs);
	write_usage(w, c->cpu_usec, c->wall_usec, c->memory_bytes);
	if (c->transcript.len) {
		json_write_key(w, "transcript");
		json_write_text(w, c->transcript);
	}
	json_write_close(w, '}');
}

static void write_promise(struct json_writer *w, unsigned promised)
{
	json_write_key(w, "promised");
	json_write_open(w, '[');
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (promised & 1u << v)
			json_write_string(w, verdict_names[v]);
	json_write_close(w, ']');
}

static void write_score(struct json_writer *w, const struct judge_report *r,
			const struct judge_row *row)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%.12g", row->score);

	json_write_key(w, "score");
	if (r->package->scoring && row->judged)
		json_write_raw(w, text, (size_t)n);
	else
		json_write_null(w);
}

static void write_row(struct json_writer *w, const struct judge_report *r,
		      const struct judge_row *row)
{
	json_write_open(w, '{');
	json_write_key(w, "path");
	json_write_string(w, row->path);
	json_write_key(w, "language");
	json_write_string(w, row->judged ? row->plan.language->name : NULL);
	json_write_key(w, "time_factor");
	if (row->judged)
		json_write_number(w, row->plan.factors.time);
	else
		json_write_null(w);
	json_write_key(w, "verdict");
	json_write_string(w, row->judged ? verdict_names[row->verdict] : NULL);
	json_write_key(w, "error");
	json_write_string(w, row->judged ? row->detail : row->refusal.rule);
	if (r->verify)
		write_promise(w, row->promised);
	json_write_key(w, "good");
	json_write_bool(w, judge_report_row_good(r, row));
	json_write_key(w, "passed");
	json_write_uint(w, row->passed);
	write_score(w, r, row);
	write_usage(w, row->cpu_usec, row->wall_usec, row->memory_bytes);
	json_write_key(w, "tests");
	json_write_open(w, '[');
	for (size_t i = 0; row->judged && i < r->package->ntests; i++)
		write_case(w, &r->package->tests[i], &row->cases[i]);
	json_write_close(w, ']');
	json_write_close(w, '}');
}

int judge_report_json(const struct judge_report *r, char **ret, size_t *ret_len)
{
	struct json_writer w;
	int rc;

	json_write_init(&w, JSON_WRITE_MAX_BYTES);
	json_write_open(&w, '{');
	json_write_key(&w, "package");
	json_write_string(&w, r->package->name);
	json_write_key(&w, "format");
	json_write_string(&w, r->package->format == PACKAGE_ICPC ? "icpc" : "polygon");
	json_write_key(&w, "good");
	json_write_bool(&w, judge_report_good(r));
	json_write_key(&w, "tests");
	json_write_uint(&w, r->package->ntests);
	json_write_key(&w, "cpu_ms");
	json_write_uint(&w, r->time_ms);
	json_write_key(&w, "memory_kb");
	json_write_uint(&w, r->memory_kb);
	json_write_key(&w, "submissions");
	json_write_open(&w, '[');
	for (size_t i = 0; i < r->nrows; i++)
		write_row(&w, r, &r->rows[i]);
	json_write_close(&w, ']');
	json_write_close(&w, '}');
	rc = json_write_take(&w, ret, ret_len);
	json_write_done(&w);
	return rc;
}

/* ---- JUnit ---- */

static void put_xml(FILE *to, const char *text)
{
	for (const char *c = text; *c; c++) {
		const char *as = *c == '&'   ? "&amp;"
				 : *c == '<' ? "&lt;"
				 : *c == '>' ? "&gt;"
				 : *c == '"' ? "&quot;"
					     : NULL;

		if (as)
			fputs(as, to);
		else if ((unsigned char)*c >= ' ')
			fputc(*c, to);
	}
}

static int put_failure(FILE *to, const struct judge_report *r, const struct judge_row *row)
{
	char *reason = NULL, promise[PROMISE_BYTES];
	size_t len;
	FILE *text = open_memstream(&reason, &len);

	if (!text)
		return -ENOMEM;
	print_reason(text, r, row);
	if (fclose(text) != 0) {
		free(reason);
		return -ENOMEM;
	}
	fprintf(to, "      <%s message=\"", row->judged ? "failure" : "error");
	put_xml(to, verdict_of_row(row));
	if (r->verify) {
		judge_report_promise(row->promised, promise, sizeof(promise));
		fprintf(to, ", %s was promised", promise);
	}
	if (*reason)
		fputs(": ", to);
	put_xml(to, reason);
	fputs("\"/>\n", to);
	free(reason);
	return 0;
}

static int put_testcase(FILE *to, const struct judge_report *r, const struct judge_row *row)
{
	uint64_t wall = 0;
	int rc = 0;

	for (size_t i = 0; row->judged && i < r->package->ntests; i++)
		wall += row->cases[i].wall_usec;
	fputs("    <testcase classname=\"", to);
	put_xml(to, r->package->name);
	fputs("\" name=\"", to);
	put_xml(to, row->path);
	fprintf(to, "\" time=\"%.3f\"", (double)wall / 1e6);
	if (judge_report_row_good(r, row)) {
		fputs("/>\n", to);
	} else {
		fputs(">\n", to);
		rc = put_failure(to, r, row);
		fputs("    </testcase>\n", to);
	}
	return rc;
}

int judge_report_junit(const struct judge_report *r, char **ret, size_t *ret_len)
{
	size_t failures = 0, errors = 0;
	FILE *to = open_memstream(ret, ret_len);
	int rc = 0;

	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < r->nrows; i++) {
		errors += !r->rows[i].judged;
		failures += r->rows[i].judged && !judge_report_row_good(r, &r->rows[i]);
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"", to);
	put_xml(to, r->package->name);
	fprintf(to, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n", r->nrows,
		failures, errors);
	for (size_t i = 0; rc == 0 && i < r->nrows; i++)
		rc = put_testcase(to, r, &r->rows[i]);
	fputs("  </testsuite>\n</testsuites>\n", to);
	return fclose(to) == 0 ? rc : -ENOMEM;
}
