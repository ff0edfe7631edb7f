/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See compare.h.  Every mode is one pass over both texts with two cursors; `unordered` sorts the lines.
 * White space is space, \t, \r, \v, \f; a line ends at \n.  NUL is a byte like any other.
 */
#include "model/compare.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const compare_names[COMPARE_MODES] = { "trim", "exact", "tokens", "float",
						   "unordered" };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Without the newlines, and blank lines, at the end. */
static struct text cut_end(struct text t)
{
	while (t.len > 0 && (is_blank(t.data[t.len - 1]) || t.data[t.len - 1] == '\n'))
		t.len--;
	return t;
}

/* The next line without its end and trailing white space; false at the end of the text. */
static bool next_line(struct text *rest, struct text *ret)
{
	const char *nl;
	size_t len;

	if (rest->len == 0)
		return false;
	nl = memchr(rest->data, '\n', rest->len);
	len = nl ? (size_t)(nl - rest->data) : rest->len;
	*ret = (struct text){ rest->data, len };
	rest->data += nl ? len + 1 : len;
	rest->len -= nl ? len + 1 : len;
	while (ret->len > 0 && is_blank(ret->data[ret->len - 1]))
		ret->len--;
	return true;
}

static bool next_token(struct text *rest, struct text *ret)
{
	size_t i = 0, start;

	while (i < rest->len && (is_blank(rest->data[i]) || rest->data[i] == '\n'))
		i++;
	start = i;
	while (i < rest->len && !is_blank(rest->data[i]) && rest->data[i] != '\n')
		i++;
	*ret = (struct text){ rest->data + start, i - start };
	rest->data += i;
	rest->len -= i;
	return ret->len > 0;
}

static bool same(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bool equal_trimmed(struct text a, struct text b)
{
	struct text la, lb;

	a = cut_end(a);
	b = cut_end(b);
	for (;;) {
		bool more_a = next_line(&a, &la), more_b = next_line(&b, &lb);

		if (!more_a || !more_b)
			return more_a == more_b;
		if (!same(la, lb))
			return false;
	}
}

/*
 * A whole token as a number.  Text are: longer tokens than any double's exact digits need, NUL, and
 * what overflows, so that 1e400 and 2e400 are not both infinity and equal.
 */
static bool parse_number(struct text t, double *ret)
{
	char buf[2048], *end;

	if (t.len == 0 || t.len >= sizeof(buf) || memchr(t.data, '\0', t.len))
		return false;
	memcpy(buf, t.data, t.len);
	buf[t.len] = '\0';
	if (strpbrk(buf, "xXpP(")) /* strtod would take hexadecimal, and nan(anything) */
		return false;
	errno = 0;
	*ret = strtod(buf, &end);
	return *end == '\0' && !(errno == ERANGE && isinf(*ret));
}

static bool near(const struct compare_spec *spec, double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	if (isinf(a) || isinf(b))
		return a == b;
	return fabs(a - b) <= fmax(spec->abs, spec->rel * fabs(b));
}

static bool equal_tokens(const struct compare_spec *spec, struct text a, struct text b)
{
	struct text ta, tb;

	for (;;) {
		bool more_a = next_token(&a, &ta), more_b = next_token(&b, &tb);
		double x, y;

		if (!more_a || !more_b)
			return more_a == more_b;
		if (same(ta, tb))
			continue;
		if (spec->mode != COMPARE_FLOAT || !parse_number(ta, &x) || !parse_number(tb, &y) ||
		    !near(spec, x, y))
			return false;
	}
}

static int order_text(const void *pa, const void *pb)
{
	const struct text *a = pa, *b = pb;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = n ? memcmp(a->data, b->data, n) : 0;

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static struct text *sorted_lines(struct text t, size_t *ret_count)
{
	size_t room = 1, count = 0;
	struct text *lines, line;

	t = cut_end(t);
	for (size_t i = 0; i < t.len; i++)
		room += t.data[i] == '\n';
	lines = calloc(room, sizeof(*lines));
	if (!lines)
		return NULL;
	while (next_line(&t, &line))
		lines[count++] = line;
	qsort(lines, count, sizeof(*lines), order_text);
	*ret_count = count;
	return lines;
}

static int equal_unordered(struct text a, struct text b)
{
	size_t na = 0, nb = 0;
	struct text *la = sorted_lines(a, &na), *lb = sorted_lines(b, &nb);
	int r = la && lb ? na == nb : -ENOMEM;

	for (size_t i = 0; r == 1 && i < na; i++)
		r = same(la[i], lb[i]);
	free(la);
	free(lb);
	return r;
}

int compare_text(const struct compare_spec *spec, struct text actual, struct text expected)
{
	/* The cursors move by pointer arithmetic, which NULL must not meet. */
	if (!actual.data)
		actual = TEXT("");
	if (!expected.data)
		expected = TEXT("");
	switch (spec->mode) {
	case COMPARE_EXACT: return same(actual, expected);
	case COMPARE_TOKENS:
	case COMPARE_FLOAT: return equal_tokens(spec, actual, expected);
	case COMPARE_UNORDERED: return equal_unordered(actual, expected);
	case COMPARE_TRIM:
	case COMPARE_MODES: break;
	}
	return equal_trimmed(actual, expected);
}
