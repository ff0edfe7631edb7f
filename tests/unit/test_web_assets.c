/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded playground: found by name alone, sent with its policy, sent once per browser. */
#include "gate/http/web_assets.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The exchange, instead of http.c's. */
struct http_request {
	const char *path, *accept_encoding, *if_none_match;
	unsigned status;
	const char *body;
	size_t len;
	char headers[4096];
};

const char *http_path(const struct http_request *r)
{
	return r->path;
}

const char *http_header(const struct http_request *r, const char *name)
{
	if (!strcmp(name, "Accept-Encoding"))
		return r->accept_encoding;
	return !strcmp(name, "If-None-Match") ? r->if_none_match : NULL;
}

int http_set_header(struct http_request *r, const char *name, const char *value)
{
	size_t used = strlen(r->headers);

	snprintf(r->headers + used, sizeof(r->headers) - used, "%s: %s\n", name, value);
	return 0;
}

int http_answer(struct http_request *r, unsigned status, const char *type, const char *body,
		size_t len)
{
	http_set_header(r, "Content-Type", type);
	r->status = status;
	r->body = body;
	r->len = len;
	return 0;
}

static void test_pages_are_found_by_their_whole_path(void **state)
{
	assert_non_null(web_asset_find("/"));
	assert_string_equal(web_asset_find("/")->type, "text/html; charset=utf-8");
	assert_ptr_equal(web_asset_find("/")->data, web_asset_find("/status")->data);
	assert_non_null(web_asset_find("/assets/app.js"));
	assert_non_null(web_asset_find("/assets/style.css"));
	for (const char *const *p =
		     (const char *[]){ "", "/assets", "/assets/", "/assets/../app.js",
				       "/ASSETS/app.js", "/assets/app.js/", "//", NULL };
	     *p; p++)
		assert_null(web_asset_find(*p));
}

static void test_what_is_not_there_is_not_answered(void **state)
{
	struct http_request r = { .path = "/assets/none" };

	assert_int_equal(web_assets_answer(&r), 1);
	assert_int_equal(r.status, 0);
	assert_string_equal(r.headers, "");
}

static void test_the_page_keeps_to_itself(void **state)
{
	struct http_request r = { .path = "/" };

	assert_int_equal(web_assets_answer(&r), 0);
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.headers,
			       "Content-Security-Policy: default-src 'none'; script-src 'self';"));
	assert_null(strstr(r.headers, "unsafe"));
	assert_non_null(strstr(r.headers, "frame-ancestors 'none'"));
	assert_non_null(strstr(r.headers, "X-Content-Type-Options: nosniff"));
	assert_null(strstr(r.headers, "Content-Encoding"));
	assert_memory_equal(r.body, "<!doctype html>", 15);
	/* What the policy forbids, the page does not try. */
	assert_null(memmem(r.body, r.len, "<style", 6));
	assert_null(memmem(r.body, r.len, "style=", 6));
	assert_null(memmem(r.body, r.len, "onload=", 7));
}

static void test_packed_only_where_it_was_asked_for(void **state)
{
	static const struct {
		const char *accept;
		bool packed;
	} rows[] = { { "gzip", true },
		     { "br, GZIP ,deflate", true },
		     { "gzip;q=0", false },
		     { "xgzip", false },
		     { "", false },
		     { "identity", false },
		     { "gzip, deflate", true } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request r = { .path = "/", .accept_encoding = rows[i].accept };

		assert_int_equal(web_assets_answer(&r), 0);
		assert_int_equal(strstr(r.headers, "Content-Encoding: gzip") != NULL,
				 rows[i].packed);
		assert_int_equal(memcmp(r.body, "\x1f\x8b", 2) == 0, rows[i].packed);
	}
}

static void test_a_browser_that_has_it_is_told_so(void **state)
{
	const char *etag = web_asset_find("/")->etag;
	char known[128], other[128];
	struct http_request r = { .path = "/", .if_none_match = known };

	snprintf(known, sizeof(known), "\"x\", %s", etag);
	assert_int_equal(web_assets_answer(&r), 0);
	assert_int_equal(r.status, 304);
	assert_int_equal(r.len, 0);

	r = (struct http_request){ .path = "/", .if_none_match = other };
	snprintf(other, sizeof(other), "%.*s0\"", (int)strlen(etag) - 1, etag);
	assert_int_equal(web_assets_answer(&r), 0);
	assert_int_equal(r.status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_found_by_their_whole_path),
		cmocka_unit_test(test_what_is_not_there_is_not_answered),
		cmocka_unit_test(test_the_page_keeps_to_itself),
		cmocka_unit_test(test_packed_only_where_it_was_asked_for),
		cmocka_unit_test(test_a_browser_that_has_it_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
