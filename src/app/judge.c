/* SPDX-License-Identifier: Apache-2.0 */
/* See judge.h. */
#include "app/judge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gate/cli/cli_request.h"
#include "gate/judge/package_program.h"

#define OUTPUT_BYTES_DEFAULT \
	(8u << 20)   /* where the package says none: that of the format's definition */
#define WALL_SHARE 3 /* a host that is not idle gives a program less than one cpu */
#define WALL_SPARE_MS 3000
#define SPARE_TOTAL_MS 60000
#define WARM_TESTS 8
#define CACHE_BYTES (256ull << 20)
#define CACHE_ENTRIES 64
#define ACCEPTED_BIT (1u << VERDICT_ACCEPTED)

bool judge_wants_all(void *user, const char *path, bool dir)
{
	const char *slash = strrchr(path, '/');

	return *(slash ? slash + 1 : path) != '.';
}

/* ---- reading ---- */

static int make_tests(struct judge *x)
{
	const struct package *p = &x->package;

	x->tests = arena_alloc_array(&x->arena, p->ntests, sizeof(*x->tests));
	if (!x->tests)
		return -ENOMEM;
	for (size_t i = 0; i < p->ntests; i++)
		x->tests[i] =
			(struct test_case){ .input = p->tests[i].input,
					    .expected = p->tests[i].answer,
					    .compare =
						    p->checker.there ? NULL : p->tests[i].compare };
	return 0;
}

/* What says nothing of its source is told by the name on the command line. */
static int add_sources(struct judge *x)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->nsources; i++)
		r = package_program_of(&x->sources[i], x->words->words[i + 1], &x->arena,
				       &x->rows[x->nrows++].program);
	return r;
}

/* Those that only measure come after those that are shown. */
static bool measures(const struct judge *x, const struct package_submission *s)
{
	return s->promised == ACCEPTED_BIT && !x->package.limits.time_ms && !x->limits.cpu_ms;
}

static void add_examples(struct judge *x)
{
	const struct package *p = &x->package;

	for (size_t i = 0; i < p->nsubmissions; i++) {
		const struct package_submission *s = &p->submissions[i];

		if (!x->settings->judge.verify && !measures(x, s))
			continue;
		x->rows[x->nrows].promised = s->promised;
		x->rows[x->nrows++].program = s->program;
	}
}

static int make_rows(struct judge *x)
{
	const struct package *p = &x->package;
	int r;

	x->rows = arena_alloc_array(&x->arena, x->nsources + p->nsubmissions + 1, sizeof(*x->rows));
	if (!x->rows)
		return -ENOMEM;
	r = add_sources(x);
	x->nshown = x->nrows;
	add_examples(x);
	if (x->settings->judge.verify)
		x->nshown = x->nrows;
	for (size_t i = 0; i < x->nrows; i++) {
		x->rows[i].path = x->rows[i].program.path;
		x->rows[i].wanted = true;
	}
	if (r == 0 && x->nshown == 0)
		r = folder_refuse(&x->folder, "submissions", &x->refusal,
				  "holds no example in a folder that promises a verdict");
	return r;
}

/* A named submission that cannot be judged refuses the call; an example is a row that says why. */
static int read_program(struct judge *x, struct judge_row *row)
{
	uint64_t max = x->package.limits.code_bytes;
	int r = package_program_read(&row->program, x->settings->language, &x->service.languages,
				     &x->arena, &row->request, &row->refusal);

	if (r == 0 && max && row->request.code.len > max)
		r = refusal_set(&row->refusal, row->path,
				"is larger than the %llu bytes that the package allows",
				(unsigned long long)max);
	if (r <= 0)
		return r;
	row->wanted = false;
	if (row->promised)
		return 0;
	x->refusal = row->refusal;
	return 1;
}

int judge_read(struct judge *x)
{
	int r = cli_request_limits(x->settings, &x->limits, &x->refusal);

	if (r == 0)
		r = package_read(&x->package, &x->folder, &x->arena, &x->refusal);
	if (r == 0 && x->package.checker.there)
		r = package_checker_read(&x->package, &x->package.checker, &x->service.languages,
					 &x->arena, &x->checker, &x->refusal);
	if (r == 0 && x->package.interactor.there)
		r = package_checker_read(&x->package, &x->package.interactor, &x->service.languages,
					 &x->arena, &x->interactor, &x->refusal);
	if (r == 0)
		r = make_tests(x);
	if (r == 0)
		r = make_rows(x);
	for (size_t i = 0; r == 0 && i < x->nrows; i++)
		r = read_program(x, &x->rows[i]);
	return r;
}

/* ---- limits ---- */

/* What the package says, and what follows from the time limit; the command line's word goes before. */
static void set_limits(struct judge *x, uint64_t time_ms, const char *from)
{
	const struct package_limits *of = &x->package.limits;
	const struct limits *cap = &x->service.planner.caps;
	struct limits *l = &x->limits, said = *l;
	uint64_t wall, total;

	*l = (struct limits){ .cpu_ms = time_ms,
			      .memory_kb = of->memory_kb,
			      .output_bytes =
				      of->output_bytes ? of->output_bytes : OUTPUT_BYTES_DEFAULT };
	limits_overlay(l, &said);
	x->said = *l;
	x->time_from = said.cpu_ms ? "--limit" : from;
	wall = WALL_SHARE * l->cpu_ms + WALL_SPARE_MS;
	if (!l->wall_ms)
		l->wall_ms = wall < cap->wall_ms ? wall : cap->wall_ms;
	/* An interactor runs for as long as the submission does. */
	total = x->package.ntests * l->wall_ms * (x->package.interactor.there ? 2 : 1) +
		SPARE_TOTAL_MS;
	if (!l->total_wall_ms)
		l->total_wall_ms = total < cap->total_wall_ms ? total : cap->total_wall_ms;
}

/* What follows from the time limit must not be what refuses a submission for its language's factor. */
static void fit(uint64_t *limit, uint64_t cap, double factor)
{
	uint64_t most = (uint64_t)((double)cap / factor);

	if (factor > 1 && *limit > most)
		*limit = most;
}

static void fill_request(struct judge *x, struct judge_row *row)
{
	const struct language *of = language_find(&x->service.languages, row->request.language);
	const struct limits *cap = &x->service.planner.caps;

	row->request.tests = x->tests;
	row->request.ntests = x->package.ntests;
	row->request.compare = x->package.compare;
	row->request.checker = x->package.checker.there ? &x->checker : NULL;
	row->request.interactor = x->package.interactor.there ? &x->interactor : NULL;
	row->request.input_file = x->package.input_file;
	row->request.output_file = x->package.output_file;
	row->request.stop_on_failure = !x->settings->judge.all && !x->package.graded;
	row->request.limits = x->limits;
	if (x->settings->repeat != SETTINGS_UNSAID)
		row->request.repeat =
			(struct request_repeat){ .said = true,
						 .times = (unsigned)x->settings->repeat };
	if (of && !x->said.wall_ms)
		fit(&row->request.limits.wall_ms, cap->wall_ms, of->time_factor);
	if (of && !x->said.total_wall_ms)
		fit(&row->request.limits.total_wall_ms, cap->total_wall_ms, of->time_factor);
}

/* Whether this deployment takes such limits is known before anything runs. */
static int check_limits(struct judge *x)
{
	struct refusal *refusal = &x->refusal;
	struct arena arena;
	struct plan plan;
	int r = 0;

	arena_init(&arena, 64u << 20);
	for (size_t i = 0; r == 0 && i < x->nrows; i++) {
		if (!x->rows[i].wanted)
			continue;
		fill_request(x, &x->rows[i]);
		r = planner_plan(&x->service.planner, &x->rows[i].request, &arena, &plan, refusal);
		if (r == 0)
			r = service_docker_check(&x->service, &plan, refusal);
		break;
	}
	arena_done(&arena);
	/* What else there is to refuse is that row's own matter. */
	return r > 0 && strncmp(refusal->field, "limits.", 7) != 0 &&
			       strncmp(refusal->field, "checker", 7) != 0 &&
			       strncmp(refusal->field, "interactor", 10) != 0
		       ? (refusal->rule[0] = '\0')
		       : r;
}

/* ---- judging ---- */

static int prepare(void *user, struct judge_row *row, struct err *err)
{
	struct judge *x = user;
	struct service *service = &x->service;
	const struct language *l = language_find(&service->languages, row->request.language);
	int r = 0;

	fill_request(x, row);
	if (l)
		r = service_warm(service, x->settings->runner, l, x->package.ntests >= WARM_TESTS,
				 err);
	if (r == 0)
		r = planner_plan(&service->planner, &row->request, &row->arena, &row->plan,
				 &row->refusal);
	return r == 0 ? service_docker_check(service, &row->plan, &row->refusal) : r;
}

static void on_progress(void *user, const struct judge_row *row)
{
	struct judge *x = user;

	judge_progress_draw(&x->progress, ++x->tests_done, row->path);
}

/* What is wanted, of those whose promise is `promised` only or of all. */
static int judge_rows(struct judge *x, struct judge_row *rows, size_t n, struct err *err)
{
	const struct judge_config config = {
		.loop = x->service.loop,
		.engine = x->service.engine,
		.package = &x->package,
		.arena = &x->arena,
		.rows = rows,
		.nrows = n,
		.in_flight = x->service.lanes,
		.prepare = prepare,
		.on_progress = on_progress,
		.user = x,
	};

	return judge_run(&config, err);
}

/* The slowest of the examples that were accepted, in the measure of a language whose factor is 1; 0: none was. */
static uint64_t slowest_usec(const struct judge *x)
{
	uint64_t most = 0;

	for (size_t i = 0; i < x->nrows; i++) {
		const struct judge_row *row = &x->rows[i];
		uint64_t usec;

		if (!row->judged || row->promised != ACCEPTED_BIT ||
		    row->verdict != VERDICT_ACCEPTED)
			continue;
		usec = (uint64_t)((double)row->cpu_usec / row->plan.factors.time) + 1;
		most = usec > most ? usec : most;
	}
	return most;
}

/* The time limit by the accepted examples, which are judged for it; in a verification this is their judgement. */
static int measure(struct judge *x, struct err *err)
{
	const struct limits said = x->limits;
	uint64_t most;
	double seconds;
	int r;

	set_limits(x, x->service.planner.defaults.cpu_ms, "measuring");
	r = check_limits(x);
	if (r != 0)
		return r;
	for (size_t i = 0; i < x->nrows; i++)
		x->rows[i].held = x->rows[i].promised != ACCEPTED_BIT;
	r = judge_rows(x, x->rows, x->nrows, err);
	for (size_t i = 0; i < x->nrows; i++)
		x->rows[i].held = false;
	if (r != 0)
		return r;
	most = slowest_usec(x);
	if (most == 0)
		return refusal_set(
			&x->refusal, x->folder.shown,
			"says no time limit, and has no accepted example that is accepted here; say one: --limit cpu_ms=N");
	seconds = ceil((double)most / 1e6 * x->package.limits.time_multiplier);
	x->limits = said;
	set_limits(x, (uint64_t)(seconds < 1 ? 1000 : seconds * 1000),
		   "by the slowest accepted example");
	return 0;
}

static void begin_progress(struct judge *x)
{
	size_t rows = 0;

	for (size_t i = 0; i < x->nrows; i++)
		rows += x->rows[i].wanted;
	judge_progress_init(&x->progress, !x->settings->quiet, rows * x->package.ntests);
}

int judge_submissions(struct judge *x, struct err *err)
{
	/* A checker is compiled once for all. */
	struct cache_config cache = { .max_bytes = CACHE_BYTES, .max_entries = CACHE_ENTRIES };
	int r = 0;

	if (service_cache_config(&x->service, &cache) &&
	    engine_set_cache(x->service.engine, &cache) < 0)
		return err_set(err, ENOMEM, "make the compile cache");
	engine_set_pool(x->service.engine, x->settings->runner == RUNNER_MODE_POOLED);
	begin_progress(x);
	if (x->package.limits.time_ms || x->limits.cpu_ms)
		set_limits(x, x->package.limits.time_ms, "the package's");
	else
		r = measure(x, err);
	if (r == 0)
		r = check_limits(x);
	if (r == 0)
		r = judge_rows(x, x->rows, x->nrows, err);
	judge_progress_clear(&x->progress);
	return r == 1 ? 0 : r; /* refused: x->refusal says it */
}

void judge_report_of(const struct judge *x, struct judge_report *ret)
{
	const struct limits *defaults = &x->service.planner.defaults;

	*ret = (struct judge_report){ .package = &x->package,
				      .rows = x->rows,
				      .nrows = x->nshown,
				      .verify = x->settings->judge.verify,
				      .time_ms = x->limits.cpu_ms,
				      .memory_kb = x->limits.memory_kb ? x->limits.memory_kb
								       : defaults->memory_kb,
				      .time_from = x->time_from };
}
