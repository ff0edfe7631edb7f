/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cli_request.h.  Options are laid over what the test file says, and obey the same rules as the
 * fields of a body: the planner refuses both alike.
 */
#include "gate/cli/cli_request.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "codec/request_json.h"
#include "model/compare.h"

const char *cli_request_check_usage(const struct settings *s, const struct option_words *words)
{
	if (words->nwords == 0)
		return "needs a FILE, or - for a request on stdin";
	if (words->nwords > 1)
		return "takes one FILE; arguments of the program follow after --";
	if (s->stdin_file && s->tests)
		return "--stdin-file and --tests exclude each other: a test case has its own input";
	if (strcmp(words->words[0], "-") != 0)
		return NULL;
	if (s->tests || s->stdin_file || s->language || s->compare || s->output_encoding ||
	    s->stop_on_failure || s->repeat != SETTINGS_UNSAID ||
	    s->args.len + s->env.len + s->limits.len + words->nrest > 0)
		return "with - the request's JSON says what to run and how; options for that go with a FILE";
	return NULL;
}

static int read_text(int fd, const char *what, const struct settings *s, struct arena *arena,
		     struct text *ret, struct refusal *refusal)
{
	_cleanup_free_ char *data = NULL;
	char *kept;
	size_t len;
	int r = cli_input_read(fd, what, s->max_body_bytes, &data, &len, refusal);

	if (r != 0)
		return r;
	kept = arena_strndup(arena, data, len);
	if (!kept)
		return -ENOMEM;
	*ret = (struct text){ kept, len };
	return 0;
}

static int read_body(const struct settings *s, struct arena *arena, struct request *ret,
		     struct refusal *refusal)
{
	_cleanup_free_ char *body = NULL;
	size_t len;
	int r = cli_input_read(0, "", s->max_body_bytes, &body, &len, refusal);

	if (r != 0)
		return r;
	if (len == 0)
		return refusal_set(refusal, "", "is empty");
	return request_json_decode(body, len, arena, ret, refusal);
}

/* "is not valid JSON" of no field is true of the file, which its caller knows by its name. */
static int name_tests_file(const char *path, struct refusal *refusal)
{
	struct refusal of_body = *refusal;

	if (*of_body.field)
		return 1;
	return refusal_set(refusal, "--tests", "%.120s %s", path, of_body.rule);
}

static int read_tests(int fd, const struct settings *s, struct arena *arena, struct request *req,
		      struct refusal *refusal)
{
	_cleanup_free_ char *body = NULL;
	size_t len;
	int r = cli_input_read(fd, "--tests", s->max_body_bytes, &body, &len, refusal);

	if (r != 0)
		return r;
	if (len == 0)
		return refusal_set(refusal, "--tests", "%s is empty", s->tests);
	r = request_json_decode_tests(body, len, arena, req, refusal);
	return r > 0 ? name_tests_file(s->tests, refusal) : r;
}

static int refuse_ending(const char *name, const struct language_set *languages,
			 struct refusal *refusal)
{
	char known[512] = "";
	const char *last = "";
	size_t n = 0;

	for (size_t i = 0; i < languages->len; i++) {
		const struct language *l = &languages->langs[i];
		const char *const *ending = l->extensions;

		if (l->absent || strcmp(l->name, last) == 0)
			continue;
		last = l->name;
		for (; ending && *ending && n < sizeof(known); ending++)
			n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", *ending);
	}
	return refusal_set(
		refusal, "FILE",
		"%.80s has the ending of no language; name one with --language, or give it "
		"one of these:%s",
		name, known);
}

static int set_language(const struct cli_inputs *in, const struct settings *s,
			const struct language_set *languages, struct request *req,
			struct refusal *refusal)
{
	const struct language *by_name;

	if (s->language) {
		req->language = s->language;
		return 0;
	}
	if (req->language)
		return 0; /* the test file said it */
	by_name = language_by_filename(languages, in->name);
	if (!by_name)
		return refuse_ending(in->name, languages, refusal);
	req->language = language_id(by_name);
	return 0;
}

static int set_args(const struct settings *s, const struct option_words *words, struct arena *arena,
		    struct request *req, struct refusal *refusal)
{
	size_t n = s->args.len + words->nrest;
	const char **args;

	if (n == 0)
		return 0;
	if (n > REQUEST_ARGS_MAX)
		return refusal_set(refusal, "args", "must be at most %d", REQUEST_ARGS_MAX);
	args = arena_alloc_array(arena, n, sizeof(*args));
	if (!args)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		args[i] = i < s->args.len ? s->args.items[i] : words->rest[i - s->args.len];
	req->args = args;
	req->nargs = n;
	return 0;
}

static int set_env(const struct settings *s, struct arena *arena, struct request *req,
		   struct refusal *refusal)
{
	struct env_entry *env;

	if (s->env.len == 0)
		return 0;
	if (s->env.len > REQUEST_ARGS_MAX)
		return refusal_set(refusal, "--env", "must be at most %d times", REQUEST_ARGS_MAX);
	env = arena_alloc_array(arena, s->env.len, sizeof(*env));
	if (!env)
		return -ENOMEM;
	for (size_t i = 0; i < s->env.len; i++) {
		const char *equals = strchr(s->env.items[i], '=');

		if (!equals || equals == s->env.items[i])
			return refusal_set(refusal, "--env", "must be NAME=VALUE, not \"%s\"",
					   s->env.items[i]);
		env[i].name =
			arena_strndup(arena, s->env.items[i], (size_t)(equals - s->env.items[i]));
		env[i].value = equals + 1;
		if (!env[i].name)
			return -ENOMEM;
	}
	req->env = env;
	req->nenv = s->env.len;
	return 0;
}

static int refuse_limit_name(const char *name, int len, struct refusal *refusal)
{
	char names[160] = "";
	size_t n = 0;

	for (size_t i = 0; i < limit_table_len && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
				      limit_table[i].name);
	return refusal_set(refusal, "--limit", "no limit is called \"%.*s\"; known are: %s",
			   len < 40 ? len : 40, name, names);
}

static int set_limit(const char *word, struct request *req, struct refusal *refusal)
{
	const char *equals = strchr(word, '=');
	uint64_t value;

	if (!equals)
		return refusal_set(refusal, "--limit", "must be NAME=VALUE, not \"%s\"", word);
	for (size_t i = 0; i < limit_table_len; i++) {
		const struct limit_info *l = &limit_table[i];

		if (strlen(l->name) != (size_t)(equals - word) ||
		    strncmp(l->name, word, strlen(l->name)))
			continue;
		if (parse_u64(equals + 1, &value) < 0 || value < 1)
			return refusal_set(refusal, "--limit",
					   "%s must be a whole number from 1, not \"%s\"", l->name,
					   equals + 1);
		*limits_at(&req->limits, l) = value;
		return 0;
	}
	return refuse_limit_name(word, (int)(equals - word), refusal);
}

int cli_request_limits(const struct settings *s, struct limits *ret, struct refusal *refusal)
{
	struct request req = { .limits = { 0 } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->limits.len; i++)
		r = set_limit(s->limits.items[i], &req, refusal);
	*ret = req.limits;
	return r;
}

/* "float:ABS:REL"; both tolerances are optional. */
static int set_tolerances(const char *word, struct request *req, struct refusal *refusal)
{
	double *to[] = { &req->compare.abs, &req->compare.rel };
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(to) && *word == ':'; i++) {
		*to[i] = strtod(word + 1, &end);
		if (end == word + 1 || !isfinite(*to[i]) || *to[i] < 0)
			return refusal_set(refusal, "--compare",
					   "tolerances must be numbers from 0");
		word = end;
	}
	return *word ? refusal_set(refusal, "--compare", "must be float:ABS:REL") : 0;
}

static int set_compare(const char *word, struct request *req, struct refusal *refusal)
{
	size_t len = strcspn(word, ":");
	char known[160];

	for (unsigned mode = 0; mode < COMPARE_MODES; mode++) {
		if (strlen(compare_names[mode]) != len ||
		    strncmp(compare_names[mode], word, len) != 0)
			continue;
		req->compare = (struct compare_spec){ .mode = mode, .abs = 1e-9, .rel = 1e-9 };
		return mode == COMPARE_FLOAT || !word[len]
			       ? set_tolerances(word + len, req, refusal)
			       : refusal_set(refusal, "--compare", "only float has tolerances");
	}
	compare_list(known, sizeof(known));
	return refusal_set(refusal, "--compare", "must be one of %s, not \"%s\"", known, word);
}

static int set_encoding(const char *word, struct request *req, struct refusal *refusal)
{
	bool base64 = !strcmp(word, "base64");

	if (!base64 && strcmp(word, "utf-8") != 0)
		return refusal_set(refusal, "--output-encoding",
				   "must be utf-8 or base64, not \"%s\"", word);
	req->output_encoding = base64 ? ENCODING_BASE64 : ENCODING_UTF8;
	return 0;
}

static int set_options(const struct settings *s, const struct option_words *words,
		       struct arena *arena, struct request *req, struct refusal *refusal)
{
	int r = set_args(s, words, arena, req, refusal);

	if (r == 0)
		r = set_env(s, arena, req, refusal);
	for (size_t i = 0; r == 0 && i < s->limits.len; i++)
		r = set_limit(s->limits.items[i], req, refusal);
	if (r == 0 && s->compare)
		r = set_compare(s->compare, req, refusal);
	if (r == 0 && s->output_encoding)
		r = set_encoding(s->output_encoding, req, refusal);
	if (s->stop_on_failure)
		req->stop_on_failure = true;
	if (s->repeat != SETTINGS_UNSAID)
		req->repeat = (struct request_repeat){ .said = true, .times = (unsigned)s->repeat };
	return r;
}

int cli_request_read(const struct cli_inputs *in, const struct settings *s,
		     const struct option_words *words, const struct language_set *languages,
		     struct arena *arena, struct request *ret, struct refusal *refusal)
{
	struct request req = { .compare = { COMPARE_TRIM, 1e-9, 1e-9 } };
	int r;

	if (in->source_fd < 0)
		return read_body(s, arena, ret, refusal);
	if (in->tests_fd >= 0) {
		r = read_tests(in->tests_fd, s, arena, &req, refusal);
		if (r != 0)
			return r;
	}
	r = set_language(in, s, languages, &req, refusal);
	if (r == 0)
		r = set_options(s, words, arena, &req, refusal);
	if (r == 0)
		r = read_text(in->source_fd, "FILE", s, arena, &req.code, refusal);
	if (r == 0)
		*ret = req;
	return r;
}
