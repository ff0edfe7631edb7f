/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our copy of Python was linked in when we were built; the tree's may have been upgraded since.  Both say
 * their full version, with the date of the build, and those of the libraries that come along; they must be
 * equal, or programs run cold until the zygote is built again.
 */
#include "sandbox/runner/python/peer.h"

#include <Python.h>
#include <expat.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "sandbox/runner/python/interp.h"

static const char question[] = "import gc\n"
			       "count = gc.get_count()[0]\n"
			       "import sys, zlib, pyexpat\n"
			       "print(count, sys.version, 'zlib', zlib.ZLIB_RUNTIME_VERSION, "
			       "pyexpat.EXPAT_VERSION)\n";
static char answer[512];

static int spawn(int out, int script, pid_t *ret_pid)
{
	char path[32], *argv[] = { INTERP_PROGRAM, path, NULL };
	posix_spawn_file_actions_t actions;
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", 9);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, script, 9);
	posix_spawn_file_actions_addclose(&actions, 3);
	r = posix_spawn(ret_pid, INTERP_PROGRAM, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return r == 0 ? 0 : -1;
}

int peer_ask(int *ret_gc_count, char *why, size_t size)
{
	int out[2] = { -1, -1 }, script = memfd_create("question", MFD_CLOEXEC), status = -1;
	ssize_t n = -1;
	pid_t pid;
	char *text;

	if (script >= 0 && pipe2(out, O_CLOEXEC) == 0 &&
	    fd_write_all(script, question, sizeof(question) - 1) == 0 &&
	    spawn(out[1], script, &pid) == 0) {
		close(out[1]);
		n = fd_read_full(out[0], answer, sizeof(answer) - 1);
		waitpid(pid, &status, 0);
	}
	close(script);
	close(out[0]);
	if (n <= 0 || status != 0) {
		snprintf(why, size, "%s does not run", INTERP_PROGRAM);
		return -1;
	}
	answer[n] = '\0';
	*ret_gc_count = (int)strtol(answer, &text, 10);
	memmove(answer, text + 1, strlen(text + 1) + 1);
	answer[strcspn(answer, "\n")] = '\0';
	return 0;
}

int peer_compare(char *why, size_t size)
{
	char ours[sizeof(answer)];

	snprintf(ours, sizeof(ours), "%s zlib %s %s", Py_GetVersion(), zlibVersion(),
		 XML_ExpatVersion());
	if (strcmp(ours, answer) == 0)
		return 0;
	snprintf(why, size, "%s is now %s, not %s: build again", INTERP_PROGRAM, answer, ours);
	return -1;
}
