/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See compare_icpc.h.  Both texts are read token by token, white space being what C's isspace() has in
 * the C locale.  A token of the answer that is a number is compared as one where a tolerance was given,
 * and the program must have printed a number there; all others are compared as text, by default without
 * regard to case.  White space counts only where space_change_sensitive says so, and then every byte does.
 */
#include "model/compare_icpc.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 2048 /* more digits than any double's exact value has */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The white space, or the token, at the start of what is left. */
static struct text take(struct text *rest, bool space)
{
	struct text t = { rest->data, 0 };

	while (t.len < rest->len && is_space(t.data[t.len]) == space)
		t.len++;
	rest->data += t.len;
	rest->len -= t.len;
	return t;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_text(struct text a, struct text b, bool case_sensitive)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (a.data[i] != b.data[i] &&
		    (case_sensitive || lower(a.data[i]) != lower(b.data[i])))
			return false;
	return true;
}

/* Decimal, whole and finite: "inf", "nan", hexadecimal and what overflows are text. */
static bool parse_number(struct text t, double *ret)
{
	char buf[NUMBER_BYTES], *end;

	if (t.len == 0 || t.len >= sizeof(buf))
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!strchr("0123456789+-.eE", t.data[i]) || !t.data[i])
			return false;
	memcpy(buf, t.data, t.len);
	buf[t.len] = '\0';
	errno = 0;
	*ret = strtod(buf, &end);
	return *end == '\0' && isfinite(*ret);
}

static bool same_token(const struct compare_spec *spec, struct text actual, struct text expected)
{
	double a, e;

	if ((spec->abs < 0 && spec->rel < 0) || !parse_number(expected, &e))
		return same_text(actual, expected, spec->icpc.case_sensitive);
	if (!parse_number(actual, &a))
		return false;
	return a == e || (spec->abs >= 0 && fabs(a - e) <= spec->abs) ||
	       (spec->rel >= 0 && fabs(a - e) <= spec->rel * fabs(e));
}

bool compare_icpc(const struct compare_spec *spec, struct text actual, struct text expected,
		  struct text *ret_actual, struct text *ret_expected)
{
	bool same = true, end = false;

	while (same && !end) {
		*ret_actual = take(&actual, true);
		*ret_expected = take(&expected, true);
		if (spec->icpc.space_change_sensitive &&
		    !same_text(*ret_actual, *ret_expected, true))
			return false;
		end = actual.len == 0 || expected.len == 0;
		*ret_actual = take(&actual, false);
		*ret_expected = take(&expected, false);
		same = end ? ret_actual->len == ret_expected->len
			   : same_token(spec, *ret_actual, *ret_expected);
	}
	return same;
}
