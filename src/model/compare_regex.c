/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See compare_regex.h.  PCRE2's interpreter, never its compiler to machine code.  Its own bounds count steps of
 * backtracking and bytes of heap; what they do not count is how long one step takes (a repeat or a back reference may
 * look at the whole subject).  So each item of the pattern calls us, and we look at the thread's cpu clock.
 *
 * Bytes that are no UTF-8 are in the subject what no pattern matches.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/compare_regex.h"

#include <errno.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"

#define STEPS_MAX 20000000u
#define DEPTH_MAX 1000000u
#define HEAP_KB_MAX 65536u
#define SUBJECT_BYTES_MAX ((size_t)4 << 20)
#define LOOK_EVERY 64u /* callouts; each may cost a look at the whole subject */

#define OPTIONS \
	(PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | \
	 PCRE2_AUTO_CALLOUT)

static void code_freep(pcre2_code **p)
{
	pcre2_code_free(*p);
}

static void compile_context_freep(pcre2_compile_context **p)
{
	pcre2_compile_context_free(*p);
}

static void match_context_freep(pcre2_match_context **p)
{
	pcre2_match_context_free(*p);
}

static void match_data_freep(pcre2_match_data **p)
{
	pcre2_match_data_free(*p);
}

struct watch {
	uint64_t until_nsec;
	unsigned callouts;
};

uint64_t compare_regex_now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static int on_callout(pcre2_callout_block *block, void *user)
{
	struct watch *w = user;

	(void)block;
	if (++w->callouts % LOOK_EVERY != 0 || compare_regex_now_nsec() < w->until_nsec)
		return 0;
	return PCRE2_ERROR_MATCHLIMIT;
}

static pcre2_code *compile(struct text pattern, int *ret_error, size_t *ret_at)
{
	_cleanup_(compile_context_freep) pcre2_compile_context *context =
		pcre2_compile_context_create(NULL);

	*ret_error = PCRE2_ERROR_HEAP_FAILED;
	if (!context)
		return NULL;
	pcre2_set_max_pattern_length(context, REGEX_BYTES_MAX);
	return pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len, OPTIONS, ret_error, ret_at,
			     context);
}

int compare_regex_check(struct text pattern, size_t *ret_at, char *why, size_t size)
{
	int error;
	_cleanup_(code_freep) pcre2_code *code = compile(pattern, &error, ret_at);

	if (code)
		return 0;
	if (error == PCRE2_ERROR_HEAP_FAILED || error == 121 /* no memory, of the compiler */)
		return -ENOMEM;
	if (error == PCRE2_ERROR_PATTERN_TOO_LARGE)
		return 2;
	if (pcre2_get_error_message(error, (PCRE2_UCHAR *)why, size) < 0)
		snprintf(why, size, "error %d", error);
	return 1;
}

static int outcome_of(int matched)
{
	if (matched >= 0)
		return 1;
	switch (matched) {
	case PCRE2_ERROR_NOMATCH: return 0;
	case PCRE2_ERROR_NOMEMORY: return -ENOMEM;
	default: return 2;
	}
}

static size_t without_end(struct text t)
{
	while (t.len > 0 && (t.data[t.len - 1] == ' ' ||
			     (t.data[t.len - 1] >= '\t' && t.data[t.len - 1] <= '\r')))
		t.len--;
	return t.len;
}

/* As it is, then without the white space at its end: both within one budget. */
static int match_either(const pcre2_code *code, struct text subject, pcre2_match_data *data,
			pcre2_match_context *context)
{
	const uint32_t whole = PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	PCRE2_SPTR at = (PCRE2_SPTR)subject.data;
	size_t trimmed = without_end(subject);
	int r = pcre2_match(code, at, subject.len, 0, whole, data, context);

	if (r == PCRE2_ERROR_NOMATCH && trimmed < subject.len)
		r = pcre2_match(code, at, trimmed, 0, whole, data, context);
	return outcome_of(r);
}

int compare_regex_match(struct text pattern, struct text subject)
{
	struct watch watch = { .until_nsec = compare_regex_now_nsec() + REGEX_CPU_NSEC_MAX };
	size_t at;
	int error;
	_cleanup_(code_freep) pcre2_code *code = compile(pattern, &error, &at);
	_cleanup_(match_context_freep) pcre2_match_context *context =
		pcre2_match_context_create(NULL);
	_cleanup_(match_data_freep) pcre2_match_data *data = pcre2_match_data_create(1, NULL);

	if (!code || !context || !data)
		return -ENOMEM;
	if (subject.len > SUBJECT_BYTES_MAX)
		return 2;
	pcre2_set_match_limit(context, STEPS_MAX);
	pcre2_set_depth_limit(context, DEPTH_MAX);
	pcre2_set_heap_limit(context, HEAP_KB_MAX);
	pcre2_set_callout(context, on_callout, &watch);
	return match_either(code, subject, data, context);
}
