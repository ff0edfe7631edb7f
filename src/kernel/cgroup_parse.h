/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the kernel's control files, as a program of a box reads them on its way: no malloc, no stdio. */
#pragma once

#include <stdint.h>
#include <string.h>

/* First decimal number in text; 0 when there is none. */
static inline uint64_t cgroup_parse_number(const char *text)
{
	uint64_t v = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	for (; *text >= '0' && *text <= '9'; text++)
		v = v * 10 + (uint64_t)(*text - '0');
	return v;
}

/* What usage_fd gives: cpuacct.usage (nanoseconds), or cpu.stat with its usage_usec line. */
static inline uint64_t cgroup_parse_cpu_usec(int version, const char *text)
{
	const char *key;

	if (version == 1)
		return cgroup_parse_number(text) / 1000;
	key = strstr(text, "usage_usec ");
	return key ? cgroup_parse_number(key + strlen("usage_usec ")) : 0;
}
