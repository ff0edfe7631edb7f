/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Celery client puts on a queue of kombu's Redis transport, taken apart: message protocols 2 and 1, bodies in
 * base64, JSON only.  Pure.
 *
 *   {"body": base64 of [args, kwargs, {"callbacks", "errbacks", "chain", "chord"}],
 *    "content-type": "application/json", "content-encoding": "utf-8",
 *    "headers": {"task", "id", "eta", "expires", "retries", "timelimit", "group", "root_id", "parent_id", …},
 *    "properties": {"correlation_id", "delivery_info", "delivery_tag", "priority", "body_encoding": "base64"}}
 *
 * Protocol 1 has what is in the headers in its body, an object.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CELERY_ID_MAX 255 /* of a task's id: it becomes part of a key */
#define CELERY_SUBMISSION_MAX 128
#define CELERY_MESSAGE_MAX (64u << 20) /* bytes of a message; larger ones are unreadable */

/* What a task may be called with; the words live as long as what is decoded. */
struct celery_signature {
	const char *task;
	const char *const *params; /* names of positional arguments, in order */
	size_t nparams;
};

/* A task that is refused, as the exception that its caller gets. */
struct celery_refusal {
	const char *exc_type, *exc_module; /* static */
	char text[512];
};

struct celery_task {
	json_t *envelope, *payload; /* owned; all below points into them unless said */
	const char *id;		    /* "": none could be read */
	const char *name, *group, *parent_id, *root_id; /* NULL: not said */
	const char *argsrepr, *kwargsrepr, *eta_text, *expires_text;
	json_t *args, *kwargs, *delivery_info; /* for those who inspect; may be NULL */
	double eta, expires;		       /* since 1970; 0: none */
	double hard_sec, soft_sec;	       /* time limits; 0: none */
	unsigned retries;
	bool ignore_result;
	char *request; /* owned: the request's JSON, for the desk */
	size_t request_len;
	char submission[CELERY_SUBMISSION_MAX + 1]; /* "": none */
};

enum celery_decoded {
	CELERY_TASK,
	CELERY_REFUSED,	   /* the task has an id: its caller can be told */
	CELERY_UNREADABLE, /* nobody can be told; refusal.text says why */
};

/* One of the above, or -ENOMEM. *ret is to be freed in each case but the last. */
int celery_message_decode(const char *raw, size_t len, const struct celery_signature *signature,
			  struct celery_task *ret, struct celery_refusal *refusal);
void celery_task_done(struct celery_task *t);
/*
 * Ids of tasks that wait for this one and will never be begun: the rest of its chain, the body of its chord, its
 * callbacks.  In a refused task only.  Returns how many, at most `max`.
 */
size_t celery_task_followers(const struct celery_task *t, const char **ret, size_t max);

/*
 * The message as it goes back to its queue: marked as redelivered.  Text is malloc'ed. 0, -EINVAL or -ENOMEM.
 */
int celery_message_redeliver(const char *raw, size_t len, char **ret);

/* The body of any envelope as JSON, whatever it is. NULL: unreadable; the caller drops the reference. */
json_t *celery_envelope_body(const json_t *envelope, struct celery_refusal *refusal);
json_t *celery_json_load(const char *text, size_t len);
