/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See celery_result.h.  The order of keys is Celery's own: STORE_SCRIPT of celery_store.c looks for the status at
 * the beginning.  A refusal has no traceback, since no line of Python raised it; what there is to know is in its text.
 */
#include "gate/celery/celery_result.h"

#include <string.h>

#include "codec/json_write.h"
#include "gate/celery/celery_time.h"

static void open_meta(struct json_writer *w, const char *status)
{
	json_write_init(w, JSON_WRITE_MAX_BYTES);
	json_write_open(w, '{');
	json_write_key(w, "status");
	json_write_string(w, status);
	json_write_key(w, "result");
}

static int close_meta(struct json_writer *w, const struct celery_task *t, const char *id, bool done,
		      char **ret, size_t *ret_len)
{
	char date[CELERY_TIME_BYTES];
	int r;

	celery_time_print(celery_time_now(), date);
	json_write_key(w, "traceback");
	json_write_null(w);
	json_write_key(w, "children");
	json_write_open(w, '[');
	json_write_close(w, ']');
	json_write_key(w, "date_done");
	json_write_string(w, done ? date : NULL);
	if (t->group) {
		json_write_key(w, "group_id");
		json_write_string(w, t->group);
	}
	if (t->parent_id) {
		json_write_key(w, "parent_id");
		json_write_string(w, t->parent_id);
	}
	json_write_key(w, "task_id");
	json_write_string(w, id);
	json_write_close(w, '}');
	r = json_write_take(w, ret, ret_len);
	json_write_done(w);
	if (r == 0 && *ret_len > 0 && (*ret)[*ret_len - 1] == '\n')
		(*ret)[--*ret_len] = '\0';
	return r;
}

int celery_result_started(const struct celery_task *t, const char *node, int pid, char **ret,
			  size_t *ret_len)
{
	struct json_writer w;

	open_meta(&w, "STARTED");
	json_write_open(&w, '{');
	json_write_key(&w, "pid");
	json_write_int(&w, pid);
	json_write_key(&w, "hostname");
	json_write_string(&w, node);
	json_write_close(&w, '}');
	return close_meta(&w, t, t->id, false, ret, ret_len);
}

int celery_result_success(const struct celery_task *t, const char *result, size_t len, char **ret,
			  size_t *ret_len)
{
	struct json_writer w;

	open_meta(&w, "SUCCESS");
	json_write_raw(&w, result, len);
	return close_meta(&w, t, t->id, true, ret, ret_len);
}

int celery_result_exception(const struct celery_task *t, const char *id, const char *status,
			    const struct celery_refusal *e, char **ret, size_t *ret_len)
{
	struct json_writer w;

	open_meta(&w, status);
	json_write_open(&w, '{');
	json_write_key(&w, "exc_type");
	json_write_string(&w, e->exc_type);
	json_write_key(&w, "exc_message");
	json_write_open(&w, '[');
	json_write_string(&w, e->text);
	json_write_close(&w, ']');
	json_write_key(&w, "exc_module");
	json_write_string(&w, e->exc_module);
	json_write_close(&w, '}');
	return close_meta(&w, t, id, true, ret, ret_len);
}
