/* SPDX-License-Identifier: Apache-2.0 */
/* The request's checker, or its interactor: a small request of its own. */
#include <errno.h>
#include <string.h>

#include "codec/fields.h"
#include "codec/request_parts.h"

#define PROTOCOL_ARGS 6 /* so many are left for the protocol's own */

static int checker_language(struct json_reader *r, const struct json_path *at, const json_t *v,
			    void *into)
{
	return json_read_name(r, at, v, &((struct request_checker *)into)->language);
}

static int checker_code(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return json_read_text(r, at, v, &((struct request_checker *)into)->code);
}

static int checker_protocol(struct json_reader *r, const struct json_path *at, const json_t *v,
			    void *into)
{
	struct request_checker *k = into;
	const char *name;
	int rc = json_read_name(r, at, v, &name);

	if (rc)
		return rc;
	for (int i = 0; i < CHECKER_PROTOCOLS; i++)
		if (strcmp(name, checker_protocol_names[i]) == 0) {
			k->protocol = (enum checker_protocol)i;
			return 0;
		}
	return json_refuse(r, at, "must be \"testlib\" or \"kattis\"");
}

static int checker_args(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	struct request_checker *k = into;

	return json_read_array(r, at, v, REQUEST_ARGS_MAX - PROTOCOL_ARGS, sizeof(*k->args),
			       json_read_name, &k->args, &k->nargs);
}

static int checker_files(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	struct request_checker *k = into;

	return json_read_array(r, at, v, REQUEST_FILES_MAX, sizeof(*k->files), request_read_file,
			       &k->files, &k->nfiles);
}

static int checker_limits(struct json_reader *r, const struct json_path *at, const json_t *v,
			  void *into)
{
	return request_read_limits(r, at, v, false, &((struct request_checker *)into)->limits);
}

static int checker_output(struct json_reader *r, const struct json_path *at, const json_t *v,
			  void *into)
{
	return json_read_bool(r, at, v, &((struct request_checker *)into)->output_judged);
}

static int checker_transcript(struct json_reader *r, const struct json_path *at, const json_t *v,
			      void *into)
{
	uint64_t n;
	int rc = json_read_uint(r, at, v, &n);

	if (rc)
		return rc;
	if (n > TRANSCRIPT_BYTES_MAX)
		return json_refuse(r, at, "must be at most %d", TRANSCRIPT_BYTES_MAX);
	((struct request_checker *)into)->transcript_bytes = (size_t)n;
	return 0;
}

#define CHECKER_ROW(field, type, must, doc) ROW(checker, field, must),
static const struct json_field checker_rows[] = { CHECKER_FIELDS(CHECKER_ROW) };
static const struct json_field interactor_rows[] = { INTERACTOR_FIELDS(CHECKER_ROW) };

static int read_judge(struct json_reader *r, const struct json_path *at, const json_t *value,
		      const struct json_field *rows, size_t nrows,
		      const struct request_checker **ret)
{
	struct request_checker *k = arena_alloc(r->arena, sizeof(*k));

	if (!k)
		return -ENOMEM;
	*ret = k;
	return json_read_object(r, at, value, rows, nrows, k);
}

int request_read_checker(struct json_reader *r, const struct json_path *at, const json_t *value,
			 const struct request_checker **ret)
{
	return read_judge(r, at, value, checker_rows, ARRAY_SIZE(checker_rows), ret);
}

int request_read_interactor(struct json_reader *r, const struct json_path *at, const json_t *value,
			    const struct request_checker **ret)
{
	return read_judge(r, at, value, interactor_rows, ARRAY_SIZE(interactor_rows), ret);
}
