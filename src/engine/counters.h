/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine counts, for metrics: plain numbers that only grow, from the start of the process.  One thread.
 * Names and help are in the walk, which whoever renders them calls.
 */
#pragma once

#include "model/facts.h"
#include "model/language.h"
#include "model/verdict.h"

#define COUNTERS_BUCKETS 16
#define COUNTERS_SYSCALLS 512
#define COUNTERS_NAME_BYTES 72

enum counters_stage {
	COUNTERS_QUEUE,	  /* from a job's submission to its first box */
	COUNTERS_COMPILE, /* wall time of compile boxes */
	COUNTERS_RUN,	  /* wall time of run boxes */
	COUNTERS_CHECK,	  /* wall time of checkers' boxes */
	COUNTERS_AROUND, /* set-up and tear-down: from a box's order to its answer, but for its wall time */
	COUNTERS_STAGES,
};

struct counters_histogram {
	uint64_t buckets[COUNTERS_BUCKETS + 1]; /* the last one: above all bounds */
	uint64_t sum, count;
};

/* What was cancelled by who had asked for it is nobody's failure: told apart from internal errors. */
#define COUNTERS_CANCELLED VERDICT_COUNT
#define COUNTERS_ENDS (VERDICT_COUNT + 1)

struct counters_language {
	char name
		[COUNTERS_NAME_BYTES]; /* "": none. Languages may be gone before what they did is told */
	uint64_t boxes[COUNTERS_ENDS];
};

struct counters {
	struct counters_language languages[LANGUAGE_LIST_MAX];
	struct counters_histogram stages[COUNTERS_STAGES]; /* microseconds */
	struct counters_histogram cpu_usec, memory_kb;	   /* per box */
	uint64_t denied[COUNTERS_SYSCALLS], denied_others; /* calls, by native number */
	uint64_t jobs[COUNTERS_ENDS], cache_hits, cache_misses;
};

/* Told from now on, even before its first box: a counter that appears with its first event hides that event. */
void counters_language(struct counters *c, const char *name);
void counters_box(struct counters *c, const char *language, enum step_kind kind, enum verdict v,
		  const struct facts *f, uint64_t order_to_answer_usec);
void counters_stage(struct counters *c, enum counters_stage stage, uint64_t usec);

struct counters_sample {
	const char *family, *type,
		*help;	    /* as Prometheus has them; samples of a family come together */
	const char *suffix; /* of the family's name: "", "_bucket", "_sum", "_count" */
	const char *labels; /* "language=\"c\",verdict=\"accepted\"", or "" */
	double value;
};

/*
 * Valid during the call.  How jobs end is always told, and of each known language what was accepted; of what else has
 * labels only what was counted.
 */
void counters_walk(const struct counters *c,
		   void (*each)(void *user, const struct counters_sample *sample), void *user);
