/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request bodies: whatever comes in, the answer is a request that keeps the promises of
 * model/request.h, a refusal that can be told as JSON, or want of memory.  The same bytes are tried as
 * a file of tests and as a seccomp profile, which the same reader takes.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_read.h"
#include "codec/profile_json.h"
#include "codec/request_json.h"
#include "codec/result_json.h"
#include "codec/utf8.h"

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(struct text t)
{
	must(utf8_valid(t.data, t.len) && t.data[t.len] == '\0');
}

static void check_limits(struct limits l)
{
	for (size_t i = 0; i < limit_table_len; i++)
		must(*limits_at(&l, &limit_table[i]) <= INT64_MAX);
}

static void check_request(const struct request *r)
{
	check_limits(r->limits);
	must(r->ntests <= REQUEST_TESTS_MAX && r->nargs <= REQUEST_ARGS_MAX);
	must(r->nenv <= REQUEST_ARGS_MAX && r->nfiles <= REQUEST_FILES_MAX);
	must(!(r->ntests && r->stdin_text.data));
	must((unsigned)r->compare.mode < COMPARE_MODES && r->compare.abs >= 0 &&
	     r->compare.rel >= 0);
	for (size_t i = 0; i < r->ntests; i++) {
		check_text(r->tests[i].input);
		check_text(r->tests[i].expected);
		check_limits(r->tests[i].limits);
		must(r->tests[i].limits.total_wall_ms == 0);
	}
	for (size_t i = 0; i < r->nargs; i++)
		must(utf8_valid(r->args[i], strlen(r->args[i])));
	for (size_t i = 0; i < r->nenv; i++)
		must(r->env[i].name && r->env[i].value);
	for (size_t i = 0; i < r->nfiles; i++)
		must(r->files[i].name[0] && !strchr(r->files[i].name, '/') &&
		     strlen(r->files[i].name) <= REQUEST_NAME_MAX && r->files[i].content.data);
}

/* A refusal must come out as JSON that says the same again. */
static void check_refusal(const struct refusal *refusal)
{
	json_t *json;
	char *text;
	size_t len;

	must(refusal->rule[0] && memchr(refusal->field, '\0', sizeof(refusal->field)));
	must(result_json_encode_refusal(refusal, &text, &len) == 0);
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	must(json && json_object_size(json) == 5);
	json_decref(json);
	free(text);
}

static void check_outcome(int rc, const struct request *request, const struct refusal *refusal)
{
	must(rc == 0 || rc == 1 || rc == -ENOMEM);
	if (rc == 0)
		check_request(request);
	if (rc == 1)
		check_refusal(refusal);
}

static void check_profile(const char *text, size_t size, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct profile p;

	if (profile_json_decode(text, size, arena, &p, &err) < 0) {
		must(err.code < 0 && err.text[0]);
		return;
	}
	must(p.default_action != PROFILE_ALLOW);
	for (size_t i = 0; i < p.nrules; i++)
		must(p.rules[i].nnames &&
		     (p.rules[i].action != PROFILE_ERRNO || p.rules[i].errno_ret));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = { .ntests = 0 }, tests = { .ntests = 0 };
	struct refusal refusal = { .field = "" };
	struct arena arena;
	int rc;

	arena_init(&arena, ARENA_BYTES);
	rc = request_json_decode((const char *)data, size, &arena, &request, &refusal);
	check_outcome(rc, &request, &refusal);
	if (rc == 0) {
		check_text(request.code);
		must(request.language && utf8_valid(request.language, strlen(request.language)));
	}
	rc = request_json_decode_tests((const char *)data, size, &arena, &tests, &refusal);
	check_outcome(rc, &tests, &refusal);
	check_profile((const char *)data, size, &arena);
	arena_done(&arena);
	return 0;
}
