/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of commands, and replies looked at: see redis_link.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gate/redis_link.h"

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

void redis_batch_add(struct redis_batch *b, const char *format, ...)
{
	char *one = NULL, *grown;
	va_list ap;
	int len;

	va_start(ap, format);
	len = redisvFormatCommand(&one, format, ap);
	va_end(ap);
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
