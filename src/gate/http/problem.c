/* SPDX-License-Identifier: Apache-2.0 */
/* See problem.h. */
#include "gate/http/problem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "codec/json_write.h"

#define PROBLEM_BYTES_MAX 65536

static const struct {
	unsigned status;
	const char *title, *doc;
} problems[] = {
#define ROW(status, title, doc) { status, title, doc },
	PROBLEMS(ROW)
#undef ROW
};

const char *problem_title(unsigned status)
{
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++)
		if (problems[i].status == status)
			return problems[i].title;
	return "Error";
}

const char *problem_doc(unsigned status)
{
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++)
		if (problems[i].status == status)
			return problems[i].doc;
	return NULL;
}

static void write_pair(struct json_writer *w, const char *key, const char *value)
{
	json_write_key(w, key);
	json_write_string(w, value);
}

int problem_encode(const struct problem *p, const char *id, char **ret, size_t *ret_len)
{
	struct json_writer w;
	int r;

	json_write_init(&w, PROBLEM_BYTES_MAX);
	json_write_open(&w, '{');
	write_pair(&w, "type", "about:blank");
	write_pair(&w, "title", problem_title(p->status));
	json_write_key(&w, "status");
	json_write_uint(&w, p->status);
	write_pair(&w, "detail", p->detail);
	if (p->field) {
		write_pair(&w, "field", p->field);
		write_pair(&w, "rule", p->rule);
	}
	if (p->position >= 0) {
		json_write_key(&w, "position");
		json_write_int(&w, p->position);
	}
	if (p->retry_after_sec) {
		json_write_key(&w, "retry_after_sec");
		json_write_uint(&w, p->retry_after_sec);
	}
	write_pair(&w, "request_id", id);
	json_write_close(&w, '}');
	r = json_write_take(&w, ret, ret_len);
	json_write_done(&w);
	return r;
}

void problem_answer(struct http_request *r, const struct problem *p)
{
	_cleanup_free_ char *text = NULL;
	char seconds[16];
	size_t len = 0;

	if (http_status(r))
		return;
	if (p->retry_after_sec) {
		snprintf(seconds, sizeof(seconds), "%u", p->retry_after_sec);
		http_set_header(r, "Retry-After", seconds);
	}
	/* Without memory for words the status has to do. */
	if (problem_encode(p, http_id(r), &text, &len) < 0)
		len = 0;
	http_answer(r, p->status, "application/problem+json", text ? text : "", len);
}

void problem_refuse(struct http_request *r, const struct refusal *refusal)
{
	const char *field = *refusal->field ? refusal->field : "body";
	char detail[sizeof(refusal->field) + sizeof(refusal->rule) + 8];

	snprintf(detail, sizeof(detail), "%s: %s", field, refusal->rule);
	problem_answer(r, &(struct problem){ .status = *refusal->field ? 422 : 400,
					     .detail = detail,
					     .field = field,
					     .rule = refusal->rule,
					     .position = -1 });
}
