/* SPDX-License-Identifier: Apache-2.0 */
/* See parse.h.  strtoull is not used: it takes blanks, signs and octal, and "-1" becomes huge. */
#include "base/parse.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Digits of [word, end); 0 or a negative errno. */
static int parse_digits(const char *word, const char *end, uint64_t *ret)
{
	uint64_t value = 0;

	if (word == end)
		return -EINVAL;
	for (; word < end; word++) {
		if (*word < '0' || *word > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*word - '0'), &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int parse_u64(const char *word, uint64_t *ret)
{
	return parse_digits(word, word + strlen(word), ret);
}

int parse_size(const char *word, uint64_t *ret)
{
	static const char units[] = "KMG";
	const char *end = word + strlen(word);
	const char *unit = end > word ? strchr(units, end[-1]) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t value;
	int r;

	r = parse_digits(word, unit ? end - 1 : end, &value);
	if (r < 0)
		return r;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*ret = value << shift;
	return 0;
}
