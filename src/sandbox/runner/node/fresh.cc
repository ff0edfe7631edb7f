/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must differ from run to run, or tell of the run and not of the zygote: random numbers, clocks, the
 * pid, the environment.
 *
 * Math.random seeds itself from the isolate's generator when a program first draws from it; that generator
 * is what gets a fresh seed, so nothing in the zygote may ever have drawn.  OpenSSL sees by the pid that
 * it was forked; where the zygote has the number that its children have, it must be told.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/runner/node/node_zygote.hh"

/*
 * The zygote's start is long over when a run begins, which takes its milliseconds for tenths of microseconds:
 * in the same order and before anything of its own, and still apart in a double after years of uptime.
 */
#define SQUEEZE 1e-4

typedef int (*rand_poll_fn)(void);

static void *generator;
static set_seed_fn set_seed;
static rand_poll_fn rand_poll;
static pid_t zygote_pid;
static v8::Global<v8::Object> process_object;
static v8::Global<v8::Name> pid_name;

/* Of node's notion of its start: nanoseconds, monotonic; the last in microseconds since 1970. */
static uint64_t *start_time, *performance_start;
static double *performance_timestamp;
static struct js_fields js;

static const char *find_clocks(void)
{
	start_time = (uint64_t *)dlsym(RTLD_DEFAULT, "_ZN4node11per_process15node_start_timeE");
	performance_start = (uint64_t *)dlsym(RTLD_DEFAULT,
					      "_ZN4node11performance25performance_process_startE");
	performance_timestamp = (double *)dlsym(
		RTLD_DEFAULT, "_ZN4node11performance35performance_process_start_timestampE");
	/* Which of them a version keeps differs; one of the first two is what process.uptime() reads. */
	return start_time || performance_start ? NULL : "keeps its start time at an unknown place";
}

/* What started the zygote shall not be read from /proc/self/environ of a program. */
static void wipe_environment(void)
{
	for (char **e = environ; e && *e; e++)
		memset(*e, 0, strlen(*e));
	environ = NULL;
}

const char *fresh_prepare(v8::Isolate *isolate, const struct js_fields *fields)
{
	v8::Local<v8::Context> context = isolate->GetCurrentContext();
	v8::Local<v8::Value> process;

	js = *fields;
	generator = generator_find(isolate, &set_seed);
	if (!generator)
		return "hides its random number generator";
	rand_poll = (rand_poll_fn)dlsym(RTLD_DEFAULT, "RAND_poll");
	zygote_pid = getpid();
	wipe_environment();
	if (!context->Global()
		     ->Get(context, v8::String::NewFromUtf8Literal(isolate, "process"))
		     .ToLocal(&process) ||
	    !process->IsObject())
		return "has no process object";
	process_object.Reset(isolate, process.As<v8::Object>());
	pid_name.Reset(isolate, v8::String::NewFromUtf8Literal(isolate, "pid",
							       v8::NewStringType::kInternalized)
					.As<v8::Name>());
	return find_clocks();
}

void fresh_renew_random(void)
{
	int64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		_exit(125);
	set_seed(generator, seed);
	if (rand_poll && getpid() == zygote_pid)
		rand_poll();
}

static void renew_clocks(void)
{
	struct timespec mono, real;
	double now, origin, timestamp;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	now = (double)mono.tv_sec * 1e9 + (double)mono.tv_nsec;
	timestamp = (double)real.tv_sec * 1e6 + (double)real.tv_nsec / 1e3;
	if (start_time)
		*start_time = (uint64_t)now;
	if (performance_start)
		*performance_start = (uint64_t)now;
	if (performance_timestamp)
		*performance_timestamp = timestamp;
	origin = js.milestones[js.origin];
	for (size_t i = 0; i < js.nmilestones; i++)
		if (i != js.origin_timestamp && js.milestones[i] > 0)
			js.milestones[i] = now + (js.milestones[i] - origin) * SQUEEZE;
	js.milestones[js.origin_timestamp] = timestamp;
}

void fresh_renew_identity(v8::Isolate *isolate, char *const *envp)
{
	v8::Local<v8::Context> context = isolate->GetCurrentContext();

	renew_clocks();
	process_object.Get(isolate)
		->DefineOwnProperty(context, pid_name.Get(isolate),
				    v8::Integer::New(isolate, getpid()), v8::ReadOnly)
		.Check();
	/* glibc copies the list before it changes it, and never writes to a string. */
	environ = (char **)envp;
}
