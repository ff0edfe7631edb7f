/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of fields.h that are about time being measured fairly: factors, runs, noise. For fields.h alone. */
#pragma once

/*      name, type, required, doc */
#define REQUEST_TIMING_FIELDS(X) \
	X(repeat, "integer or repeat object", false, \
	  "0 to 5: how often a case that its time limit ended is run again; the best run counts") \
	X(language_factors, "object of factors", false, \
	  "by name of a language: what the limits of time and memory that this request says are multiplied by, instead of by the language's own factors")

#define REPEAT_FIELDS(X) \
	X(times, "integer", true, "0 to 5: how often a case is run again at most") \
	X(within, "number", false, \
	  "0 (default) to 0.5: also a case that ended right, and had less than this share of its time limit left")

#define FACTORS_FIELDS(X) \
	X(time_factor, "number", false, "of cpu_ms, wall_ms and total_wall_ms, 0.01 to 100") \
	X(memory_factor, "number", false, "of memory_kb, 0.01 to 100")

#define RESULT_TIMING_FIELDS(X) \
	X(limits, "limits object", true, \
	  "that each run had, factors multiplied in, where its case says no others") \
	X(factors, "factors object", true, \
	  "what the limits that the request says were multiplied by")

#define CASE_RESULT_TIMING_FIELDS(X) \
	X(runs, "array of runs", true, "of a case that was run again: each of its runs; else []") \
	X(noise, "noise object", true, "of the run that counts")

#define RUN_FIELDS(X) \
	X(verdict, "string or null", true, \
	  "of this run; null: it ended well, and its checker was not asked, since another counts") \
	X(counted, "boolean", true, "it is the one that the rest of the test result tells of") \
	X(usage, "usage object", true, "cpu_ms, wall_ms, memory_kb of this run")

#define NOISE_FIELDS(X) \
	X(throttled_ms, "integer or null", true, \
	  "for which the box stood still, since its processes together had used more than its one cpu; null: not known") \
	X(waited_ms, "integer or null", true, \
	  "for which the program's first thread could have run, and others had the cpus; null: not known")
