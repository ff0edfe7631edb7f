/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See judge_run.h.  After each turn of the loop, rows that are over give their memory back and the next ones are begun: a job
 * that is told of must not lose its arena from within.  A signal ends the loop, and whoever owns the engine ends the jobs.
 */
#include "gate/judge/judge_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/cli/cli_audit.h"
#include "gate/cli/first_difference.h"
#include "gate/cli/said.h"
#include "gate/judge/package_grade.h"

#define ROW_ARENA_BYTES (2ull << 30) /* outputs of all tests */
#define DETAIL_BYTES 512

static const int end_signals[] = { SIGINT, SIGTERM };

struct judge_run {
	struct judge_config config;
	sd_event_source *signals[ARRAY_SIZE(end_signals)]; /* owned */
	unsigned flying;
	int signal, error;
};

/* ---- what is told ---- */

/* The first line, for one line of a table: programs' bytes may not move a cursor. */
static const char *first_line(struct arena *arena, const char *said)
{
	char text[DETAIL_BYTES];
	size_t n = said_words((struct text){ said, strcspn(said, "\n") }, DETAIL_BYTES, text,
			      sizeof(text));

	return arena_strndup(arena, text, n);
}

static const char *crash_of(struct arena *arena, const struct case_result *c)
{
	const char *sentence = first_line(arena, c->error);
	char last[DETAIL_BYTES];

	if (!sentence || !said_last_line(c->outcome.err, last, sizeof(last)))
		return sentence;
	return arena_printf(arena, "%s stderr: %s", sentence, last);
}

static const char *detail_of(struct judge_run *run, const struct case_result *c)
{
	char text[DETAIL_BYTES];

	if (!c->ran || c->passed)
		return "";
	if (c->verdict == VERDICT_RUNTIME_ERROR && !c->check)
		return crash_of(run->config.arena, c);
	if (!verdict_is_normal(c->verdict))
		return first_line(run->config.arena, c->error);
	if (!c->difference.line)
		return c->comment ? first_line(run->config.arena, c->comment)
		       : c->talk  ? "the interactor does not say why"
		       : c->check ? "the checker does not say why"
				  : "output was cut";
	return arena_strndup(run->config.arena, text,
			     first_difference(&c->difference, text, sizeof(text)));
}

static int keep_case(struct judge_row *row, const struct result *result, size_t i)
{
	const struct case_result *c = &result->cases[i];
	const struct facts *f = &c->outcome.facts;
	struct judge_case *to = &row->cases[i];

	*to = (struct judge_case){ .ran = c->ran,
				   .verdict = c->verdict,
				   .cpu_usec = f->cpu_usec,
				   .wall_usec = f->wall_usec,
				   .memory_bytes = f->memory_peak_bytes,
				   .runs = c->nruns > 1 ? c->nruns : c->ran,
				   .detail = detail_of(row->run, c) };
	if (c->talk && c->talk->transcript.len) {
		const struct text *said = &c->talk->transcript;
		const char *kept = arena_strndup(row->run->config.arena, said->data, said->len);

		to->transcript = kept ? (struct text){ kept, said->len } : TEXT("");
	}
	row->ran += c->ran;
	row->passed += c->passed;
	if (c->ran && !c->passed && i < row->first_failure)
		row->first_failure = i;
	row->cpu_usec = f->cpu_usec > row->cpu_usec ? f->cpu_usec : row->cpu_usec;
	row->wall_usec = f->wall_usec > row->wall_usec ? f->wall_usec : row->wall_usec;
	if (f->memory_peak_bytes > row->memory_bytes)
		row->memory_bytes = f->memory_peak_bytes;
	return to->detail ? 0 : -ENOMEM;
}

/* Where groups decide: their verdict, and of a score that could be higher that it is partial. */
static int grade(struct judge_row *row, const struct result *result)
{
	const struct package *p = row->run->config.package;
	enum verdict *verdicts = arena_alloc_array(&row->arena, p->ntests, sizeof(*verdicts));
	struct package_grade got, best;

	if (!verdicts)
		return -ENOMEM;
	for (size_t i = 0; i < p->ntests; i++)
		verdicts[i] = VERDICT_ACCEPTED;
	best = package_grade(p, verdicts);
	for (size_t i = 0; i < p->ntests; i++) {
		verdicts[i] = result->cases[i].verdict;
		if (verdicts[i] == VERDICT_INTERNAL_ERROR || !result->cases[i].ran)
			return 0; /* this host's fault, or the compiler's word: nothing to grade */
	}
	got = package_grade(p, verdicts);
	row->score = got.score;
	row->verdict = got.verdict == VERDICT_ACCEPTED && p->scoring && got.score < best.score
			       ? VERDICT_PARTIAL
			       : got.verdict;
	return 0;
}

static int keep(struct judge_row *row, const struct result *result)
{
	struct arena *arena = row->run->config.arena;
	int r = 0;

	row->judged = true;
	row->verdict = result->verdict;
	row->checker_failed = result->checker_failed;
	row->score = 0;
	row->detail = "";
	row->ran = row->passed = 0;
	row->cpu_usec = row->wall_usec = row->memory_bytes = 0;
	row->first_failure = result->ncases;
	row->cases = arena_alloc_array(arena, result->ncases, sizeof(*row->cases));
	if (!row->cases)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < result->ncases; i++)
		r = keep_case(row, result, i);
	if (r == 0 && row->run->config.package->graded)
		r = grade(row, result);
	if (row->first_failure == result->ncases && result->verdict != VERDICT_ACCEPTED)
		row->detail = arena_strndup(arena, result->error, strnlen(result->error, 65536));
	return row->detail ? r : -ENOMEM;
}

static void on_done(void *user, const struct result *result)
{
	struct judge_row *row = user;
	int r = keep(row, result);

	cli_audit_result(row->id, result);
	log_event(LOG_LEVEL_INFO, "submission judged job=%s language=%s verdict=%s cases=%zu",
		  row->id, row->plan.language->name, verdict_names[result->verdict],
		  result->ncases);
	if (r < 0)
		row->run->error = r;
	row->over = true;
}

static void on_case(void *user, const struct result *result, size_t i)
{
	struct judge_row *row = user;

	row->ran++;
	if (row->run->config.on_progress)
		row->run->config.on_progress(row->run->config.user, row);
}

/* ---- flights ---- */

static void land(struct judge_row *row)
{
	arena_done(&row->arena);
	row->flying = row->over = row->wanted = false;
}

static int begin(struct judge_run *run, struct judge_row *row, struct err *err)
{
	const struct job_events events = { .on_case = on_case, .on_done = on_done };
	struct job *job;
	int r = job_id_make(row->id);

	row->run = run;
	row->flying = true;
	row->ran = 0;
	run->flying++;
	arena_init(&row->arena, ROW_ARENA_BYTES);
	if (r < 0)
		return err_set(err, r, "get random bytes");
	r = run->config.prepare(run->config.user, row, err);
	if (r > 0) {
		land(row);
		run->flying--;
	}
	if (r != 0)
		return r < 0 ? r : 0;
	return engine_submit(run->config.engine,
			     &(struct engine_order){ .plan = &row->plan,
						     .arena = &row->arena,
						     .id = row->id,
						     .live_stdin_fd = -1,
						     .events = &events,
						     .user = row },
			     &job, err);
}

static int move_on(struct judge_run *run, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < run->config.nrows; i++)
		if (run->config.rows[i].over) {
			land(&run->config.rows[i]);
			run->flying--;
		}
	for (size_t i = 0; r == 0 && i < run->config.nrows; i++) {
		struct judge_row *row = &run->config.rows[i];

		if (row->wanted && !row->held && !row->flying &&
		    run->flying < run->config.in_flight)
			r = begin(run, row, err);
	}
	return r;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	struct judge_run *run = user;

	log_event(LOG_LEVEL_WARNING, "judging cancelled signal=%u", info->ssi_signo);
	run->signal = (int)info->ssi_signo;
	return 0;
}

static int watch_signals(struct judge_run *run)
{
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
		sigaddset(&set, end_signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(end_signals); i++)
		r = sd_event_add_signal(run->config.loop, &run->signals[i], end_signals[i],
					on_signal, run);
	return r < 0 ? r : 0;
}

static int turn(struct judge_run *run, struct err *err)
{
	int r = watch_signals(run);

	while (r >= 0) {
		r = move_on(run, err);
		if (r < 0 || run->flying == 0)
			break;
		r = sd_event_run(run->config.loop, UINT64_MAX);
		if (r >= 0 && run->error)
			r = run->error;
		if (run->signal)
			return 128 + run->signal;
	}
	return r < 0 ? r : 0;
}

int judge_run(const struct judge_config *config, struct err *err)
{
	struct judge_run run = { .config = *config };
	int r = turn(&run, err);

	for (size_t i = 0; i < ARRAY_SIZE(run.signals); i++)
		loop_source_drop(&run.signals[i]);
	if (r < 0 && !*err->text)
		err_set(err, r, "judge the submissions");
	return r;
}

void judge_run_done(struct judge_row *rows, size_t nrows)
{
	for (size_t i = 0; i < nrows; i++)
		if (rows[i].flying)
			land(&rows[i]);
}
