/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits of one box (total_wall_ms: of one submission).  One row each in LIMITS: the JSON field, its
 * built-in default, the deployment's cap (more is refused, never clamped) and its doc line.
 * Units are in the names: ms, kb = 1024 bytes, bytes, counts.  Layering: built-in, then language,
 * then request, then test case; 0 in an overlay means "not said".
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*      field          default    cap        doc */
#define LIMITS(X) \
	X(cpu_ms, 30000, 600000, "cpu time of the whole box, milliseconds") \
	X(wall_ms, 60000, 1800000, "wall time from release to end, milliseconds") \
	X(memory_kb, 524288, 8388608, \
	  "memory of the whole box, no swap, units of 1024 bytes; its own part, at most 1 MiB, is on top") \
	X(processes, 64, 4096, "processes and threads at one time") \
	X(open_files, 1024, 16384, "open descriptors of one process") \
	X(output_bytes, 1048576, 67108864, "kept bytes of each of stdout and stderr") \
	X(disk_kb, 65536, 4194304, "bytes of /tmp, /box and /dev/shm together, units of 1024") \
	X(inodes, 4096, 1048576, "files and directories in /tmp, /box and /dev/shm together") \
	X(file_kb, 65536, 4194304, "size of one file, units of 1024 bytes") \
	X(total_wall_ms, 300000, 3600000, "wall time of all boxes of one submission, milliseconds")

struct limits {
#define LIMITS_MEMBER(field, def, cap, doc) uint64_t field;
	LIMITS(LIMITS_MEMBER)
#undef LIMITS_MEMBER
};

/* Of what limits may be multiplied by. */
#define FACTOR_MIN 0.01
#define FACTOR_MAX 100.0

struct limit_info {
	const char *name;
	size_t offset; /* of a uint64_t in struct limits */
	uint64_t def, cap;
	const char *doc;
};

extern const struct limit_info limit_table[];
extern const size_t limit_table_len;

extern const struct limits limits_default, limits_cap;

static inline uint64_t *limits_at(struct limits *l, const struct limit_info *i)
{
	return (uint64_t *)(void *)((char *)l + i->offset);
}

/* Every member of `over` that is not 0 replaces that of `base`. */
void limits_overlay(struct limits *base, const struct limits *over);
/* The first row whose value in `l` exceeds that of `cap`, or NULL. */
const struct limit_info *limits_over_cap(const struct limits *l, const struct limits *cap);
