/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a child ends: as node does, but for the last step.
 *
 * Node's way out stops workers, writes what it traced, and lets libuv's pool do all that it was given, so that
 * an asynchronous fs.write before process.exit() is in the file.  Last it takes down its platform, which joins
 * threads that were never born in this process: so the platform says that it is down already.
 *
 * There are three ways there: process.exit() and an uncaught error come through node's exit handler, the
 * natural end through the clean-up hooks of the environment, anything else through exit(3).  The natural end
 * takes the first one's way from there, since what is left of its own only frees memory.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/runner/node/node_zygote.hh"

#define V8_PLATFORM_WORDS 6 /* node 20's node::per_process::v8_platform: up or not, and five pointers */

static bool in_child;
static struct js_fields js;
static uint64_t *v8_platform; /* its first word: whether it is up */

static void at_exit(int status, void *)
{
	if (!in_child)
		return;
	uv_library_shutdown();
	_exit(status);
}

static void at_handler(node::Environment *ending, int code)
{
	if (in_child)
		*v8_platform = false;
	node::DefaultProcessExitHandler(ending, code);
}

/* Runs after 'exit' was emitted, where node itself would now read the code from these fields. */
static void at_cleanup(void *environment)
{
	if (!in_child)
		return;
	hot_record();
	at_handler((node::Environment *)environment,
		   js.exit_fields[js.has_exit_code] ? js.exit_fields[js.exit_code] : 0);
}

static bool is_v8_platform(const void *owned)
{
	bool owns = false;

	for (int i = 1; i < V8_PLATFORM_WORDS; i++)
		owns |= v8_platform[i] == (uint64_t)owned;
	return owns && *v8_platform == true;
}

const char *ending_prepare(v8::Isolate *isolate, const struct js_fields *fields)
{
	node::Environment *environment =
		node::GetCurrentEnvironment(isolate->GetCurrentContext());

	js = *fields;
	if (!js.exit_fields)
		return "keeps the exit code at an unknown place";
	v8_platform = (uint64_t *)dlsym(RTLD_DEFAULT, "_ZN4node11per_process11v8_platformE");
	if (!v8_platform || !is_v8_platform(node::GetMultiIsolatePlatform(environment)))
		return "takes down its platform in an unknown way";
	on_exit(at_exit, NULL);
	node::AddEnvironmentCleanupHook(isolate, at_cleanup, environment);
	node::SetProcessExitHandler(environment, at_handler);
	return NULL;
}

void ending_renew(void)
{
	in_child = true;
}
