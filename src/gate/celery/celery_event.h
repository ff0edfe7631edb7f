/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Celery worker says of itself to whoever listens (Flower, `celery events`, `celery status`): envelopes of
 * kombu's, heartbeats, events of tasks.  Pure, but for the clock and random names.  Texts are malloc'ed, the caller's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate/celery/celery_message.h"

struct celery_self {
	const char *node; /* "kodewar@host": letters, digits, '@', '.', '_', '-' */
	int pid;
	uint64_t clock; /* Lamport's */
	uint64_t active, processed;
};

struct celery_envelope {
	const char *exchange, *routing_key;
	const char *ticket;   /* header of an answer; NULL: none */
	const char *hostname; /* header of an event; NULL: none */
	uint64_t clock;	      /* header of an answer */
};

/* `body` is JSON. 0 or a negative errno. */
int celery_envelope_make(const struct celery_envelope *e, const char *body, size_t len, char **ret,
			 size_t *ret_len);

/* type: "worker-online", "worker-heartbeat", "worker-offline". The whole envelope. */
int celery_event_worker(struct celery_self *self, const char *type, char **ret, size_t *ret_len);

enum celery_event_kind {
	CELERY_EV_RECEIVED,
	CELERY_EV_STARTED,
	CELERY_EV_SUCCEEDED, /* text: the result as it is shown; runtime_sec */
	CELERY_EV_FAILED,    /* text: the exception */
	CELERY_EV_REVOKED,   /* expired, terminated */
};

struct celery_event {
	enum celery_event_kind kind;
	const struct celery_task *task;
	const char *text;
	double runtime_sec;
	bool expired, terminated;
};

/* Adds it to `list`, a JSON array; 0 or -ENOMEM. */
int celery_event_add(struct celery_self *self, json_t *list, const struct celery_event *e);
/* The envelope of such a list. */
int celery_event_tasks(const struct celery_self *self, const json_t *list, char **ret,
		       size_t *ret_len);
