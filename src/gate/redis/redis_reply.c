/* SPDX-License-Identifier: Apache-2.0 */
/* Commands made, and replies looked at: what of redis_link.h needs no connection. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/redis/redis_link.h"

bool redis_is(const redisReply *r, const char *word)
{
	return r && (r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS) &&
	       r->len == strlen(word) && memcmp(r->str, word, r->len) == 0;
}

bool redis_is_error(const redisReply *r, const char *code)
{
	size_t len = strlen(code);

	return r && r->type == REDIS_REPLY_ERROR && strncmp(r->str, code, len) == 0 &&
	       (r->str[len] == ' ' || r->str[len] == '\0');
}

bool redis_redirect(const redisReply *r, const char *code, long *ret_slot, struct redis_node *ret)
{
	const char *where, *colon;
	char *end = NULL;
	size_t len;
	long port;

	if (!redis_is_error(r, code))
		return false;
	*ret_slot = strtol(r->str + strlen(code), &end, 10);
	where = *end == ' ' ? end + 1 : "";
	colon = strrchr(where, ':');
	if (!colon || colon[1] < '0' || colon[1] > '9')
		return false;
	len = (size_t)(colon - where);
	port = strtol(colon + 1, &end, 10);
	if (*end || port < 1 || port > 65535 || len >= sizeof(ret->host))
		return false;
	if (len == 1 && *where == '?')
		len = 0;
	memcpy(ret->host, where, len);
	ret->host[len] = '\0';
	snprintf(ret->port, sizeof(ret->port), "%ld", port);
	return true;
}

const char *redis_error(const redisReply *r)
{
	return !r			      ? "the connection broke"
	       : r->type == REDIS_REPLY_ERROR ? r->str
					      : "unexpected reply";
}

const redisReply *redis_field(const redisReply *r, const char *name)
{
	if (!r || r->type != REDIS_REPLY_ARRAY)
		return NULL;
	for (size_t i = 0; i + 1 < r->elements; i += 2)
		if (redis_is(r->element[i], name))
			return r->element[i + 1];
	return NULL;
}

void redis_batch_vadd(struct redis_batch *b, const char *format, va_list ap)
{
	char *one = NULL, *grown;
	int len = redisvFormatCommand(&one, format, ap);

	grown = len < 0 ? NULL : realloc(b->data, b->len + (size_t)len);
	if (grown) {
		memcpy(grown + b->len, one, (size_t)len);
		b->data = grown;
		b->len += (size_t)len;
		b->commands++;
	} else {
		b->failed = true;
	}
	if (len >= 0)
		redisFreeCommand(one);
}

void redis_batch_add(struct redis_batch *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	redis_batch_vadd(b, format, ap);
	va_end(ap);
}

int redis_link_send(struct redis_link *l, size_t argc, const char *const *argv, const size_t *lens,
		    uint64_t block_ms, redis_then_t then, void *user)
{
	struct redis_batch b = { .commands = 1, .block_ms = block_ms };
	long long len = redisFormatCommandArgv(&b.data, (int)argc, (const char **)argv, lens);

	b.failed = len < 0;
	b.len = len < 0 ? 0 : (size_t)len;
	return redis_link_batch(l, &b, then, user);
}

int redis_link_ask(struct redis_link *l, redis_then_t then, void *user, const char *format, ...)
{
	struct redis_batch b = { .data = NULL };
	va_list ap;

	if (!redis_link_up(l))
		return -ENOTCONN;
	va_start(ap, format);
	redis_batch_vadd(&b, format, ap);
	va_end(ap);
	return redis_link_batch(l, &b, then, user);
}
