/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A problem package and submissions to it.  The order is that of service.h: our own files, the warden, the package and the
 * submissions opened with the caller's rights, these dropped, and only then a byte of them read.
 *
 * A package may leave its time limit to its accepted examples; then these are judged first, and the slowest says it.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/judge.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "gate/cli/cli_audit.h"

#define JUDGE_ARENA_BYTES (512u << 20) /* of the package, and what is told */

static const struct option_info options[] = {
	SETTING_VERIFY,	     SETTING_ALL_TESTS,	    SETTING_JSON,    SETTING_JUNIT,
	SETTING_LANGUAGE,    SETTING_LIMIT,	    SETTING_REPEAT,  SETTING_QUIET,
	SETTING_LANES,	     SETTING_MAX_BODY,	    SETTING_LOG_DIR, SETTING_RUNNER,
	SETTINGS_OF_BACKEND, SETTING_LANGUAGES_DIR, SETTING_PROFILE, SETTINGS_OF_TREE,
	SETTING_HELP,
};

/* ---- what the caller named ---- */

static int open_submission(struct judge *x, const char *path, struct folder *f)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return folder_open(f, path, x->settings->max_body_bytes, judge_wants_all, NULL,
				   &x->refusal);
	return folder_open_file(f, path, x->settings->max_body_bytes, &x->refusal);
}

static int open_junit(struct judge *x)
{
	const char *path = x->settings->judge.junit;

	if (!path)
		return 0;
	x->junit_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	return x->junit_fd < 0 ? refusal_set(&x->refusal, "--junit", "cannot open %s: %s", path,
					     strerror(errno))
			       : 0;
}

static int open_inputs(struct judge *x)
{
	const struct option_words *w = x->words;
	bool submissions = true;
	int r = folder_open(&x->folder, w->words[0], x->settings->max_body_bytes, package_wants,
			    &submissions, &x->refusal);

	x->nsources = w->nwords - 1;
	x->sources = arena_alloc_array(&x->arena, x->nsources + 1, sizeof(*x->sources));
	if (!x->sources)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < x->nsources; i++)
		r = open_submission(x, w->words[i + 1], &x->sources[i]);
	return r == 0 ? open_junit(x) : r;
}

/* ---- the answer ---- */

static int write_junit(struct judge *x, const struct judge_report *report)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	if (x->junit_fd < 0)
		return 0;
	r = judge_report_junit(report, &text, &len);
	return r < 0 ? r : fd_write_all(x->junit_fd, text, len);
}

/* A row that this host failed says nothing about the submission. */
static bool host_failed(const struct judge *x)
{
	for (size_t i = 0; i < x->nrows; i++)
		if (x->rows[i].judged && x->rows[i].verdict == VERDICT_INTERNAL_ERROR &&
		    !x->rows[i].checker_failed)
			return true;
	return false;
}

static int answer(struct judge *x, struct err *err)
{
	_cleanup_free_ char *text = NULL;
	struct judge_report report;
	int r, code;
	size_t len = 0;

	judge_report_of(x, &report);
	code = host_failed(x)		    ? KODEWAR_EXIT_HOST
	       : judge_report_good(&report) ? KODEWAR_EXIT_OK
					    : KODEWAR_EXIT_FAILED;
	r = write_junit(x, &report);
	if (r < 0)
		return err_set(err, r, "write %s", x->settings->judge.junit);
	if (x->settings->json)
		r = judge_report_json(&report, &text, &len);
	else if (!x->settings->quiet)
		r = judge_report_text(&report, &text, &len);
	if (r < 0)
		return err_set(err, r, "make the report");
	return text ? answer_write(text, len, code) : code;
}

static int refuse(struct judge *x)
{
	cli_audit_refusal("judge", &x->refusal);
	return answer_refusal("judge", x->settings->json, &x->refusal);
}

/* An exit code, or a negative errno with its story. */
static int judge_all(struct judge *x, struct err *err)
{
	const struct settings *s = x->settings;
	int r = service_load(&x->service, s, err);

	if (r == 0)
		r = service_start(&x->service, (unsigned)s->lanes, err);
	if (r < 0)
		return r;
	r = open_inputs(x);
	if (r > 0)
		return refuse(x);
	if (r == 0)
		r = service_enter(&x->service, err);
	if (r < 0)
		return r;
	r = judge_read(x);
	if (r > 0)
		return refuse(x);
	if (r == 0 && s->judge.verify && *x->package.unpromised)
		fprintf(stderr,
			"kodewar judge: note: not judged, since they promise no verdict: %s\n",
			x->package.unpromised);
	if (r == 0)
		r = judge_submissions(x, err);
	if (r != 0)
		return r;
	return *x->refusal.rule ? refuse(x) : answer(x, err);
}

static int check_usage(const struct settings *s, const struct option_words *w)
{
	if (w->nrest > 0)
		return command_usage_error("judge", "takes no words after --");
	if (w->nwords == 0)
		return command_usage_error("judge", "needs a PROBLEM, the folder of a package");
	if (s->judge.verify && w->nwords > 1)
		return command_usage_error(
			"judge",
			"--verify judges the package's own examples, and takes no SUBMISSION");
	if (!s->judge.verify && w->nwords == 1)
		return command_usage_error("judge", "needs a SUBMISSION, or --verify");
	return 0;
}

static int run(const struct settings *s, const struct option_words *words)
{
	struct judge x = { .settings = s, .words = words, .service = SERVICE_INIT, .junit_fd = -1 };
	struct err err = ERR_INIT;
	int r = check_usage(s, words);

	if (r != 0)
		return r;
	arena_init(&x.arena, JUDGE_ARENA_BYTES);
	r = judge_all(&x, &err);
	judge_progress_clear(&x.progress);
	if (r < 0 && !*err.text)
		err_set(&err, r, "judge the submissions");
	if (r < 0)
		r = answer_failure("judge", s->json, NULL, &err);
	service_done(&x.service); /* before what the engine's jobs point to */
	judge_run_done(x.rows, x.nrows);
	for (size_t i = 0; x.sources && i < x.nsources; i++)
		folder_done(&x.sources[i]);
	folder_done(&x.folder);
	fd_drop(&x.junit_fd);
	arena_done(&x.arena);
	return r;
}

const struct command command_judge = {
	.name = "judge",
	.synopsis = (const char *const[]){ "[OPTION...] PROBLEM SUBMISSION...",
					   "[OPTION...] --verify PROBLEM", NULL },
	.summary = "Judge submissions by a problem package",
	.details =
		"PROBLEM is the folder of an ICPC or Kattis package (problem.yaml) or of a Polygon-like one "
		"(problem.xml); SUBMISSION a source, or a folder of files. Each is compiled once and run on the tests in "
		"their order, until the first that it does not pass. A table is printed on stdout, one line for each. "
		"docs/JUDGING.md says what of a package is read.\n\n"
		"Where neither the package nor --limit cpu_ms=N says a time limit, it is that of the slowest accepted "
		"example, times the package's multiplier, in whole seconds.",
	.needs_root = true,
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};
