/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of fields.h, each with the function that reads it.  Each is looked at
 * alone; what fields must keep together is the planner's business, but for stdin and test cases.
 */
#include "codec/request_json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/fields.h"
#include "codec/request_parts.h"
#include "model/compare.h"

/* ---- limits ---- */

static const struct limit_info *limit_find(const char *name)
{
	for (size_t i = 0; i < limit_table_len; i++)
		if (strcmp(limit_table[i].name, name) == 0)
			return &limit_table[i];
	return NULL;
}

int request_read_limits(struct json_reader *r, const struct json_path *at, const json_t *value,
			bool of_whole, struct limits *into)
{
	const char *key;
	json_t *member;

	if (!json_is_object(value))
		return json_refuse(r, at, "must be an object");
	json_object_foreach((json_t *)value, key, member) {
		const struct limit_info *info = limit_find(key);
		struct json_path path = { .up = at, .name = key };
		int rc;

		if (!info)
			return json_refuse_unknown(r, at, key);
		if (!of_whole && info->offset == offsetof(struct limits, total_wall_ms))
			return json_refuse(r, &path, "belongs in the limits of the whole request");
		rc = json_read_count(r, &path, member, limits_at(into, info));
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- compare ---- */

static const struct compare_spec compare_default = { COMPARE_TRIM, 1e-9, 1e-9 };

static int compare_mode(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	struct compare_spec *spec = into;
	char known[160];
	const char *name;
	int rc = json_read_name(r, at, v, &name);

	if (rc)
		return rc;
	for (int i = 0; i < COMPARE_MODES; i++)
		if (strcmp(name, compare_names[i]) == 0) {
			spec->mode = (enum compare_mode)i;
			return 0;
		}
	compare_list(known, sizeof(known));
	return json_refuse(r, at, "must be one of %s", known);
}

/* Rows are read in their order, so the mode is known by now. */
static int read_tolerance(struct json_reader *r, const struct json_path *at, const json_t *v,
			  const struct compare_spec *spec, double *into)
{
	double value = json_number_value(v);

	if (spec->mode != COMPARE_FLOAT)
		return json_refuse(r, at, "belongs to the mode float only");
	if (!json_is_number(v) || !isfinite(value) || value < 0)
		return json_refuse(r, at, "must be a number of at least 0");
	*into = value;
	return 0;
}

static int compare_abs(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	struct compare_spec *spec = into;

	return read_tolerance(r, at, v, spec, &spec->abs);
}

static int compare_rel(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	struct compare_spec *spec = into;

	return read_tolerance(r, at, v, spec, &spec->rel);
}

#define COMPARE_ROW(field, type, must, doc) ROW(compare, field, must),
static const struct json_field compare_rows[] = { COMPARE_FIELDS(COMPARE_ROW) };

static int read_compare(struct json_reader *r, const struct json_path *at, const json_t *v,
			struct compare_spec *spec)
{
	if (json_is_string(v))
		return compare_mode(r, at, v, spec);
	if (!json_is_object(v))
		return json_refuse(r, at, "must be a string or an object");
	return json_read_object(r, at, v, compare_rows, ARRAY_SIZE(compare_rows), spec);
}

/* ---- test cases ---- */

static int case_input(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	return json_read_text(r, at, v, &((struct test_case *)into)->input);
}

static int case_expected(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	return json_read_text(r, at, v, &((struct test_case *)into)->expected);
}

static int case_limits(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	return request_read_limits(r, at, v, false, &((struct test_case *)into)->limits);
}

static int case_compare(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	struct compare_spec *spec = arena_alloc(r->arena, sizeof(*spec));

	if (!spec)
		return -ENOMEM;
	*spec = compare_default;
	((struct test_case *)into)->compare = spec;
	return read_compare(r, at, v, spec);
}

static int case_points(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	struct test_case *t = into;

	t->has_points = true;
	return request_read_points(r, at, v, &t->points);
}

static int case_group(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	return json_read_name(r, at, v, &((struct test_case *)into)->group);
}

#define CASE_ROW(field, type, must, doc) ROW(case, field, must),
static const struct json_field case_rows[] = { TEST_CASE_FIELDS(CASE_ROW) };

static int read_case(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	struct json_path expected = { .up = at, .name = "expected" };
	struct test_case *t = into;
	int rc = json_read_object(r, at, v, case_rows, ARRAY_SIZE(case_rows), into);

	if (rc || t->expected.data)
		return rc;
	if (!t->expected_files)
		return json_refuse(r, &expected, "is required");
	t->expected = TEXT("");
	return 0;
}

/* ---- files ---- */

struct file_parts {
	struct request_file *file;
	bool base64;
};

static int file_name(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	struct request_file *f = ((struct file_parts *)into)->file;
	int rc = json_read_name(r, at, v, &f->name);

	if (rc)
		return rc;
	if (!f->name[0] || strcmp(f->name, ".") == 0 || strcmp(f->name, "..") == 0 ||
	    strchr(f->name, '/'))
		return json_refuse(r, at, "must be one path component, not empty, '.' or '..'");
	if (strlen(f->name) > REQUEST_NAME_MAX)
		return json_refuse(r, at, "must have at most %d bytes", REQUEST_NAME_MAX);
	return 0;
}

static int file_content(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return json_read_text(r, at, v, &((struct file_parts *)into)->file->content);
}

static int read_encoding(struct json_reader *r, const struct json_path *at, const json_t *v,
			 bool *base64)
{
	const char *name;
	int rc = json_read_name(r, at, v, &name);

	if (rc)
		return rc;
	*base64 = strcmp(name, "base64") == 0;
	if (!*base64 && strcmp(name, "utf-8") != 0)
		return json_refuse(r, at, "must be \"utf-8\" or \"base64\"");
	return 0;
}

static int file_encoding(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	return read_encoding(r, at, v, &((struct file_parts *)into)->base64);
}

#define FILE_ROW(field, type, must, doc) ROW(file, field, must),
static const struct json_field file_rows[] = { FILE_FIELDS(FILE_ROW) };

int request_read_file(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	struct file_parts parts = { .file = into };
	struct json_path content = { .up = at, .name = "content" };
	struct text *text = &parts.file->content;
	ssize_t n;
	int rc = json_read_object(r, at, v, file_rows, ARRAY_SIZE(file_rows), &parts);

	if (rc || !parts.base64)
		return rc;
	/* Decoded in place: it only gets shorter, and the arena's copy is nobody else's. */
	n = base64_decode(text->data, text->len, (char *)text->data);
	if (n < 0)
		return json_refuse(r, &content, "is not valid base64");
	text->len = (size_t)n;
	return 0;
}

/* ---- env ---- */

static int read_env(struct json_reader *r, const struct json_path *at, const json_t *value,
		    struct request *req)
{
	struct env_entry *env;
	const char *key;
	json_t *member;
	size_t n = 0;

	if (!json_is_object(value))
		return json_refuse(r, at, "must be an object");
	if (json_object_size(value) > REQUEST_ARGS_MAX)
		return json_refuse(r, at, "must have at most %d entries", REQUEST_ARGS_MAX);
	env = arena_alloc_array(r->arena, json_object_size(value) + 1, sizeof(*env));
	if (!env)
		return -ENOMEM;
	json_object_foreach((json_t *)value, key, member) {
		struct json_path path = { .up = at, .name = key };
		int rc;

		env[n].name = arena_strndup(r->arena, key, strlen(key));
		if (!env[n].name)
			return -ENOMEM;
		rc = json_read_name(r, &path, member, &env[n++].value);
		if (rc)
			return rc;
	}
	req->env = env;
	req->nenv = n;
	return 0;
}

/* ---- the request ---- */

static int request_code(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return json_read_text(r, at, v, &((struct request *)into)->code);
}

static int request_language(struct json_reader *r, const struct json_path *at, const json_t *v,
			    void *into)
{
	return json_read_name(r, at, v, &((struct request *)into)->language);
}

static int request_test_cases(struct json_reader *r, const struct json_path *at, const json_t *v,
			      void *into)
{
	struct request *req = into;

	return json_read_array(r, at, v, REQUEST_TESTS_MAX, sizeof(*req->tests), read_case,
			       &req->tests, &req->ntests);
}

static int request_stdin(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	return json_read_text(r, at, v, &((struct request *)into)->stdin_text);
}

static int request_args(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	struct request *req = into;

	return json_read_array(r, at, v, REQUEST_ARGS_MAX, sizeof(*req->args), json_read_name,
			       &req->args, &req->nargs);
}

static int request_env(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	return read_env(r, at, v, into);
}

static int request_files(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	struct request *req = into;

	return json_read_array(r, at, v, REQUEST_FILES_MAX, sizeof(*req->files), request_read_file,
			       &req->files, &req->nfiles);
}

static int request_compare(struct json_reader *r, const struct json_path *at, const json_t *v,
			   void *into)
{
	return read_compare(r, at, v, &((struct request *)into)->compare);
}

static int request_function(struct json_reader *r, const struct json_path *at, const json_t *v,
			    void *into)
{
	return request_read_function(r, at, v, &((struct request *)into)->function);
}

static int request_checker(struct json_reader *r, const struct json_path *at, const json_t *v,
			   void *into)
{
	return request_read_checker(r, at, v, &((struct request *)into)->checker);
}

static int request_interactor(struct json_reader *r, const struct json_path *at, const json_t *v,
			      void *into)
{
	return request_read_interactor(r, at, v, &((struct request *)into)->interactor);
}

static int request_groups(struct json_reader *r, const struct json_path *at, const json_t *v,
			  void *into)
{
	struct request *req = into;

	return json_read_array(r, at, v, REQUEST_GROUPS_MAX, sizeof(*req->groups),
			       request_read_group, &req->groups, &req->ngroups);
}

static int request_stop_on_failure(struct json_reader *r, const struct json_path *at,
				   const json_t *v, void *into)
{
	return json_read_bool(r, at, v, &((struct request *)into)->stop_on_failure);
}

static int request_fresh(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	return json_read_bool(r, at, v, &((struct request *)into)->fresh);
}

static int request_output_encoding(struct json_reader *r, const struct json_path *at,
				   const json_t *v, void *into)
{
	bool base64 = false;
	int rc = read_encoding(r, at, v, &base64);

	if (rc == 0)
		((struct request *)into)->output_encoding =
			base64 ? ENCODING_BASE64 : ENCODING_UTF8;
	return rc;
}

static int request_limits(struct json_reader *r, const struct json_path *at, const json_t *v,
			  void *into)
{
	return request_read_limits(r, at, v, true, &((struct request *)into)->limits);
}

#define REQUEST_ROW(field, type, must, doc) ROW(request, field, must),
static const struct json_field request_rows[] = { REQUEST_FIELDS(REQUEST_ROW) };

/* Only here is it known that there was a "stdin": an empty one is refused like any other. */
static int check_stdin(struct json_reader *r, const struct request *req)
{
	if (req->stdin_text.data && req->ntests)
		return json_refuse(r, &(struct json_path){ .name = "stdin" },
				   "is refused together with test_cases");
	return 0;
}

/* One of them judges, and it is not left to the reader to guess which. */
static int check_checker(struct json_reader *r, const json_t *root, const struct request *req)
{
	struct json_path tests = { .name = "test_cases" };
	const char *judge = req->checker ? "checker" : "interactor";

	if (!req->checker && (!req->interactor || req->interactor->output_judged))
		return 0;
	if (json_object_get(root, "compare"))
		return json_refuse(r, &(struct json_path){ .name = "compare" },
				   "is refused together with %s", judge);
	for (size_t i = 0; i < req->ntests; i++) {
		struct json_path at = { .up = &tests, .index = i };

		if (req->tests[i].compare)
			return json_refuse(r, &(struct json_path){ .up = &at, .name = "compare" },
					   "is refused together with %s", judge);
	}
	return 0;
}

int request_json_decode(const char *body, size_t len, struct arena *arena, struct request *ret,
			struct refusal *refusal)
{
	struct request req = { .compare = compare_default };
	struct json_reader r = { .arena = arena, .refusal = refusal };
	_cleanup_json_ json_t *root = NULL;
	int rc = json_read_body(body, len, refusal, &root);

	if (rc == 0)
		rc = json_read_object(&r, NULL, root, request_rows, ARRAY_SIZE(request_rows), &req);
	if (rc == 0)
		rc = check_stdin(&r, &req);
	if (rc == 0)
		rc = check_checker(&r, root, &req);
	if (rc == 0)
		rc = request_check_function(&r, root, &req);
	if (rc == 0)
		*ret = req;
	return rc;
}

/* The request's rows with other things required: code is in the program's own file. */
static int read_tests_object(struct json_reader *r, const json_t *root, struct request *into)
{
	struct json_field rows[ARRAY_SIZE(request_rows)];
	size_t n = 0;

	if (json_object_get(root, "code"))
		return json_refuse(r, &(struct json_path){ .name = "code" },
				   "comes from the program's own file");
	for (size_t i = 0; i < ARRAY_SIZE(request_rows); i++) {
		if (request_rows[i].read == request_code)
			continue;
		rows[n] = request_rows[i];
		rows[n++].required = request_rows[i].read == request_test_cases;
	}
	return json_read_object(r, NULL, root, rows, n, into);
}

int request_json_decode_tests(const char *body, size_t len, struct arena *arena,
			      struct request *into, struct refusal *refusal)
{
	struct json_path tests = { .name = "test_cases" };
	struct json_reader r = { .arena = arena, .refusal = refusal };
	_cleanup_json_ json_t *root = NULL;
	int rc = json_read_body(body, len, refusal, &root);

	if (rc)
		return rc;
	if (json_is_array(root))
		rc = request_test_cases(&r, &tests, root, into);
	else if (json_is_object(root))
		rc = read_tests_object(&r, root, into);
	else
		rc = json_refuse(&r, NULL,
				 "must be an array of test cases, or an object with test_cases");
	if (rc == 0)
		rc = check_stdin(&r, into);
	if (rc == 0)
		rc = check_checker(&r, root, into);
	return rc ? rc : request_check_function(&r, root, into);
}
