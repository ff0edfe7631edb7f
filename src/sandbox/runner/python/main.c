/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The zygote of the `python` runner: a process with a Python interpreter that has started and stands
 * where it would open main.py.  A box's program is a fork of it that goes on from there.
 *
 *   kodewar-python MODULE...      modules to load ahead; descriptors 3 and 4 as for every launcher
 *
 * Everything about boxes is the business of runner/zygote.c; here is only the interpreter: image.c and
 * heap.c put memory into huge pages, peer.c makes sure that plain Python is the same as ours, interp.c
 * starts and continues the interpreter, rehearse.c has it do once what programs do, shelf.c hides what is
 * loaded ahead until it is imported, renew.c draws random state again, stdio.c fits sys.stdin and its sisters,
 * hot.c learns which pages a run writes to, finish.c ends a program, and quiet.c tells when that may be cut
 * short.  What still differs from plain Python: docs/LANGUAGES.md.
 */
#include <Python.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/runner/python/finish.h"
#include "sandbox/runner/python/hot.h"
#include "sandbox/runner/python/image.h"
#include "sandbox/runner/python/interp.h"
#include "sandbox/runner/python/peer.h"
#include "sandbox/runner/zygote.h"

#define TRIES_MAX 6 /* each is a fork and a program of a line */

/* As languages/python.yaml has them; only where whoever starts us gives none. */
static void default_environment(void)
{
	for (char **e = environ; e && *e; e++)
		if (!strncmp(*e, "PYTHON", 6))
			return;
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 0);
	setenv("HOME", "/box", 0);
	setenv("TMPDIR", "/tmp", 0);
	setenv("LANG", "C.UTF-8", 0);
	setenv("PYTHONDONTWRITEBYTECODE", "1", 0);
	setenv("PYTHONHASHSEED", "0", 0);
	setenv("PYTHONIOENCODING", "utf-8", 0);
}

/* A fork takes along the one thread that forks: there must be no other. */
static int count_threads(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* What a program finds in the first counter that begins at this; -1 where it does not run. */
static int end_of(int begin, const int plain[3])
{
	const int wrap = begin < 0 && plain[1] > 0;
	const int count[3] = { wrap	   ? begin + INTERP_GC_THRESHOLD + 1
			       : begin < 0 ? 0
					   : begin,
			       plain[1] - wrap, plain[2] };

	interp_set_gc_count(count);
	return hot_train(peer_program);
}

/*
 * The counters of collections begin such that a program finds in them what plain Python has there, and is
 * collected for the first time where plain Python collects.  Where the count is lower there than what the
 * way to the first line adds, a collection fell into it, and does so here: the count begins below 0, which
 * is to say at the end of the turn before.  What is freed behind a collection is not taken off a count of
 * 0, so that the two ends have to be brought together by trying; they meet but for a few objects.
 */
static int train(const int plain[3])
{
	const int high[3] = { 400, 0, 0 };
	int begin, end, best, off = INT_MAX, below = INT_MIN, above = INT_MAX;

	interp_set_gc_count(high); /* high enough not to end at 0 on the way */
	end = hot_train(peer_program);
	best = begin = plain[0] - (end - high[0]);
	for (int i = 0; end >= 0 && off > 0 && i < TRIES_MAX; i++) {
		end = end_of(begin, plain);
		if (abs(end - plain[0]) < off) {
			off = abs(end - plain[0]);
			best = begin;
		}
		if (end < plain[0])
			below = begin;
		else
			above = begin;
		begin = below == INT_MIN || above == INT_MAX ? begin + plain[0] - end
							     : below + (above - below) / 2;
	}
	if (end < 0 || end_of(best, plain) < 0)
		return -1;
	return hot_train(hot_program) < 0 ? -1 : 0;
}

static int prepare(char *const modules[], char *why, size_t size)
{
	int plain[3];

	if (peer_ask(plain, why, size) < 0 || peer_compare(why, size) < 0 ||
	    interp_start(modules, why, size) < 0)
		return -1;
	if (train(plain) < 0) {
		snprintf(why, size, "a first program does not run");
		return -1;
	}
	if (count_threads() != 1) {
		snprintf(why, size, "a module that is loaded ahead has started a thread");
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct zygote_ops ops = { .touch = hot_touch };
	static char why[256], version[32];
	int r = zygote_open();

	(void)argc;
	if (r < 0)
		return 1;
	default_environment();
	image_move();
	r = prepare(argv + 1, why, sizeof(why));
	snprintf(version, sizeof(version), "%.*s", (int)strcspn(Py_GetVersion(), " "),
		 Py_GetVersion());
	r = zygote_ready(version, r < 0 ? -EUNATCH : 0, why);
	if (r < 0)
		return 1;
	interp_run(zygote_serve(&ops));
}
