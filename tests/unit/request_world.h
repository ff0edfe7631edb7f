/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of requests share: an arena for each test, a request that must be taken, one that must
 * be refused with just these words.  For one .c file each; everything is static.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/request_json.h"
#include "fresh_arena.h"

#define MEGABYTE ((size_t)1 << 20)
#define HEAD "{\"code\":\"\",\"language\":\"c\""

static struct request taken(const char *body, size_t len)
{
	struct refusal refusal = { .field = "" };
	struct request req;
	int rc = request_json_decode(body, len, &arena, &req, &refusal);

	if (rc != 0)
		fail_msg("%.200s: %d %s: %s", body, rc, refusal.field, refusal.rule);
	return req;
}

#define TAKEN(literal) taken(literal, sizeof(literal) - 1)

static void expect_refusal(const char *body, size_t len, const char *want)
{
	struct refusal refusal = { .field = "" };
	struct request req = { .nargs = 12345 };
	char got[512];
	int rc = request_json_decode(body, len, &arena, &req, &refusal);

	snprintf(got, sizeof(got), "%s: %s", refusal.field, refusal.rule);
	if (rc != 1)
		fail_msg("%.200s was taken or failed: %d", body, rc);
	if (strcmp(got, want) != 0)
		fail_msg("%.200s\n  got    %s\n  wanted %s", body, got, want);
	assert_int_equal(req.nargs, 12345); /* untouched */
}

struct refused {
	const char *body, *error;
};

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fresh_arena, drop_arena)
