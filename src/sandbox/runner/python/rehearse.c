/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a short program runs for the first time, it pays for in copied pages: every miss of the method cache
 * is a write somewhere, and so is each name that is new to the table of names.  So the zygote runs such
 * programs itself, on the way that children go.
 *
 * They run in a stand-in for __main__ and with streams of their own, so that nothing of theirs is left but
 * caches, specialised code and the names in them: what keeps them alive is the code, compiled once more.
 */
#define Py_BUILD_CORE 1
#include "sandbox/runner/python/rehearse.h"

#include <Python.h>
#include <internal/pycore_pylifecycle.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/runner/python/interp.h"

static const char plain[] = "n = int(input())\n"
			    "print(n)\n";
static const char usual[] =
	"import sys, io\n"
	"def f(n, k=2):\n"
	"    return n if n < 2 else f(n - 1) + f(n - k)\n"
	"class C:\n"
	"    def __init__(self, v):\n"
	"        self.v = v\n"
	"for line in io.TextIOWrapper(io.BytesIO(b'1 2 3\\n4 5 6\\n'), 'utf-8'):\n"
	"    a, b, c = map(int, line.split())\n"
	"    d = {str(i): C(i) for i in range(a + b)}\n"
	"    s = sorted(d, key=lambda x: -d[x].v)\n"
	"    print(*s, f'{f(5)} {sum(range(c)):.2f}', file=io.StringIO())\n"
	"    try:\n"
	"        s[99]\n"
	"    except IndexError as e:\n"
	"        str(e)\n"
	"def main():\n"
	"    a, b = 1, 2\n"
	"    print('hello', a + b, a * b, sep=' ', end='\\n')\n"
	"    for i in range(3):\n"
	"        print(i ** 2, [x for x in range(i)], (a, b), {a: b}, {1.5})\n"
	"    for line in sys.stdin:\n"
	"        print(line.strip(), file=sys.stderr)\n"
	"    sys.stdout.write('ok\\n')\n"
	"if __name__ == '__main__':\n"
	"    main()\n"
	"import _frozen_importlib_external as loaders\n"
	"loaders.SourceFileLoader('__main__', '/nowhere')\n"
	"for s in sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__:\n"
	"    s.closed, s.fileno(), s.encoding, s.errors, s.buffer\n"
	"print(end='', flush=True)\n"
	"sys.stdout.flush()\n"
	"sys.stderr.flush()\n"
	"sys.stdin.readline(), sys.stdin.read()\n";
/* Files that nobody closes leave a warning in sys. */
static const char closing[] = "import sys\n"
			      "sys.stdin.close(), sys.stdout.close(), sys.stderr.close()\n";
/* Never run. */
static const char names[] =
	"A = B = C = D = E = F = G = H = I = J = K = L = M = N = P = Q = R = S = T = X = Y = Z = 0\n"
	"a = b = c = d = e = f = g = h = i = j = k = l = m = n = o = p = q = r = s = t = 0\n"
	"u = v = w = x = y = z = _ = ans = arr = count = cur = data = dp = res = result = ret = 0\n"
	"left = right = lo = hi = mid = total = line = lines = nums = num = key = val = value = 0\n"
	"name = text = word = words = out = node = root = head = tail = queue = stack = seen = 0\n"
	"graph = edges = start = end = prev = target = grid = row = col = rows = cols = idx = 0\n"
	"index = size = length = max_val = min_val = cnt = temp = tmp = string = number = numbers = 0\n"
	"class Solution: pass\nclass Node: pass\n"
	"def main(): pass\ndef solve(): pass\ndef add(): pass\ndef fib(): pass\n"
	"def factorial(): pass\ndef is_prime(): pass\ndef gcd(): pass\ndef helper(): pass\n";

static int memory_file(const char *text)
{
	int fd = memfd_create("rehearsal", MFD_CLOEXEC);

	if (fd >= 0 && fd_write_all(fd, text, strlen(text)) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int put_stream(PyObject *io, const char *name, const char *mode)
{
	int fd = memory_file("7\n1 2\n3 4\n");
	PyObject *text = fd < 0 ? NULL : PyObject_CallMethod(io, "open", "is", fd, mode);
	int r = text ? PySys_SetObject(name, text) : -1;

	Py_XDECREF(text);
	return r;
}

static int run(const char *program)
{
	PyCompilerFlags flags = _PyCompilerFlags_INIT;
	int fd = memory_file(program);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "rb");

	return f ? PyRun_AnyFileExFlags(f, INTERP_CWD "/" INTERP_FILE, 1, &flags) : -1;
}

static int run_all(PyObject *io)
{
	static const char *const programs[] = { plain, usual, plain };
	int r = 0;

	for (size_t i = 0; r == 0 && i < Py_ARRAY_LENGTH(programs); i++)
		r = put_stream(io, "stdin", "r") == 0 && put_stream(io, "stdout", "w") == 0 &&
				    put_stream(io, "stderr", "w") == 0
			    ? run(programs[i]) | PyRun_SimpleString(closing)
			    : -1;
	return r;
}

static int keep_names(void)
{
	static const char *const sources[] = { plain, usual, names };

	for (size_t i = 0; i < Py_ARRAY_LENGTH(sources); i++)
		if (!Py_CompileString(sources[i], INTERP_CWD "/" INTERP_FILE, Py_file_input))
			return -1;
	return 0;
}

/* In place of the real one, with what a program finds there. */
static PyObject *put_stand_in(PyObject *modules, PyObject *real)
{
	PyObject *stand_in = PyModule_New("__main__");

	if (stand_in && PyDict_Update(PyModule_GetDict(stand_in), PyModule_GetDict(real)) == 0 &&
	    PyDict_SetItemString(modules, "__main__", stand_in) == 0)
		return stand_in;
	Py_XDECREF(stand_in);
	return NULL;
}

int rehearse(void)
{
	static const char *const streams[] = { "stdin", "stdout", "stderr" };
	PyObject *modules = PyImport_GetModuleDict(), *io = PyImport_ImportModule("io");
	PyObject *real = PyImport_AddModule("__main__"), *stand_in, *keep[3];
	int r;

	Py_XINCREF(real);
	for (int i = 0; i < 3; i++)
		keep[i] = Py_XNewRef(PySys_GetObject(streams[i]));
	stand_in = io && real ? put_stand_in(modules, real) : NULL;
	r = stand_in && keep_names() == 0 ? run_all(io) : -1;
	for (int i = 0; i < 3; i++) {
		if (PySys_SetObject(streams[i], keep[i]) < 0)
			r = -1;
		Py_XDECREF(keep[i]);
	}
	if (real && PyDict_SetItemString(modules, "__main__", real) < 0)
		r = -1;
	Py_XDECREF(stand_in);
	Py_XDECREF(real);
	Py_XDECREF(io);
	return r;
}
