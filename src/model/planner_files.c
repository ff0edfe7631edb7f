/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See planner.h.  Files in the place of stdin and stdout, files that are compared, files that are returned: what a case asks for is
 * laid over what the request does, and becomes one list of paths that are taken out of its box.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/planner.h"

#define FIELD_BYTES 128

static int check_path(const char *field, const char *path, struct refusal *refusal)
{
	const char *rule = taken_path_fault(path);

	return rule ? refusal_set(refusal, field, "%s", rule) : 0;
}

static int check_list(const char *prefix, const char *const *paths, size_t n,
		      struct refusal *refusal)
{
	char field[FIELD_BYTES];
	int r;

	snprintf(field, sizeof(field), "%soutput_files", prefix);
	if (n > REQUEST_OUTPUTS_MAX)
		return refusal_set(refusal, field, "must have at most %u entries",
				   REQUEST_OUTPUTS_MAX);
	for (size_t i = 0; i < n; i++) {
		snprintf(field, sizeof(field), "%soutput_files[%zu]", prefix, i);
		if ((r = check_path(field, paths[i], refusal)))
			return r;
		for (size_t k = 0; k < i; k++)
			if (strcmp(paths[k], paths[i]) == 0)
				return refusal_set(refusal, field, "appears twice");
	}
	return 0;
}

static int check_input(const struct request *q, const struct language *l, struct refusal *refusal)
{
	const char *name = q->input_file;
	int r = check_path("input_file", name, refusal);

	if (r)
		return r;
	if (strchr(name, '/'))
		return refusal_set(refusal, "input_file", "must be a single file name");
	if (!strcmp(name, l->source))
		return refusal_set(refusal, "input_file", "is the name of the source file");
	if (l->artefact && !strcmp(name, l->artefact))
		return refusal_set(refusal, "input_file", "is the name of the compiled program");
	for (size_t i = 0; i < q->nfiles; i++)
		if (!strcmp(name, q->files[i].name))
			return refusal_set(refusal, "input_file",
					   "is the name of one of the files");
	return 0;
}

/* Who judges something else than what was printed or left; NULL: nobody does. */
static const char *other_judge(const struct request *q)
{
	return q->function ? "function" : q->interactor ? "interactor" : NULL;
}

/* A function is given its arguments, and what counts is its value; an interactor says what it likes, and hears stdout. */
static int check_company(const struct request *q, struct refusal *refusal)
{
	const char *other = other_judge(q);

	if (other && q->input_file)
		return refusal_set(refusal, "input_file", "is refused together with %s", other);
	if (other && q->output_file)
		return refusal_set(refusal, "output_file", "is refused together with %s", other);
	return 0;
}

/* What is judged in the place of stdout; NULL: stdout is. */
static const char *answer_of(const struct request *q, const struct test_case *t)
{
	return t && t->output_file ? t->output_file : q->output_file;
}

static size_t add(const char **paths, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(paths[i], path) == 0)
			return n;
	paths[n] = path;
	return n + 1;
}

/* `paths` has room for all. */
static size_t all_of(const struct request *q, const struct test_case *t, const char **paths)
{
	size_t n = 0;

	for (size_t i = 0; i < q->noutput_files; i++)
		n = add(paths, n, q->output_files[i]);
	if (answer_of(q, t))
		n = add(paths, n, answer_of(q, t));
	for (size_t i = 0; t && i < t->noutput_files; i++)
		n = add(paths, n, t->output_files[i]);
	for (size_t i = 0; t && i < t->nexpected_files; i++)
		n = add(paths, n, t->expected_files[i].name);
	return n;
}

static int check_case(const struct request *q, size_t index, struct refusal *refusal)
{
	const struct test_case *t = &q->tests[index];
	const char *paths[3 * REQUEST_OUTPUTS_MAX + 1];
	char field[FIELD_BYTES], prefix[48];
	int r;

	snprintf(prefix, sizeof(prefix), "test_cases[%zu].", index);
	if ((r = check_list(prefix, t->output_files, t->noutput_files, refusal)))
		return r;
	snprintf(field, sizeof(field), "%soutput_file", prefix);
	if (t->output_file && (r = check_path(field, t->output_file, refusal)))
		return r;
	if (t->output_file && other_judge(q))
		return refusal_set(refusal, field, "is refused together with %s", other_judge(q));
	snprintf(field, sizeof(field), "%sexpected_files", prefix);
	if (t->nexpected_files > REQUEST_OUTPUTS_MAX)
		return refusal_set(refusal, field, "must have at most %u entries",
				   REQUEST_OUTPUTS_MAX);
	if (t->nexpected_files && (q->checker || other_judge(q)))
		return refusal_set(refusal, field, "is refused together with %s",
				   q->checker ? "checker" : other_judge(q));
	for (size_t i = 0; i < t->nexpected_files; i++) {
		snprintf(field, sizeof(field), "%sexpected_files.%.64s", prefix,
			 t->expected_files[i].name);
		if ((r = check_path(field, t->expected_files[i].name, refusal)))
			return r;
	}
	if (all_of(q, t, paths) <= REQUEST_OUTPUTS_MAX)
		return 0;
	snprintf(field, sizeof(field), "test_cases[%zu]", index);
	return refusal_set(refusal, field, "must have at most %u files to be taken",
			   REQUEST_OUTPUTS_MAX);
}

int planner_files_check(const struct request *q, const struct language *l, struct refusal *refusal)
{
	const char *paths[REQUEST_OUTPUTS_MAX + 1];
	int r = check_list("", q->output_files, q->noutput_files, refusal);

	if (r == 0 && q->output_file)
		r = check_path("output_file", q->output_file, refusal);
	if (r == 0 && q->input_file)
		r = check_input(q, l, refusal);
	if (r == 0)
		r = check_company(q, refusal);
	if (r == 0 && all_of(q, NULL, paths) > REQUEST_OUTPUTS_MAX)
		r = refusal_set(refusal, "output_files", "must have at most %u with output_file",
				REQUEST_OUTPUTS_MAX);
	for (size_t i = 0; r == 0 && i < q->ntests; i++)
		r = check_case(q, i, refusal);
	return r;
}

static int put_input(const struct request *q, struct arena *arena, struct plan_step *step)
{
	struct plan_file *files = arena_alloc_array(arena, step->nfiles + 1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	if (step->nfiles)
		memcpy(files, step->files, step->nfiles * sizeof(*files));
	files[step->nfiles++] = (struct plan_file){ q->input_file, step->stdin_text, 0644 };
	step->files = files;
	step->stdin_text = TEXT("");
	return 0;
}

int planner_files(const struct request *q, struct arena *arena, struct plan_step *step)
{
	const struct test_case *t = step->test >= 0 ? &q->tests[step->test] : NULL;
	size_t room = q->noutput_files + (answer_of(q, t) ? 1 : 0);
	const char **paths;

	if (t)
		room += t->noutput_files + t->nexpected_files;
	if (q->input_file && put_input(q, arena, step) < 0)
		return -ENOMEM;
	if (room == 0)
		return 0;
	paths = arena_alloc_array(arena, room, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	step->noutputs = all_of(q, t, paths);
	step->outputs = paths;
	step->answer = t ? answer_of(q, t) : NULL;
	return 0;
}
