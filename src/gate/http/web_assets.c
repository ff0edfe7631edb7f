/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page, its script and its style are looked up by their whole path and sent with a policy under which nothing
 * else runs: no inline script or style, no other origin, no frame around it.  Names do not change with the content,
 * so browsers ask each time and are told by the ETag that they have it already.
 */
#include "gate/http/web_assets.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "gate/http/web_assets_data.h"

static const struct {
	const char *name, *value;
} always[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
	  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	  "require-trusted-types-for 'script'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	{ "Cache-Control", "no-cache" },
	{ "Vary", "Accept-Encoding" },
};

const struct web_asset *web_asset_find(const char *path)
{
	for (const struct web_asset *a = web_asset_table; a->path; a++)
		if (!strcmp(a->path, path))
			return a;
	return NULL;
}

/* One item of a comma separated header, without blanks around it. */
static bool next_item(const char **s, const char **ret_item, size_t *ret_len)
{
	const char *item = *s + strspn(*s, " \t,");
	size_t len = strcspn(item, ",");

	*s = item + len;
	while (len && strchr(" \t", item[len - 1]))
		len--;
	*ret_item = item;
	*ret_len = len;
	return len > 0;
}

/* Weight 0 is a refusal in many spellings ("q=0", "q=0.000"); whatever has a q at all gets the plain bytes. */
static bool takes_gzip(const char *accept)
{
	const char *item;
	size_t len;

	while (accept && next_item(&accept, &item, &len))
		if (len == 4 && !strncasecmp(item, "gzip", 4))
			return true;
	return false;
}

static bool has_already(const char *if_none_match, const char *etag)
{
	const char *item;
	size_t len;

	while (if_none_match && next_item(&if_none_match, &item, &len)) {
		if (len == 1 && *item == '*')
			return true;
		if (len > 2 && !strncmp(item, "W/", 2)) {
			item += 2;
			len -= 2;
		}
		if (len == strlen(etag) && !strncmp(item, etag, len))
			return true;
	}
	return false;
}

int web_assets_answer(struct http_request *r)
{
	const struct web_asset *a = web_asset_find(http_path(r));
	bool packed;
	int e;

	if (!a)
		return 1;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if ((e = http_set_header(r, always[i].name, always[i].value)) < 0)
			return e;
	/* Weak: the packed and the plain bytes share it. */
	if ((e = http_set_header(r, "ETag", a->etag)) < 0)
		return e;
	if (has_already(http_header(r, "If-None-Match"), a->etag + 2))
		return http_answer(r, 304, a->type, NULL, 0);
	packed = a->gzip && takes_gzip(http_header(r, "Accept-Encoding"));
	if (packed && (e = http_set_header(r, "Content-Encoding", "gzip")) < 0)
		return e;
	return packed ? http_answer(r, 200, a->type, a->gzip, a->gzip_len)
		      : http_answer(r, 200, a->type, a->data, a->len);
}
