/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_url.h.  Strict: what is not understood is refused, since a word that is overlooked here is a
 * connection to the wrong place or without a password.  Errors name the part, never its value.
 */
#include "gate/redis/redis_url.h"

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

static int take_port(const char *at, const char *end, struct redis_node *ret, struct err *err)
{
	uint64_t n = 0;
	char word[8];
	size_t len = (size_t)(end - at) < sizeof(word) ? (size_t)(end - at) : 0;

	memcpy(word, at, len);
	word[len] = '\0';
	if (parse_u64(word, &n) < 0 || n < 1 || n > 65535)
		return wrong(err, "the port must be a number from 1 to 65535");
	snprintf(ret->port, sizeof(ret->port), "%u", (unsigned)n);
	return 0;
}

/* HOST[:PORT] or [HOST][:PORT]; the port stays as it is where none is given */
static int take_host(const char *at, const char *end, struct redis_node *ret, struct err *err)
{
	bool quoted = at < end && *at == '[';
	const char *stop = memchr(at, quoted ? ']' : ':', (size_t)(end - at)), *port;

	at += quoted;
	if (quoted && (!stop || (stop + 1 < end && stop[1] != ':')))
		return wrong(err, "[ without ] or without :PORT behind it");
	port = stop && stop + quoted < end ? stop + quoted + 1 : end;
	stop = stop ? stop : end;
	if (stop == at || (size_t)(stop - at) >= sizeof(ret->host))
		return wrong(err, "the host is missing or too long");
	memcpy(ret->host, at, (size_t)(stop - at));
	ret->host[stop - at] = '\0';
	return port < end ? take_port(port, end, ret, err) : 0;
}

/* HOST[:PORT],… of the kinds that have several, or one; the first is host and port as well */
static int take_hosts(const char *at, const char *end, struct redis_url *u, struct err *err)
{
	bool several = u->kind != REDIS_SERVER;

	for (const char *stop;; at = stop + 1) {
		struct redis_node *node = &u->nodes[u->nnodes];
		int r;

		if (u->nnodes == REDIS_NODES_MAX)
			return wrong(err, "more than 8 hosts");
		strcpy(node->port, u->kind == REDIS_BY_SENTINELS ? "26379" : "6379");
		stop = several ? memchr(at, ',', (size_t)(end - at)) : NULL;
		r = take_host(at, stop ? stop : end, node, err);
		if (r < 0)
			return r;
		u->nnodes++;
		if (!stop)
			break;
	}
	memcpy(u->host, u->nodes[0].host, sizeof(u->host));
	memcpy(u->port, u->nodes[0].port, sizeof(u->port));
	return 0;
}

/* sentinel_user=…&sentinel_password=… */
static int take_query(const char *at, struct redis_url *u, struct err *err)
{
	static const char user[] = "sentinel_user=", password[] = "sentinel_password=";

	while (*at) {
		const char *end = at + strcspn(at, "&");
		bool is_user = strncmp(at, user, sizeof(user) - 1) == 0;
		size_t skip = is_user ? sizeof(user) - 1 : sizeof(password) - 1;

		if (!is_user && strncmp(at, password, sizeof(password) - 1) != 0)
			return wrong(err, "only sentinel_user= and sentinel_password= are "
					  "understood behind ?");
		if (decode(at + skip, (size_t)(end - at) - skip,
			   is_user ? u->sentinel_user : u->sentinel_password,
			   is_user ? sizeof(u->sentinel_user) : sizeof(u->sentinel_password)) < 0)
			return wrong(err, "what is behind ? is too long or wrongly encoded");
		at = *end ? end + 1 : end;
	}
	if (*u->sentinel_user && !*u->sentinel_password)
		return wrong(err, "sentinel_user= needs sentinel_password=");
	return 0;
}

/* /PRIMARY[/DB][?…] */
static int take_primary(const char *at, struct redis_url *u, struct err *err)
{
	const char *query = at + strcspn(at, "?"), *end;
	char db[8] = "";

	at += *at == '/';
	end = at + strcspn(at, "/?");
	if (end <= at || decode(at, (size_t)(end - at), u->primary, sizeof(u->primary)) < 0)
		return wrong(err, "the primary's name is missing behind the Sentinels, too long or "
				  "wrongly encoded");
	if (*end == '/' && (size_t)(query - end - 1) >= sizeof(db))
		return take_db("x", u, err);
	if (*end == '/')
		memcpy(db, end + 1, (size_t)(query - end - 1));
	if (take_db(db, u, err) < 0)
		return -EINVAL;
	return take_query(*query ? query + 1 : query, u, err);
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
		r = take_hosts(at, end, u, err);
	if (r < 0)
		return r;
	if (u->kind == REDIS_BY_SENTINELS && !strchr(end, '#'))
		return take_primary(end, u, err);
	if (strpbrk(end, "?#"))
		return wrong(err, "no ? or # is understood behind the host");
	r = take_db(*end ? end + 1 : end, u, err);
	if (r == 0 && u->kind == REDIS_CLUSTER && u->db)
		return wrong(err, "a Cluster has the database 0 only");
	return r;
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
		enum redis_kind kind;
	} schemes[] = {
		{ "redis://", false, false, REDIS_SERVER },
		{ "rediss://", true, false, REDIS_SERVER },
		{ "unix://", false, true, REDIS_SERVER },
		{ "redis+socket://", false, true, REDIS_SERVER },
		{ "redis+sentinel://", false, false, REDIS_BY_SENTINELS },
		{ "rediss+sentinel://", true, false, REDIS_BY_SENTINELS },
		{ "redis+cluster://", false, false, REDIS_CLUSTER },
		{ "rediss+cluster://", true, false, REDIS_CLUSTER },
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
		u.kind = schemes[i].kind;
		r = schemes[i].unix_socket ? parse_unix(text + len, &u, err)
					   : parse_tcp(text + len, &u, err);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return wrong(err, "must begin with redis://, rediss:// or unix://, or with "
				  "redis+sentinel:// or redis+cluster://");
	*ret = u;
	return 0;
}

/* "scheme://a:1,[b]:2"; what does not fit is cut */
static size_t show_nodes(const struct redis_url *u, const char *kind,
			 char text[static REDIS_URL_SHOWN])
{
	int n = snprintf(text, REDIS_URL_SHOWN, "%s+%s://", u->tls ? "rediss" : "redis", kind);

	for (unsigned i = 0; i < u->nnodes && n < REDIS_URL_SHOWN; i++) {
		const struct redis_node *node = &u->nodes[i];

		n += snprintf(text + n, (size_t)(REDIS_URL_SHOWN - n),
			      strchr(node->host, ':') ? "%s[%s]:%s" : "%s%s:%s", i ? "," : "",
			      node->host, node->port);
	}
	return n < REDIS_URL_SHOWN ? (size_t)n : REDIS_URL_SHOWN - 1;
}

const char *redis_url_show(const struct redis_url *u, char text[static REDIS_URL_SHOWN])
{
	size_t n;

	if (u->kind == REDIS_CLUSTER) {
		show_nodes(u, "cluster", text);
	} else if (u->kind == REDIS_BY_SENTINELS) {
		n = show_nodes(u, "sentinel", text);
		snprintf(text + n, REDIS_URL_SHOWN - n, "/%s/%u", u->primary, u->db);
	} else if (u->unix_socket) {
		snprintf(text, REDIS_URL_SHOWN, "unix://%s?db=%u", u->host, u->db);
	} else {
		snprintf(text, REDIS_URL_SHOWN,
			 strchr(u->host, ':') ? "%s://[%s]:%s/%u" : "%s://%s:%s/%u",
			 u->tls ? "rediss" : "redis", u->host, u->port, u->db);
	}
	return text;
}
