/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See compare.h.  Every mode is one pass over both texts with two cursors; those without order sort the lines first.
 * White space is space, \t, \r, \v, \f; a line ends at \n.  NUL is a byte like any other.
 *
 * The difference is told where the pass stops.  So that it has a line and a column, cursors move over the whole text and
 * never copy: positions are distances from its start, counted only once something is different.
 */
#include "model/compare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/compare_icpc.h"
#include "model/compare_json.h"
#include "model/compare_regex.h"

#define BEFORE_BYTES 20 /* of what is shown around a difference */
#define AFTER_BYTES 40

#define NAME(id, name, doc) [COMPARE_##id] = #name,
#define DOC(id, name, doc) [COMPARE_##id] = doc,
const char *const compare_names[COMPARE_MODES] = { COMPARES(NAME) };
const char *const compare_docs[COMPARE_MODES] = { COMPARES(DOC) };

void compare_list(char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < COMPARE_MODES && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%s", i ? ", " : "", compare_names[i]);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool same(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* ---- where ---- */

static bool inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t common_prefix(struct text a, struct text b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.data[n] == b.data[n])
		n++;
	while (n > 0 && ((n < a.len && inside_character(a.data[n])) ||
			 (n < b.len && inside_character(b.data[n]))))
		n--;
	return n;
}

static size_t characters(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !inside_character(s[i]);
	return n;
}

/* A window of `part` around the byte `at` of it. */
static struct excerpt excerpt_of(struct text part, size_t at)
{
	size_t from = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0, to = at + AFTER_BYTES;

	if (to > part.len)
		to = part.len;
	while (from > 0 && inside_character(part.data[from]))
		from--;
	while (to < part.len && inside_character(part.data[to]))
		to++;
	return (struct excerpt){ .text = { part.data + from, to - from },
				 .there = true,
				 .cut_before = from > 0,
				 .cut_after = to < part.len };
}

/*
 * `a` and `e` are the two parts (lines or words) that differ; NULL: its text had ended.  `all` is the whole of what was
 * printed, in which `a` lies.
 */
static int differ(struct difference *d, struct text all, const struct text *a, const struct text *e)
{
	size_t common = a && e ? common_prefix(*a, *e) : 0, at, line_start = 0;

	if (!d)
		return 0;
	at = a ? (size_t)(a->data - all.data) + common : all.len;
	*d = (struct difference){ .line = 1 };
	for (size_t i = 0; i < at; i++)
		if (all.data[i] == '\n') {
			d->line++;
			line_start = i + 1;
		}
	d->column = characters(all.data + line_start, at - line_start) + 1;
	if (a)
		d->actual = excerpt_of(*a, common);
	if (e)
		d->expected = excerpt_of(*e, common);
	return 0;
}

/* The same of whole lines: one that is missing would have been the next one. */
static int differ_in_line(struct difference *d, struct text all, const struct text *a,
			  const struct text *e)
{
	if (!differ(d, all, a, e) && d && !a && all.len > 0) {
		d->line++;
		d->column = 1;
	}
	return 0;
}

/* ---- cursors ---- */

/* Without the newlines, and blank lines, at the end. */
static struct text cut_end(struct text t)
{
	while (t.len > 0 && (is_blank(t.data[t.len - 1]) || t.data[t.len - 1] == '\n'))
		t.len--;
	return t;
}

/* The next line without its end; false at the end of the text. */
static bool next_whole_line(struct text *rest, struct text *ret)
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
	return true;
}

/* The same, without trailing white space. */
static bool next_line(struct text *rest, struct text *ret)
{
	if (!next_whole_line(rest, ret))
		return false;
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

/* ---- in order ---- */

static int find_trimmed(struct text a, struct text b, struct difference *d)
{
	struct text all = cut_end(a), rest_a = all, rest_b = cut_end(b), la, lb;

	for (;;) {
		bool more_a = next_line(&rest_a, &la), more_b = next_line(&rest_b, &lb);

		if (!more_a && !more_b)
			return 1;
		if (more_a != more_b || !same(la, lb))
			return differ_in_line(d, all, more_a ? &la : NULL, more_b ? &lb : NULL);
	}
}

/* The line that byte `at` is in, with the newline at its end. */
static struct text line_around(struct text t, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && t.data[from - 1] != '\n')
		from--;
	while (to < t.len && t.data[to] != '\n')
		to++;
	return (struct text){ t.data + from, to - from + (to < t.len) };
}

static int find_exact(struct text a, struct text b, struct difference *d)
{
	size_t at;
	struct text la, lb;

	if (same(a, b))
		return 1;
	at = common_prefix(a, b);
	la = line_around(a, at);
	lb = line_around(b, at);
	return differ(d, a, la.len > 0 ? &la : NULL, lb.len > 0 ? &lb : NULL);
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

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_but_case(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

static bool same_token(const struct compare_spec *spec, struct text a, struct text b)
{
	double x, y;

	if (same(a, b))
		return true;
	if (spec->mode == COMPARE_TOKENS_IGNORE_CASE)
		return same_but_case(a, b);
	return spec->mode == COMPARE_FLOAT && parse_number(a, &x) && parse_number(b, &y) &&
	       near(spec, x, y);
}

static int find_token(const struct compare_spec *spec, struct text a, struct text b,
		      struct difference *d)
{
	struct text rest_a = a, rest_b = b, ta, tb;

	for (;;) {
		bool more_a = next_token(&rest_a, &ta), more_b = next_token(&rest_b, &tb);

		if (!more_a && !more_b)
			return 1;
		if (more_a != more_b || !same_token(spec, ta, tb))
			return differ(d, a, more_a ? &ta : NULL, more_b ? &tb : NULL);
	}
}

/* A word shows itself; of white space the line is shown. */
static int find_icpc(const struct compare_spec *spec, struct text a, struct text b,
		     struct difference *d)
{
	struct text at_a, at_b;
	size_t prefix;

	if (compare_icpc(spec, a, b, &at_a, &at_b))
		return 1;
	if (!spec->icpc.space_change_sensitive)
		return differ(d, a, at_a.len ? &at_a : NULL, at_b.len ? &at_b : NULL);
	prefix = common_prefix(at_a, at_b);
	at_a = line_around(a, (size_t)(at_a.data - a.data) + prefix);
	at_b = line_around(b, (size_t)(at_b.data - b.data) + prefix);
	return differ(d, a, at_a.len ? &at_a : NULL, at_b.len ? &at_b : NULL);
}

/* ---- in any order ---- */

static int order_text(struct text a, struct text b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.data, b.data, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

static int order_lines(const void *pa, const void *pb)
{
	return order_text(*(const struct text *)pa, *(const struct text *)pb);
}

/* By their words: lines that differ in the white space between them are equal. */
static int order_words(const void *pa, const void *pb)
{
	struct text a = *(const struct text *)pa, b = *(const struct text *)pb, ta, tb;

	for (;;) {
		bool more_a = next_token(&a, &ta), more_b = next_token(&b, &tb);
		int c;

		if (!more_a || !more_b)
			return more_a - more_b;
		if ((c = order_text(ta, tb)))
			return c;
	}
}

static struct text *sorted_lines(struct text t, bool words, size_t *ret_count)
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
		if (!words || line.len > 0)
			lines[count++] = line;
	qsort(lines, count, sizeof(*lines), words ? order_words : order_lines);
	*ret_count = count;
	return lines;
}

static const struct text *earlier(const struct text *a, const struct text *b)
{
	return a && a->data < b->data ? a : b;
}

/* Lines of both in one order: those that only one has; of each side the one that comes first in its text. */
static int find_unpaired(const struct compare_spec *spec, struct text all, const struct text *a,
			 size_t na, const struct text *b, size_t nb, struct difference *d)
{
	bool words = spec->mode == COMPARE_SORTED_LINES;
	const struct text *only_a = NULL, *only_b = NULL;
	size_t i = 0, j = 0;

	while (i < na || j < nb) {
		int c = i == na	  ? 1
			: j == nb ? -1
			: words	  ? order_words(&a[i], &b[j])
				  : order_lines(&a[i], &b[j]);

		if (c < 0)
			only_a = earlier(only_a, &a[i]);
		if (c > 0)
			only_b = earlier(only_b, &b[j]);
		i += c <= 0;
		j += c >= 0;
	}
	return !only_a && !only_b ? 1 : differ_in_line(d, all, only_a, only_b);
}

static int find_unordered(const struct compare_spec *spec, struct text a, struct text b,
			  struct difference *d)
{
	bool words = spec->mode == COMPARE_SORTED_LINES;
	size_t na = 0, nb = 0;
	struct text *la = sorted_lines(a, words, &na), *lb = sorted_lines(b, words, &nb);
	int r = la && lb ? find_unpaired(spec, cut_end(a), la, na, lb, nb, d) : -ENOMEM;

	free(la);
	free(lb);
	return r;
}

static int find_value(const struct compare_spec *spec, struct text a, struct text b,
		      struct difference *d)
{
	struct text at_a, at_b;

	if (compare_json(spec, a, b, &at_a, &at_b))
		return 1;
	return differ(d, a, at_a.len ? &at_a : NULL, at_b.len ? &at_b : NULL);
}

int compare_find(const struct compare_spec *spec, struct text actual, struct text expected,
		 struct difference *ret)
{
	/* The cursors move by pointer arithmetic, which NULL must not meet. */
	if (!actual.data)
		actual = TEXT("");
	if (!expected.data)
		expected = TEXT("");
	switch (spec->mode) {
	case COMPARE_EXACT: return find_exact(actual, expected, ret);
	case COMPARE_TOKENS:
	case COMPARE_TOKENS_IGNORE_CASE:
	case COMPARE_FLOAT: return find_token(spec, actual, expected, ret);
	case COMPARE_UNORDERED:
	case COMPARE_SORTED_LINES: return find_unordered(spec, actual, expected, ret);
	case COMPARE_REGEX: return compare_regex_match(expected, actual);
	case COMPARE_JSON: return find_value(spec, actual, expected, ret);
	case COMPARE_ICPC: return find_icpc(spec, actual, expected, ret);
	case COMPARE_TRIM:
	case COMPARE_MODES: break;
	}
	return find_trimmed(actual, expected, ret);
}

int compare_text(const struct compare_spec *spec, struct text actual, struct text expected)
{
	return compare_find(spec, actual, expected, NULL);
}
