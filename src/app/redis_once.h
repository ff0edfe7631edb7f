/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation with Redis that a command of the command line has and then is over: one question after the other, each
 * waited for.  What cannot be reached at the first try is a failure.  A connection that breaks later is one as well,
 * unless the caller has patience: then the question is asked again, and may so be asked twice.  While a slot of a Cluster
 * moves, what is there already is asked of the node that it moves to (ASK).
 */
#pragma once

#include "gate/redis/redis_link.h"

struct redis_once {
	sd_event *loop; /* owned */
	struct redis_link *link,
		*aside; /* owned; aside: to the node that ASK named, for one question */
	struct redis_url url;
	const char *ca_file;
	struct redis_node asked; /* that node; no port: none was named */
	struct err *err;
	bool waiting, up, aside_up, again;
	uint64_t pause_nsec;	/* until when it waits to ask again */
	uint64_t patience_nsec; /* until when a question is asked again; 0: never */
	int result;
	void (*answer)(void *user, const redisReply *reply);
	void *user;
};

/* queue: whose keys are asked for. */
int redis_once_open(struct redis_once *o, const struct redis_url *url, const char *ca_file,
		    const char *queue, struct err *err);
void redis_once_done(struct redis_once *o);
/* `answer` (or NULL) gets the reply, which is no error. 0, or a negative errno with its story. */
int redis_once_ask(struct redis_once *o, void (*answer)(void *user, const redisReply *reply),
		   void *user, const char *format, ...);
/* The same of a batch: the reply to its last command. */
int redis_once_batch(struct redis_once *o, struct redis_batch *b,
		     void (*answer)(void *user, const redisReply *reply), void *user);
