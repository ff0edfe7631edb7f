/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the Node zygote's addon; see addon.cc for the story.
 *
 * Everything here leans on parts of node that are exported but internal.  Each `..._prepare` is called
 * once in the zygote, looks for what it needs, changes nothing that node would notice, and returns NULL
 * or the reason why this node cannot be served warm.  Each `..._renew` is called in a forked child.
 */
#pragma once

#include <node.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#define NODE_ZYGOTE_FDS_MAX 64 /* node 20 has 18 open at its start */
#define NODE_ZYGOTE_PLUGGED 32

/* What preload.js found in node's own JavaScript land: memory that lives as long as the process. */
struct js_fields {
	double *milestones; /* of perf_hooks, nanoseconds */
	size_t nmilestones, origin, origin_timestamp;
	const int32_t *exit_fields; /* of process.exitCode */
	size_t has_exit_code, exit_code;
};

/* Of addresses. */
struct range {
	uintptr_t from, to;
};

/* census.cc: what the zygote consists of, before the first fork */
const char *census_threads(void);
/* How often the others have run until now. 0: one runs. */
unsigned long census_switches(void);
const char *census_heap_forks(void);
/* own: the loop that is renewed in the child */
const char *census_descriptors(const uv_loop_t *own);
void census_descriptors_renew(void);

/* loop.cc: libuv's loop and its timers */
void loop_prepare(uv_loop_t *loop);
void loop_renew(void);
void loop_renew_time(void);

/*
 * pointed.cc: the first thing of so many bytes, in memory that can be written, to which a word of the object points and which `is`
 * knows; or NULL. The object ends where such memory does, or after 256 KiB.
 */
typedef bool (*pointed_fn)(const void *pointed, const void *user);
void *pointed_find(const void *object, size_t bytes, pointed_fn is, const void *user);

/* generator.cc: V8's, and what gives it another seed. NULL: not found. */
typedef void (*set_seed_fn)(void *generator, int64_t seed);
void *generator_find(v8::Isolate *isolate, set_seed_fn *ret_set_seed);

/* fresh.cc: clocks, random numbers, pid, environment */
const char *fresh_prepare(v8::Isolate *isolate, const struct js_fields *fields);
void fresh_renew_random(void);
void fresh_renew_identity(v8::Isolate *isolate, char *const *envp);

/* workers.cc: V8's background threads */
const char *workers_prepare(v8::Isolate *isolate);
void workers_renew(void);

/* ending.cc: how a child ends */
const char *ending_prepare(v8::Isolate *isolate, const struct js_fields *fields);
void ending_renew(void);

/* huge.cc: node's code, and V8's heap as it is just before the zygote serves, on huge pages */
void huge_prepare_code(void);
const char *huge_prepare_heap(void);

/* hot.cc: pages that every run writes. hot_prepare forks, and returns 0 in the child to be recorded. */
pid_t hot_prepare(void);
void hot_record(void);
/* In the zygote, when that child is dead: what it was seen to touch. */
void hot_learn(void);
void hot_renew(void);
