/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a child ends: at once, when node's own tear-down would begin.
 *
 * Everything a program can notice has happened by then: the loop is empty, 'exit' was emitted, the exit
 * code stands.  What would follow joins threads that were never born in this process, and frees memory.
 * There are three ways there: process.exit() and an uncaught error come through node's exit handler, the
 * natural end through the clean-up hooks of the environment, anything else through exit(3).
 */
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/runner/node/node_zygote.hh"

static bool in_child;
static struct js_fields js;

static void at_exit(int status, void *)
{
	if (in_child)
		_exit(status);
}

static void at_handler(node::Environment *, int code)
{
	if (in_child)
		_exit(code);
	exit(code);
}

/* Runs after 'exit' was emitted, where node itself would now read the code from these fields. */
static void at_cleanup(void *)
{
	if (!in_child)
		return;
	hot_record();
	_exit(js.exit_fields[js.has_exit_code] ? js.exit_fields[js.exit_code] : 0);
}

const char *ending_prepare(v8::Isolate *isolate, const struct js_fields *fields)
{
	js = *fields;
	if (!js.exit_fields)
		return "keeps the exit code at an unknown place";
	on_exit(at_exit, NULL);
	node::AddEnvironmentCleanupHook(isolate, at_cleanup, NULL);
	node::SetProcessExitHandler(node::GetCurrentEnvironment(isolate->GetCurrentContext()),
				    at_handler);
	return NULL;
}

void ending_renew(void)
{
	in_child = true;
}
