/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See planner.h.  A function is called by a program of ours in the language of the submission, which is a file beside it: the
 * arguments come on stdin, the value goes to stdout, and what the submission prints goes to stderr.  It runs in the submission's
 * own process, so nothing that it says is more than the submission's word; but that is a value, and whoever can make us believe
 * a value could as well have returned it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/planner.h"

static int check_fields(const struct request *q, const struct language *l, struct refusal *refusal)
{
	char field[48];

	if (!l->function_harness)
		return refusal_set(refusal, "function",
				   "is for python and javascript, not for %.64s", l->name);
	if (q->ntests == 0)
		return refusal_set(refusal, "function", "needs test_cases");
	if (q->nargs > 0)
		return refusal_set(refusal, "args", "is refused together with function");
	for (size_t i = 0; i < q->nfiles; i++)
		if (strcmp(q->files[i].name, l->function_source) == 0) {
			snprintf(field, sizeof(field), "files[%zu].name", i);
			return refusal_set(refusal, field, "is the name of the submission's file");
		}
	return 0;
}

int planner_function(const struct planner_config *c, const struct request *request,
		     struct arena *arena, const struct request **ret, struct refusal *refusal)
{
	const struct language *l =
		request->language ? language_find(c->languages, request->language) : NULL;
	struct request *own = arena_alloc(arena, sizeof(*own));
	struct request_file *files = arena_alloc_array(arena, request->nfiles + 1, sizeof(*files));
	const char **args = arena_alloc_array(arena, 2, sizeof(*args));
	int r;

	if (!own || !files || !args)
		return -ENOMEM;
	if (!l)
		return 0; /* refused by who looks next */
	r = check_fields(request, l, refusal);
	if (r)
		return r;
	if (request->nfiles)
		memcpy(files, request->files, request->nfiles * sizeof(*files));
	files[request->nfiles] = (struct request_file){ l->function_source, request->code };
	args[0] = request->function->name;
	*own = *request;
	own->code = (struct text){ l->function_harness, strlen(l->function_harness) };
	own->files = files;
	own->nfiles = request->nfiles + 1;
	own->args = args;
	own->nargs = 1;
	own->compare = (struct compare_spec){ .mode = COMPARE_JSON,
					      .abs = request->function->abs,
					      .rel = request->function->rel };
	*ret = own;
	return 0;
}
