/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_url.h.  Strict: what is not understood is refused, since a word that is overlooked here is a
 * connection to the wrong place or without a password.  Errors name the part, never its value.
 */
#include "gate/redis_url.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"

#define DB_MAX 65535

static int wrong(struct err *err, const char *rule)
{
	err_set(err, 0, "Redis URL: %s", rule);
	return -EINVAL;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c | 0x20);

	return c && at ? (int)(at - digits) : -1;
}

/* Percent-decoded, with a NUL; -1 where it does not fit, is malformed or would hold a NUL. */
static int decode(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)from[i];

		if (c == '%') {
			if (i + 2 >= len || hex(from[i + 1]) < 0 || hex(from[i + 2]) < 0)
				return -1;
			c = hex(from[i + 1]) * 16 + hex(from[i + 2]);
			i += 2;
		}
		if (c == '\0' || n + 1 >= size)
			return -1;
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return 0;
}

/* [[USER]:PASSWORD@] or USER@; moves *at behind it. */
static int take_who(const char **at, const char *end, struct redis_url *u, struct err *err)
{
	const char *who = *at, *stop = memrchr(who, '@', (size_t)(end - who)), *colon;

	if (!stop)
		return 0;
	colon = memchr(who, ':', (size_t)(stop - who));
	if (decode(who, (size_t)((colon ? colon : stop) - who), u->user, sizeof(u->user)) < 0)
		return wrong(err, "the user is too long or wrongly encoded");
	if (colon &&
	    decode(colon + 1, (size_t)(stop - colon - 1), u->password, sizeof(u->password)) < 0)
		return wrong(err, "the password is too long or wrongly encoded");
	if (*u->user && !*u->password)
		return wrong(err, "a user needs a password: USER:PASSWORD@");
	*at = stop + 1;
	return 0;
}

static int take_db(const char *text, struct redis_url *u, struct err *err)
{
	uint64_t n = 0;

	if (*text && (parse_u64(text, &n) < 0 || n > DB_MAX))
		return wrong(err, "the database must be a number from 0 to 65535");
	u->db = (unsigned)n;
	return 0;
}

static int take_port(const char *at, const char *end, struct redis_url *u, struct err *err)
{
	char word[8] = "6379";
	uint64_t n = 0;

	if (at && end > at) {
		size_t len = (size_t)(end - at) < sizeof(word) ? (size_t)(end - at) : 0;

		memcpy(word, at, len);
		word[len] = '\0';
	}
	if (parse_u64(word, &n) < 0 || n < 1 || n > 65535)
		return wrong(err, "the port must be a number from 1 to 65535");
	snprintf(u->port, sizeof(u->port), "%u", (unsigned)n);
	return 0;
}

/* HOST[:PORT] or [HOST][:PORT] */
static int take_host(const char *at, const char *end, struct redis_url *u, struct err *err)
{
	bool quoted = *at == '[';
	const char *stop = memchr(at, quoted ? ']' : ':', (size_t)(end - at)), *port;

	at += quoted;
	if (quoted && (!stop || (stop + 1 < end && stop[1] != ':')))
		return wrong(err, "[ without ] or without :PORT behind it");
	port = stop && stop + quoted < end ? stop + quoted + 1 : NULL;
	stop = stop ? stop : end;
	if (stop == at || (size_t)(stop - at) >= sizeof(u->host))
		return wrong(err, "the host is missing or too long");
	memcpy(u->host, at, (size_t)(stop - at));
	return take_port(port, end, u, err);
}

static int parse_tcp(const char *at, struct redis_url *u, struct err *err)
{
	const char *end = at + strcspn(at, "/?#"), *who_end = strrchr(at, '@');
	int r;

	/* A password may hold a slash that was not encoded. */
	if (who_end && who_end > end)
		end = who_end + strcspn(who_end, "/?#");
	r = take_who(&at, end, u, err);
	if (r == 0)
		r = take_host(at, end, u, err);
	if (r < 0)
		return r;
	if (*end == '?' || *end == '#' || strpbrk(end, "?#"))
		return wrong(err, "no ? or # is understood behind the host");
	return take_db(*end ? end + 1 : end, u, err);
}

static int parse_unix(const char *at, struct redis_url *u, struct err *err)
{
	const char *end = at + strcspn(at, "?"), *query = *end ? end + 1 : NULL;
	int r = take_who(&at, end, u, err);

	u->unix_socket = true;
	if (r < 0)
		return r;
	if (*at != '/' || decode(at, (size_t)(end - at), u->host, 108) < 0)
		return wrong(err, "unix:// needs an absolute path of at most 107 bytes");
	if (!query)
		return 0;
	if (strncmp(query, "db=", 3) != 0 && strncmp(query, "virtual_host=", 13) != 0)
		return wrong(err, "only db= is understood behind a socket's path");
	return take_db(strchr(query, '=') + 1, u, err);
}

int redis_url_parse(const char *text, struct redis_url *ret, struct err *err)
{
	static const struct {
		const char *scheme;
		bool tls, unix_socket;
	} schemes[] = {
		{ "redis://", false, false },
		{ "rediss://", true, false },
		{ "unix://", false, true },
		{ "redis+socket://", false, true },
	};
	struct redis_url u = { .db = 0 };
	int r = -1;

	if (strlen(text) >= REDIS_URL_MAX)
		return wrong(err, "too long");
	for (size_t i = 0; r < 0 && i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t len = strlen(schemes[i].scheme);

		if (strncmp(text, schemes[i].scheme, len) != 0)
			continue;
		u.tls = schemes[i].tls;
		r = schemes[i].unix_socket ? parse_unix(text + len, &u, err)
					   : parse_tcp(text + len, &u, err);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return wrong(err, "must begin with redis://, rediss:// or unix://");
	*ret = u;
	return 0;
}

const char *redis_url_show(const struct redis_url *u, char text[static REDIS_URL_SHOWN])
{
	if (u->unix_socket)
		snprintf(text, REDIS_URL_SHOWN, "unix://%s?db=%u", u->host, u->db);
	else
		snprintf(text, REDIS_URL_SHOWN,
			 strchr(u->host, ':') ? "%s://[%s]:%s/%u" : "%s://%s:%s/%u",
			 u->tls ? "rediss" : "redis", u->host, u->port, u->db);
	return text;
}
