/* SPDX-License-Identifier: Apache-2.0 */
/*
 * V8's background threads in a forked child, where they are gone.
 *
 * Node's platform hands background tasks (garbage collection, compilation, WebAssembly) to an object that
 * owns the threads, and in the child nobody would ever take them: a collection or the exit would hang.  So
 * the child's platform gets a copy of its table of virtual functions, in which the two that accept
 * background tasks first put a fresh object, with one thread, in the place of the dead one.  A run that
 * needs no background task, which is most, never starts a thread.
 *
 * The place is found by its looks: a shared_ptr made by make_shared (its object lies 16 bytes behind its
 * counter) whose counter is of the right type.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/runner/node/node_zygote.hh"

#define VTABLE_MAX 64
#define PLATFORM_MAX 40	  /* pointers of the platform object that are looked at */
#define RUNNER_BYTES 8192 /* node 20's is some 200; room for other versions */
#define BEFORE_VTABLE 2	  /* offset to top and type stand before the first function */

/* `this` and up to four more arguments in registers, and a delay: wide enough for each of them. */
typedef void (*post_fn)(void *, void *, void *, void *, void *, double);
typedef void (*runner_ctor_fn)(void *, int, int);

static void **platform;	   /* the object; its first word is its table of functions */
static void **runner_slot; /* in it */
static void *vtable[VTABLE_MAX], *vtable_of_node;
static runner_ctor_fn runner_ctor;
static post_fn post_now, post_later;
static pthread_once_t revived = PTHREAD_ONCE_INIT;

/* By version: what posts a task at once, and what posts it with a delay. */
static const struct {
	const char *now, *later;
} names[] = {
	{ "_ZN4node12NodePlatform18CallOnWorkerThreadESt10unique_ptrIN2v84TaskESt14default_deleteIS3_EE",
	  "_ZN4node12NodePlatform25CallDelayedOnWorkerThread"
	  "ESt10unique_ptrIN2v84TaskESt14default_deleteIS3_EEd" },
	{ "_ZN4node12NodePlatform26PostTaskOnWorkerThreadImpl"
	  "EN2v812TaskPriorityESt10unique_ptrINS1_4TaskESt14default_deleteIS4_EERKNS1_14SourceLocationE",
	  "_ZN4node12NodePlatform33PostDelayedTaskOnWorkerThreadImpl"
	  "EN2v812TaskPriorityESt10unique_ptrINS1_4TaskESt14default_deleteIS4_EEdRKNS1_14SourceLocationE" },
};

static const char *const ctor_names[] = {
	"_ZN4node23WorkerThreadsTaskRunnerC1Ei",
	"_ZN4node23WorkerThreadsTaskRunnerC1EiNS_21PlatformDebugLogLevelE",
	"_ZN4node23WorkerThreadsTaskRunnerC2EiNS_21PlatformDebugLogLevelE",
};

static void revive(void)
{
	void *runner = calloc(1, RUNNER_BYTES);

	if (!runner)
		abort();
	runner_ctor(runner, 1, 0);
	*runner_slot = runner;
	platform[0] = vtable_of_node;
}

static void hook_now(void *a, void *b, void *c, void *d, void *e, double delay)
{
	pthread_once(&revived, revive);
	post_now(a, b, c, d, e, delay);
}

static void hook_later(void *a, void *b, void *c, void *d, void *e, double delay)
{
	pthread_once(&revived, revive);
	post_later(a, b, c, d, e, delay);
}

static bool is_runner_counter(void *counter)
{
	Dl_info info;

	return dladdr(*(void **)counter, &info) && info.dli_sname &&
	       strstr(info.dli_sname, "_Sp_counted_ptr_inplace") &&
	       strstr(info.dli_sname, "WorkerThreadsTaskRunner");
}

static void **find_slot(void)
{
	for (int i = 1; i < PLATFORM_MAX; i++) {
		char *object = (char *)platform[i], *counter = (char *)platform[i + 1];

		if (counter && object == counter + 16 && ((uintptr_t)counter & 7) == 0 &&
		    is_runner_counter(counter))
			return platform + i;
	}
	return NULL;
}

static bool hook(const char *name, void *with, post_fn *ret_original)
{
	void *f = dlsym(RTLD_DEFAULT, name);

	for (int i = BEFORE_VTABLE; f && i < VTABLE_MAX; i++)
		if (vtable[i] == f) {
			*ret_original = (post_fn)f;
			vtable[i] = with;
			return true;
		}
	return false;
}

static bool hook_both(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (hook(names[i].now, (void *)hook_now, &post_now))
			return hook(names[i].later, (void *)hook_later, &post_later);
	return false;
}

const char *workers_prepare(v8::Isolate *isolate)
{
	node::MultiIsolatePlatform *p = node::GetMultiIsolatePlatform(
		node::GetCurrentEnvironment(isolate->GetCurrentContext()));

	for (size_t i = 0; i < sizeof(ctor_names) / sizeof(*ctor_names) && !runner_ctor; i++)
		runner_ctor = (runner_ctor_fn)dlsym(RTLD_DEFAULT, ctor_names[i]);
	if (!runner_ctor)
		return "hides the object that owns its background threads";
	platform = (void **)p;
	runner_slot = find_slot();
	if (!runner_slot)
		return "keeps its background threads at an unknown place";
	vtable_of_node = platform[0];
	memcpy(vtable, (void **)vtable_of_node - BEFORE_VTABLE, sizeof(vtable));
	if (!hook_both())
		return "posts background tasks in an unknown way";
	/* Nothing may be half done when the threads vanish. */
	p->DrainTasks(isolate);
	return NULL;
}

void workers_renew(void)
{
	platform[0] = vtable + BEFORE_VTABLE;
}
