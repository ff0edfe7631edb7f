/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object of node's or V8's points to, where no exported function tells: each aligned word of it that points to
 * memory that can be written is followed, and what is there is looked at.
 */
#include <stdio.h>
#include <string.h>

#include "sandbox/runner/node/node_zygote.hh"

#define OBJECT_BYTES_MAX (256u << 10) /* an isolate of node 24 has some 60 KiB */
#define RANGES_MAX 1024u

static struct range ranges[RANGES_MAX];
static size_t nranges;

/* Neighbours as one, so that an object may lie across them. */
static bool load_ranges(void)
{
	unsigned long from, to;
	char line[512], mode[8];
	FILE *f = fopen("/proc/self/maps", "re");

	nranges = 0;
	while (f && nranges < RANGES_MAX && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || strncmp(mode, "rw", 2) != 0)
			continue;
		if (nranges > 0 && ranges[nranges - 1].to == from)
			ranges[nranges - 1].to = to;
		else
			ranges[nranges++] = (struct range){ from, to };
	}
	if (f)
		fclose(f);
	return nranges > 0;
}

/* How many bytes from there on can be written. */
static uint64_t writable(uint64_t at)
{
	for (size_t i = 0; i < nranges; i++)
		if (at >= ranges[i].from && at < ranges[i].to)
			return ranges[i].to - at;
	return 0;
}

void *pointed_find(const void *object, size_t bytes, pointed_fn is, const void *user)
{
	const volatile uint64_t *words = (const volatile uint64_t *)object;
	uint64_t size = load_ranges() ? writable((uint64_t)object) : 0;

	if (size > OBJECT_BYTES_MAX)
		size = OBJECT_BYTES_MAX;
	for (size_t i = 0; i < size / sizeof(*words); i++) {
		uint64_t at = words[i];

		if (at % sizeof(void *) == 0 && writable(at) >= bytes && is((const void *)at, user))
			return (void *)at;
	}
	return NULL;
}
