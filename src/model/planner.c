/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See planner.h.  Limits are laid one over another (built-in or deployment's, language, request, test
 * case); only what a request asks for is checked against the caps, so that a refusal names a field of it.
 */
#include "model/planner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/compare_regex.h"
#include "model/groups.h"
#include "model/planner_limits.h"

#define BOX_DIR "/box"

static const char *const base_env[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" BOX_DIR, "TMPDIR=/tmp", "LANG=C.UTF-8", NULL,
};

struct planner {
	const struct planner_config *config;
	const struct request *request;
	const struct language *language;
	struct planner_factors factors;
	struct arena *arena;
	struct refusal *refusal;
};

static size_t list_len(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Of a name that is known with other releases only these are told. */
static int refuse_language(const struct planner *p)
{
	const struct language_set *set = p->config->languages;
	const char *name = p->request->language, *at = strchr(name, '@');
	char known[sizeof(p->refusal->rule)] = "", base[64];
	const struct language *other;
	const char *last = "";
	size_t used = 0;

	snprintf(base, sizeof(base), "%.*s", at ? (int)(at - name) : 0, name);
	other = language_find(set, base);
	if (other && other->absent)
		other = NULL;
	for (size_t i = 0; i < set->len && used < sizeof(known); i++) {
		const struct language *l = &set->langs[i];

		if (l->absent || (other ? !language_is(l, base) : strcmp(l->name, last) == 0))
			continue;
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 used ? ", " : "", other ? language_id(l) : l->name);
		last = l->name;
	}
	return refusal_set(p->refusal, "language", "is not known; known are: %s", known);
}

/* Its file is here, what it is started with is not. */
static int refuse_absent(const struct planner *p)
{
	return refusal_set(p->refusal, "language", "%s is not installed here: %s",
			   language_id(p->language), p->language->absent);
}

static int check_counts(const struct planner *p)
{
	const struct request *q = p->request;
	const struct {
		const char *field;
		size_t n, max;
	} rows[] = {
		{ "test_cases", q->ntests, REQUEST_TESTS_MAX },
		{ "args", q->nargs, REQUEST_ARGS_MAX },
		{ "env", q->nenv, REQUEST_ARGS_MAX },
		{ "files", q->nfiles, REQUEST_FILES_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].n > rows[i].max)
			return refusal_set(p->refusal, rows[i].field,
					   "must have at most %zu entries", rows[i].max);
	return 0;
}

static int check_file_name(const struct planner *p, size_t index)
{
	const struct request_file *files = p->request->files;
	const char *name = files[index].name;
	char field[64];

	snprintf(field, sizeof(field), "files[%zu].name", index);
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return refusal_set(p->refusal, field,
				   "must be a single file name, without '/', not '.' or '..'");
	if (strlen(name) > REQUEST_NAME_MAX)
		return refusal_set(p->refusal, field, "must be at most %d bytes long",
				   REQUEST_NAME_MAX);
	if (!strcmp(name, p->language->source))
		return refusal_set(p->refusal, field, "is the name of the source file");
	if (p->language->artefact && !strcmp(name, p->language->artefact))
		return refusal_set(p->refusal, field, "is the name of the compiled program");
	for (size_t i = 0; i < index; i++)
		if (!strcmp(name, files[i].name))
			return refusal_set(p->refusal, field, "appears twice");
	return 0;
}

static int check_env(const struct planner *p)
{
	for (size_t i = 0; i < p->request->nenv; i++) {
		const char *n = p->request->env[i].name, *c = n;
		char field[128];

		while ((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || *c == '_' ||
		       (c > n && *c >= '0' && *c <= '9'))
			c++;
		if (*n && !*c)
			continue;
		snprintf(field, sizeof(field), "env.%.64s", n);
		return refusal_set(p->refusal, field,
				   "must be a name of letters, digits and '_', not starting "
				   "with a digit");
	}
	return 0;
}

static int check_sizes(const struct planner *p)
{
	const struct request *q = p->request;
	size_t bytes = 0;

	for (size_t i = 0; i < q->nargs; i++)
		bytes += strlen(q->args[i]) + 1;
	for (size_t i = 0; i < q->nenv; i++)
		bytes += strlen(q->env[i].name) + strlen(q->env[i].value) + 2;
	if (bytes > REQUEST_ARGV_BYTES_MAX)
		return refusal_set(p->refusal, q->nargs ? "args" : "env",
				   "args and env together must be at most %d bytes",
				   REQUEST_ARGV_BYTES_MAX);
	return 0;
}

/* A pattern is compiled here for its faults alone; what would be no pattern at all is refused before anything runs. */
static int check_regex(const struct planner *p, const char *field, struct text pattern,
		       size_t *bytes)
{
	char why[128];
	size_t at;
	int r;

	*bytes += pattern.len;
	if (pattern.len > REGEX_BYTES_MAX)
		return refusal_set(p->refusal, field,
				   "must be at most %d bytes long where it is a regular expression",
				   REGEX_BYTES_MAX);
	if (*bytes > REGEX_ALL_BYTES_MAX)
		return refusal_set(p->refusal, field,
				   "is too much: all regular expressions together must be at most "
				   "%d bytes",
				   REGEX_ALL_BYTES_MAX);
	r = compare_regex_check(pattern, &at, why, sizeof(why));
	if (r == 2)
		return refusal_set(p->refusal, field,
				   "is too large: a regular expression must be at most 64 KiB "
				   "once it is compiled");
	return r <= 0 ? r
		      : refusal_set(p->refusal, field, "is no regular expression: %s (at byte %zu)",
				    why, at);
}

static int check_patterns(const struct planner *p)
{
	const struct request *q = p->request;
	size_t bytes = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->ntests; i++) {
		const struct test_case *t = &q->tests[i];
		char field[128];

		if ((t->compare ? t->compare : &q->compare)->mode != COMPARE_REGEX)
			continue;
		snprintf(field, sizeof(field), "test_cases[%zu].expected", i);
		r = check_regex(p, field, t->expected, &bytes);
		for (size_t k = 0; r == 0 && k < t->nexpected_files; k++) {
			snprintf(field, sizeof(field), "test_cases[%zu].expected_files.%.64s", i,
				 t->expected_files[k].name);
			r = check_regex(p, field, t->expected_files[k].content, &bytes);
		}
	}
	return r;
}

static int check_request(const struct planner *p)
{
	int r = check_counts(p);

	if (r)
		return r;
	if (p->request->stdin_text.len > 0 && p->request->ntests > 0)
		return refusal_set(p->refusal, "stdin", "cannot be combined with test_cases");
	for (size_t i = 0; i < p->request->nfiles; i++)
		if ((r = check_file_name(p, i)))
			return r;
	if ((r = planner_files_check(p->request, p->language, p->refusal)) || (r = check_env(p)) ||
	    (r = check_sizes(p)) || (r = check_patterns(p)))
		return r;
	return planner_check_limits(p->config, p->request, &p->factors, p->refusal);
}

/* What nobody asked for in the request is lowered to the caps: there is no field to refuse. */
static struct limits base_limits(const struct planner *p, const struct limits *of_language)
{
	struct limits l = p->config->defaults;
	const struct limit_info *over;

	limits_overlay(&l, of_language);
	while ((over = limits_over_cap(&l, &p->config->caps)))
		*limits_at(&l, over) = *limits_at((struct limits *)&p->config->caps, over);
	return l;
}

/* Later entries of the same name win, in place of the earlier ones. */
static size_t put_env(const char **env, size_t n, const char *entry)
{
	size_t name = strcspn(entry, "=") + 1;

	for (size_t i = 0; i < n; i++)
		if (strncmp(env[i], entry, name) == 0) {
			env[i] = entry;
			return n;
		}
	env[n] = entry;
	return n + 1;
}

static const char *const *make_env(const struct planner *p, bool with_request)
{
	const struct request *q = p->request;
	size_t room = list_len(base_env) + list_len(p->language->env) + q->nenv + 1, n = 0;
	const char **env = arena_alloc_array(p->arena, room, sizeof(*env));

	if (!env)
		return NULL;
	for (size_t i = 0; base_env[i]; i++)
		n = put_env(env, n, base_env[i]);
	for (size_t i = 0; p->language->env && p->language->env[i]; i++)
		n = put_env(env, n, p->language->env[i]);
	for (size_t i = 0; with_request && i < q->nenv; i++) {
		char *entry = arena_printf(p->arena, "%s=%s", q->env[i].name, q->env[i].value);

		if (!entry)
			return NULL;
		n = put_env(env, n, entry);
	}
	env[n] = NULL;
	return env;
}

#define HEAP_WORD "{heap_mb}"

static bool has_heap_word(const char *const *words)
{
	for (; *words; words++)
		if (strstr(*words, HEAP_WORD))
			return true;
	return false;
}

/* A word of ours: the program, or one that tells a runtime how much memory is for its heap. */
static const char *fill_word(const struct planner *p, const char *word, const struct limits *l)
{
	const char *heap = strstr(word, HEAP_WORD);

	if (strcmp(word, "{artefact}") == 0)
		return arena_printf(p->arena, BOX_DIR "/%s", p->language->artefact);
	if (!heap)
		return word;
	return arena_printf(p->arena, "%.*s%llu%s", (int)(heap - word), word,
			    (unsigned long long)(l->memory_kb * 3 / 4 / 1024 + 1),
			    heap + strlen(HEAP_WORD));
}

static const char *const *make_compile_argv(const struct planner *p, const struct limits *l)
{
	const char *const *words = p->language->compile_argv;
	const char **argv = arena_alloc_array(p->arena, list_len(words) + 1, sizeof(*argv));

	for (size_t i = 0; argv && words[i]; i++)
		if (!(argv[i] = fill_word(p, words[i], l)))
			return NULL;
	return argv;
}

/* run_argv with the request's args at the word "{args}", or at the end. */
static const char *const *make_run_argv(const struct planner *p, const struct limits *l)
{
	const char *const *words = p->language->run_argv;
	size_t n = 0, room = list_len(words) + p->request->nargs + 1;
	const char **argv = arena_alloc_array(p->arena, room, sizeof(*argv));
	bool placed = false;

	if (!argv)
		return NULL;
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], "{args}") != 0) {
			if (!(argv[n++] = fill_word(p, words[i], l)))
				return NULL;
			continue;
		}
		for (size_t k = 0; k < p->request->nargs && !placed; k++)
			argv[n++] = p->request->args[k];
		placed = true;
	}
	for (size_t k = 0; k < p->request->nargs && !placed; k++)
		argv[n++] = p->request->args[k];
	argv[n] = NULL;
	return argv;
}

/* The source first, then the request's files. A compiled program does not get its source. */
static const struct plan_file *make_files(const struct planner *p, bool with_source, size_t *ret_n)
{
	size_t n = 0;
	struct plan_file *files =
		arena_alloc_array(p->arena, p->request->nfiles + 1, sizeof(*files));

	if (!files)
		return NULL;
	if (with_source)
		files[n++] = (struct plan_file){ p->language->source, p->request->code, 0644 };
	for (size_t i = 0; i < p->request->nfiles; i++)
		files[n++] = (struct plan_file){ p->request->files[i].name,
						 p->request->files[i].content, 0644 };
	*ret_n = n;
	return files;
}

static int plan_compile(const struct planner *p, struct plan_step *s)
{
	const struct limits total = { .total_wall_ms = p->request->limits.total_wall_ms };
	struct limits l = base_limits(p, &p->language->compile_limits);

	planner_overlay(&l, &total, &p->factors);
	*s = (struct plan_step){
		.kind = STEP_COMPILE,
		.runner = RUNNER_EXEC,
		.argv = make_compile_argv(p, &l),
		.envp = make_env(p, false),
		.cwd = BOX_DIR,
		.stdin_text = TEXT(""),
		.limits = l,
		.artefact = p->language->artefact,
		.test = -1,
	};
	s->files = make_files(p, true, &s->nfiles);
	return s->argv && s->envp && s->files ? 0 : -ENOMEM;
}

/* What a runtime reads only at its start cannot be told to one that has started. */
static enum runner_kind choose_runner(const struct planner *p)
{
	const struct request *q = p->request;

	if (q->fresh || (p->config->cold & 1u << p->language->runner))
		return RUNNER_EXEC;
	for (size_t i = 0; i < q->nenv; i++)
		if (language_env_is_cold(p->language, q->env[i].name))
			return RUNNER_EXEC;
	return p->language->runner;
}

static int plan_run_base(const struct planner *p, struct plan_step *s)
{
	bool compiled = p->language->compile_argv != NULL;

	*s = (struct plan_step){
		.kind = STEP_RUN,
		.runner = choose_runner(p),
		.envp = make_env(p, true),
		.cwd = BOX_DIR,
		.stdin_text = p->request->stdin_text,
		.limits = base_limits(p, &p->language->limits),
		.artefact = compiled ? p->language->artefact : NULL,
		.test = -1,
	};
	planner_overlay(&s->limits, &p->request->limits, &p->factors);
	s->argv = make_run_argv(p, &s->limits);
	s->files = make_files(p, !compiled, &s->nfiles);
	return s->argv && s->envp && s->files ? 0 : -ENOMEM;
}

static int plan_tests(const struct planner *p, const struct plan_step *base,
		      struct plan_step *steps)
{
	bool of_memory = has_heap_word(p->language->run_argv);

	for (size_t i = 0; i < p->request->ntests; i++) {
		const struct test_case *t = &p->request->tests[i];

		steps[i] = *base;
		steps[i].test = (int)i;
		/* Where there is an interactor, it alone knows the input. */
		steps[i].stdin_text = p->request->interactor ? TEXT("") : t->input;
		planner_overlay(&steps[i].limits, &t->limits, &p->factors);
		if (of_memory && t->limits.memory_kb &&
		    !(steps[i].argv = make_run_argv(p, &steps[i].limits)))
			return -ENOMEM;
		if (planner_files(p->request, p->arena, &steps[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int plan_judging(const struct planner *p, struct plan *plan)
{
	int r = planner_repeat(p->config, p->request, &plan->repeat, p->refusal);

	if (r == 0)
		r = groups_plan(plan, p->arena, p->refusal);
	plan->wall_cap_ms = p->config->caps.wall_ms;
	if (r == 0 && p->request->interactor)
		r = planner_interactor(p->config, p->request, p->arena, &plan->interactor,
				       p->refusal);
	if (r == 0 && p->request->checker)
		r = planner_checker(p->config, p->request, p->arena, &plan->checker, p->refusal);
	return r;
}

int planner_plan(const struct planner_config *c, const struct request *request, struct arena *arena,
		 struct plan *ret_plan, struct refusal *refusal)
{
	struct planner p = { .config = c, .arena = arena, .refusal = refusal };
	struct plan_step *steps, base;
	size_t n = 0, runs = request->ntests ? request->ntests : 1;
	int r = request->function ? planner_function(c, request, arena, &request, refusal) : 0;

	if (r)
		return r;
	p.request = request;
	if (!request->language)
		return refusal_set(refusal, "language", "is required");
	p.language = language_find(c->languages, request->language);
	if (!p.language)
		return refuse_language(&p);
	if (p.language->absent)
		return refuse_absent(&p);
	if ((r = planner_choose_factors(c, request, p.language, &p.factors, refusal)) ||
	    (r = check_request(&p)))
		return r;
	steps = arena_alloc_array(arena, runs + 1, sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	if (p.language->compile_argv && (r = plan_compile(&p, &steps[n++])))
		return r;
	if ((r = plan_run_base(&p, &base)))
		return r;
	steps[n] = base;
	r = request->ntests ? plan_tests(&p, &base, steps + n)
			    : planner_files(request, arena, &steps[n]);
	if (r)
		return r;
	*ret_plan = (struct plan){ .request = request,
				   .language = p.language,
				   .steps = steps,
				   .nsteps = n + runs,
				   .total_wall_ms = base.limits.total_wall_ms,
				   .factors = p.factors };
	return plan_judging(&p, ret_plan);
}
