/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two kinds of limit.  What the plan promises (descriptors, file size, the cpu backstop) and CORE 1
 * must hold as given: where the inherited hard limit is lower that is -EPERM, before anything is
 * set.  The others are ceilings of ours, and a stricter one that was inherited is as good.
 *
 * CORE is 1 and not 0 since the kernel runs a piped core_pattern's helper, outside of the box, at 0
 * and leaves it at 1.  AS and DATA stay as they are: they break node, Java and Go; memory is the
 * cgroup's.
 */
#include "kernel/rlimit.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/cleanup.h"

#define CORE_NO_PIPE 1
#define MEMLOCK_BYTES (64 * 1024)
#define SIGPENDING_MAX 1024

enum fit { FIT_EXACT, FIT_AT_MOST };

struct row {
	int resource;
	enum fit fit;
	rlim_t value;
};

/* glibc's enum and clang's headers disagree on the type of a resource; one place for the cast */
#define RESOURCE(row) ((__rlimit_resource_t)(row)->resource)

/* The value to set, or -EPERM. */
static int fit_row(struct row *row)
{
	struct rlimit have;

	if (getrlimit(RESOURCE(row), &have) < 0)
		return -errno;
	if (row->value <= have.rlim_max)
		return 0;
	if (row->fit == FIT_EXACT)
		return -EPERM;
	row->value = have.rlim_max;
	return 0;
}

int rlimit_apply(const struct rlimit_set *s)
{
	struct row rows[] = {
		{ RLIMIT_NOFILE, FIT_EXACT, s->open_files },
		{ RLIMIT_FSIZE, FIT_EXACT, s->file_bytes },
		{ RLIMIT_CORE, FIT_EXACT, CORE_NO_PIPE },
		{ RLIMIT_STACK, s->stack_bytes ? FIT_EXACT : FIT_AT_MOST,
		  s->stack_bytes ? s->stack_bytes : RLIM_INFINITY },
		{ RLIMIT_MSGQUEUE, FIT_AT_MOST, 0 },
		{ RLIMIT_MEMLOCK, FIT_AT_MOST, MEMLOCK_BYTES },
		{ RLIMIT_RTPRIO, FIT_AT_MOST, 0 },
		{ RLIMIT_NICE, FIT_AT_MOST, 0 },
		{ RLIMIT_SIGPENDING, FIT_AT_MOST, SIGPENDING_MAX },
		{ RLIMIT_CPU, s->cpu_sec ? FIT_EXACT : FIT_AT_MOST,
		  s->cpu_sec ? s->cpu_sec : RLIM_INFINITY },
		{ RLIMIT_NPROC, FIT_EXACT, s->processes },
	};
	unsigned n = ARRAY_SIZE(rows) - (s->processes == 0);

	for (unsigned i = 0; i < n; i++) {
		int r = fit_row(&rows[i]);

		if (r < 0)
			return r;
	}
	for (unsigned i = 0; i < n; i++) {
		struct rlimit want = { rows[i].value, rows[i].value };

		if (setrlimit(RESOURCE(&rows[i]), &want) < 0)
			return -errno;
	}
	return 0;
}
