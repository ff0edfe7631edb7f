/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to Redis or Valkey on the loop: commands in, replies out, in order.  It connects by itself, greets
 * (AUTH, CLIENT SETNAME, SELECT), and comes back by itself with growing, scattered pauses; what was asked and not
 * answered when it broke is told so, and is nobody's to send again but the caller's: who knows whether it was done.
 *
 * Where it goes is redis_place.h's to know: by Sentinels it finds the primary, in a Cluster the node that owns `key`, and
 * it goes elsewhere when a server says that it is not the place any more, which breaks the link like anything else.
 *
 * A blocking command (XREADGROUP BLOCK, BRPOP) holds up all behind it: give those a link of their own.  A link with
 * on_push is a listener: it takes SUBSCRIBE and its like only, and finds out by PING whether it still stands.
 *
 * Callbacks come from the loop, never from within a call; from one of them the link may be freed.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "gate/redis/redis_url.h"

struct redis_link;

struct redis_link_config {
	sd_event *loop;
	const struct redis_url *url; /* copied */
	const char *ca_file; /* authorities for rediss://; NULL: the system's; outlives the link */
	const char *name;    /* CLIENT SETNAME, without blanks; NULL: none; outlives the link */
	const char *
		key; /* of what it will speak of: in a Cluster its slot's node is the place; NULL: none; copied */
	uint64_t connect_ms;	   /* for a connection and TLS; 0: 5 s */
	uint64_t reply_ms;	   /* no reply after this long: broken; 0: 10 s */
	uint64_t retry_ms_max;	   /* the longest pause between two tries; 0: 3 s */
	uint64_t out_bytes_max;	   /* of commands that wait to be sent; 0: 256 MiB */
	void (*on_up)(void *user); /* greeted: commands are taken from now on */
	/* Every time a try or a connection ends; the first of a row of failures is worth a log line (`tries` is 1). */
	void (*on_down)(void *user, const struct err *why, unsigned tries);
	void (*on_push)(void *user, const redisReply *reply); /* NULL: not a listener */
	void *user;
};

/* The first try to connect is made from the loop. 0 or a negative errno. */
int redis_link_new(const struct redis_link_config *c, struct redis_link **ret, struct err *err);
/* Fine with NULL. Nothing more is told. */
void redis_link_free(struct redis_link *l);
bool redis_link_up(const struct redis_link *l);

/* reply is NULL when the link broke before it came; valid during the call. */
typedef void (*redis_then_t)(void *user, const redisReply *reply);

/*
 * One command. `then` NULL: the reply is of no interest.  block_ms is how long the command itself may block, above
 * reply_ms.  0, -ENOTCONN while the link is down, -ENOBUFS or -ENOMEM: then `then` is not called.
 */
int redis_link_send(struct redis_link *l, size_t argc, const char *const *argv, const size_t *lens,
		    uint64_t block_ms, redis_then_t then, void *user);
/* The same by hiredis' format: %s a word, %b bytes and a size_t, %llu and its like; blanks separate arguments. */
int redis_link_ask(struct redis_link *l, redis_then_t then, void *user, const char *format, ...);
/* Several commands that go together or not at all; to be filled, and sent once. Starts zeroed. */
struct redis_batch {
	char *data; /* owned */
	size_t len;
	unsigned commands;
	bool failed;
	uint64_t block_ms; /* how long the last one may block, above reply_ms */
};

void redis_batch_add(struct redis_batch *b, const char *format, ...);
void redis_batch_vadd(struct redis_batch *b, const char *format, va_list ap);
/* `then` is told the reply to the last one. Empties the batch in any case. */
int redis_link_batch(struct redis_link *l, struct redis_batch *b, redis_then_t then, void *user);
/* Nobody wants the replies that this `user` waits for any more; the commands themselves are not taken back. */
void redis_link_forget(struct redis_link *l, const void *user);

/* ---- replies ---- */
static inline bool redis_ok(const redisReply *r)
{
	return r && r->type != REDIS_REPLY_ERROR;
}
/* A string or a status equal to `word`. */
bool redis_is(const redisReply *r, const char *word);
/* An error whose first word this is, such as "NOGROUP". */
bool redis_is_error(const redisReply *r, const char *code);
/* "CODE SLOT HOST:PORT": whether it is an error of this code, and where it sends; an empty host is the one that says so. */
bool redis_redirect(const redisReply *r, const char *code, long *ret_slot, struct redis_node *ret);
/* What went wrong, for logs: the error's text, or that the link broke. */
const char *redis_error(const redisReply *r);
/* The value behind `name` in a flat list of names and values, or NULL. */
const redisReply *redis_field(const redisReply *r, const char *name);
