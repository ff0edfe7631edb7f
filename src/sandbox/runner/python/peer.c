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

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/runner/python/interp.h"

const char peer_program[] = "import gc\n"
			    "count = gc.get_count()\n"
			    "import sys\n"
			    "n = int(input())\n"
			    "print(*count, n)\n"
			    "if sys.argv[1:]:\n"
			    "    import zlib, pyexpat\n"
			    "    print(sys.version, 'zlib', zlib.ZLIB_RUNTIME_VERSION, "
			    "pyexpat.EXPAT_VERSION)\n";
static char answer[512];

static int spawn(int in, int out, int script, pid_t *ret_pid)
{
	char path[32], *argv[] = { INTERP_PROGRAM, path, "-", NULL };
	posix_spawn_file_actions_t actions;
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", 9);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, script, 9);
	posix_spawn_file_actions_addclose(&actions, 3);
	r = posix_spawn(ret_pid, INTERP_PROGRAM, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return r == 0 ? 0 : -1;
}

int peer_ask(int ret_gc_count[3], char *why, size_t size)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, script = memfd_create("question", MFD_CLOEXEC);
	int status = -1;
	ssize_t n = -1;
	pid_t pid;
	char *text = answer;

	if (script >= 0 && pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
	    fd_write_all(script, peer_program, strlen(peer_program)) == 0 &&
	    fd_write_all(in[1], PEER_INPUT, strlen(PEER_INPUT)) == 0 &&
	    spawn(in[0], out[1], script, &pid) == 0) {
		close(TAKE_FD(out[1]));
		n = fd_read_full(out[0], answer, sizeof(answer) - 1);
		waitpid(pid, &status, 0);
	}
	if (script >= 0)
		close(script);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
	if (n <= 0 || status != 0) {
		snprintf(why, size, "%s does not run", INTERP_PROGRAM);
		return -1;
	}
	answer[n] = '\0';
	for (int i = 0; i < 3; i++)
		ret_gc_count[i] = (int)strtol(text, &text, 10);
	text = strchr(text, '\n') ? strchr(text, '\n') + 1 : text;
	memmove(answer, text, strlen(text) + 1);
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
