/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a request's input and output. What a path may be, and what fields must keep together, is the planner's business. */
#include <errno.h>
#include <string.h>

#include "codec/request_parts.h"

int request_output_files(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	struct request *req = into;

	return json_read_array(r, at, v, REQUEST_OUTPUTS_MAX, sizeof(*req->output_files),
			       json_read_name, &req->output_files, &req->noutput_files);
}

int request_input_file(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	return json_read_name(r, at, v, &((struct request *)into)->input_file);
}

int request_output_file(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	return json_read_name(r, at, v, &((struct request *)into)->output_file);
}

int case_output_files(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	struct test_case *t = into;

	return json_read_array(r, at, v, REQUEST_OUTPUTS_MAX, sizeof(*t->output_files),
			       json_read_name, &t->output_files, &t->noutput_files);
}

int case_output_file(struct json_reader *r, const struct json_path *at, const json_t *v, void *into)
{
	return json_read_name(r, at, v, &((struct test_case *)into)->output_file);
}

int case_expected_files(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	struct test_case *t = into;
	struct request_file *files;
	const char *key;
	json_t *member;
	size_t n = 0;

	if (!json_is_object(v))
		return json_refuse(r, at, "must be an object");
	if (json_object_size(v) == 0 || json_object_size(v) > REQUEST_OUTPUTS_MAX)
		return json_refuse(r, at, "must have 1 to %u entries", REQUEST_OUTPUTS_MAX);
	files = arena_alloc_array(r->arena, json_object_size(v), sizeof(*files));
	if (!files)
		return -ENOMEM;
	json_object_foreach((json_t *)v, key, member) {
		struct json_path path = { .up = at, .name = key };
		int rc;

		files[n].name = arena_strndup(r->arena, key, strlen(key));
		if (!files[n].name)
			return -ENOMEM;
		rc = json_read_text(r, &path, member, &files[n++].content);
		if (rc)
			return rc;
	}
	t->expected_files = files;
	t->nexpected_files = n;
	return 0;
}
