/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request's head costs its connection.  The library keeps a connection in one piece of memory of a fixed size: what
 * was read, a record of each field, a copy of the cookies, and then the head of the answer in what is left.  Where nothing
 * is left it ends the connection without a word, after the request was served.  So the piece is made to hold three
 * shares, and a request is refused before it is looked at if it takes more than its own:
 *
 *   what is read     max_head, and SLACK: never more than half of the piece, by the library's own rule
 *   what is kept     max_head: the records and the copy
 *   the answer       SLACK
 *
 * A refusal needs none of them: it is written to the socket.  The last fields may come after the body (trailers).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "gate/http/http_private.h"

#define SLACK_BYTES \
	1536u /* more than the longest head of ours, whose Origin is bounded, and than one read ahead */
#define RECORD_BYTES 64u /* the library's, of a field, a cookie or a parameter of the query */

size_t http_head_memory(uint64_t head_bytes_max)
{
	return 2 * ((size_t)head_bytes_max + SLACK_BYTES);
}

struct head {
	const char *begin; /* of what was read */
	size_t len;	   /* to the empty line */
	size_t end;	   /* of all fields, from `begin` on */
	size_t kept;
	const char *largest; /* name, in `begin`; NULL: the request's first line */
	size_t largest_len;
	bool folded;
};

/* Fields are where they were read, but for one that went on in the next line: the library puts those together elsewhere. */
static void take_field(struct head *h, const char *name, const char *value, bool trailer)
{
	size_t n = strlen(name), v = value ? strlen(value) : 0, at = (size_t)(name - h->begin);
	size_t end = value ? (size_t)(value - h->begin) + v : at + n;

	if (value && (value < name || (!trailer && end > h->len)))
		h->folded = true;
	if (end > h->end)
		h->end = end;
	if (n + v > h->largest_len) {
		h->largest = name;
		h->largest_len = n + v;
	}
}

static enum MHD_Result count(void *user, enum MHD_ValueKind kind, const char *name,
			     const char *value)
{
	struct head *h = user;

	h->kept += RECORD_BYTES;
	if (kind == MHD_HEADER_KIND || kind == MHD_FOOTER_KIND)
		take_field(h, name, value, kind == MHD_FOOTER_KIND);
	if (kind == MHD_HEADER_KIND && !strcasecmp(name, "Cookie"))
		h->kept += strlen(value) + 1;
	return MHD_YES;
}

/* As it may stand in a problem: anything else is not named. */
static void name_field(const struct head *h, char *name, size_t size)
{
	size_t n = h->largest ? strlen(h->largest) : 0;

	if (!h->largest)
		snprintf(name, size, "request target");
	else if (n < size &&
		 strspn(h->largest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.") == n)
		memcpy(name, h->largest, n + 1);
	else
		snprintf(name, size, "header");
}

static bool refuse_size(struct http_refusal *ret, const struct head *h, const char *what,
			size_t len, size_t max)
{
	ret->status = 431;
	ret->reason = "Request Header Fields Too Large";
	name_field(h, ret->field, sizeof(ret->field));
	snprintf(ret->detail, sizeof(ret->detail), "%s %zu bytes, and may have %zu (max_head)",
		 what, len, max);
	return false;
}

static bool refuse_folded(struct http_refusal *ret)
{
	ret->status = 400;
	ret->reason = "Bad Request";
	snprintf(ret->field, sizeof(ret->field), "header");
	snprintf(ret->detail, sizeof(ret->detail), "a header's value goes on in the next line");
	return false;
}

bool http_head_fits(const struct http_request *r, struct MHD_Connection *connection,
		    const char *method, struct http_refusal *ret)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	static const enum MHD_ValueKind kinds[] = { MHD_HEADER_KIND, MHD_FOOTER_KIND,
						    MHD_COOKIE_KIND, MHD_GET_ARGUMENT_KIND };
	struct head h = { .begin = method, .len = info ? info->header_size : SIZE_MAX };
	size_t max = (size_t)r->server->config.head_bytes_max;

	*ret = (struct http_refusal){ .id = r->id, .silent = r->method == HTTP_HEAD };
	h.end = h.len;
	h.largest_len = strlen(method) + r->target_len;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		MHD_get_connection_values(connection, kinds[i], count, &h);
	if (h.folded)
		return refuse_folded(ret);
	if (h.end > max)
		return refuse_size(ret, &h, "the request line and all headers have", h.end, max);
	if (h.kept > max)
		return refuse_size(ret, &h,
				   "its fields, at 64 bytes each and the cookies' own, have",
				   h.kept, max);
	return true;
}
