/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Celery's Redis backend keeps of a task under celery-task-meta-<id>, and what is told on the channel of that name.
 * Pure.  Texts are malloc'ed and the caller's; functions return 0 or a negative errno.
 */
#pragma once

#include <stddef.h>

#include "gate/celery/celery_message.h"

#define CELERY_META_PREFIX "celery-task-meta-"

/* A task that has begun: {"pid", "hostname"} as Celery tells it. */
int celery_result_started(const struct celery_task *t, const char *node, int pid, char **ret,
			  size_t *ret_len);
/* `result` is one JSON value of ours. */
int celery_result_success(const struct celery_task *t, const char *result, size_t len, char **ret,
			  size_t *ret_len);
/* status: "FAILURE" or "REVOKED"; id: whose, the task's own or a follower's. */
int celery_result_exception(const struct celery_task *t, const char *id, const char *status,
			    const struct celery_refusal *e, char **ret, size_t *ret_len);
