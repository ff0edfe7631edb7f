/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the start of Python and the program.
 *
 * The zygote goes through Python's own start with the command line and the environment that a program
 * would be started with, up to where Py_RunMain() would look at the file.  A child puts in what is its
 * own (environment, arguments, path, thread number) and goes on from there with Python's own functions, so
 * that reading the source, compiling, running and printing an exception are theirs to the last byte.
 *
 * Some of the environment is read only at the start.  Where a program's differs in such a variable, or is
 * not started in the usual way at all, the child executes plain Python instead: slower, and right.
 */
#include "sandbox/runner/python/interp.h"

#define Py_BUILD_CORE 1
#include <Python.h>
#include <errno.h>
#include <fcntl.h>
#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/runner/python/finish.h"
#include "sandbox/runner/python/image.h"
#include "sandbox/runner/python/quiet.h"
#include "sandbox/runner/python/rehearse.h"
#include "sandbox/runner/python/shelf.h"
#include "sandbox/runner/python/stdio.h"

#define USUAL_STACK_BYTES (64ul << 20)
#define SOURCE_BYTES 4096

static struct {
	char *const *env; /* that of the start */
	PyObject *environ;
	FILE *source;  /* without a descriptor yet */
	int source_fd; /* what to read instead of the file, or 0 */
	size_t stack_bytes;
	int gc_count[3];
	int *tid_address;
} interp;

/* Names, or prefixes with a star, of what is read while Python, its libc or its site module start. */
static const char *const start_only[] = {
	"PYTHON*",	  "LC_*",     "LD_*",	    "MALLOC_*",
	"LANG",		  "LANGUAGE", "LOCPATH",    "TZ",
	"TZDIR",	  "HOME",     "NLSPATH",    "OUTPUT_CHARSET",
	"GLIBC_TUNABLES", "CHARSET",  "GCONV_PATH", "SETUPTOOLS_USE_DISTUTILS",
};

static int is_start_only(const char *var)
{
	size_t len = strcspn(var, "=");

	for (size_t i = 0; i < ARRAY_SIZE(start_only); i++) {
		size_t n = strlen(start_only[i]);

		if (start_only[i][n - 1] == '*'
			    ? len >= n - 1 && !strncmp(var, start_only[i], n - 1)
			    : len == n && !strncmp(var, start_only[i], n))
			return 1;
	}
	return 0;
}

static bool is_same_list(char *const *a, char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

static int contains_all(char *const *env, char *const *of)
{
	for (; *of; of++) {
		char *const *e = env;

		if (!is_start_only(*of))
			continue;
		while (*e && strcmp(*e, *of) != 0)
			e++;
		if (!*e)
			return 0;
	}
	return 1;
}

/* `python3.11 FILE ARGS...`, FILE in the working directory, in the environment of the zygote's start. */
static int fits(const struct payload_view *v)
{
	return v->argv[0] && strcmp(v->argv[0], INTERP_PROGRAM) == 0 && v->argv[1] &&
	       v->argv[1][0] != '-' && v->argv[1][0] && !strchr(v->argv[1], '/') &&
	       v->cwd[0] == '/' && strlen(v->cwd) + strlen(v->argv[1]) + 2 <= PATH_MAX &&
	       (is_same_list(v->envp, interp.env) ||
		(contains_all(interp.env, v->envp) && contains_all(v->envp, interp.env)));
}

/* ---- the zygote */

static int fail(char *why, size_t size, const char *what)
{
	PyObject *type = NULL, *value = NULL, *trace = NULL, *text;

	PyErr_Fetch(&type, &value, &trace);
	PyErr_NormalizeException(&type, &value, &trace);
	text = value ? PyObject_Str(value) : NULL;
	snprintf(why, size, "%s: %s", what, text ? PyUnicode_AsUTF8(text) : "failed");
	return -1;
}

static int initialize(char *why, size_t size)
{
	static char *argv[] = { INTERP_PROGRAM, INTERP_FILE, NULL };
	PyPreConfig pre;
	PyConfig config;
	PyStatus s;

	PyPreConfig_InitPythonConfig(&pre);
	s = Py_PreInitializeFromBytesArgs(&pre, 2, argv);
	if (!PyStatus_Exception(s)) {
		heap_install();
		PyConfig_InitPythonConfig(&config);
		s = PyConfig_SetBytesArgv(&config, 2, argv);
		if (!PyStatus_Exception(s))
			s = Py_InitializeFromConfig(&config);
		PyConfig_Clear(&config);
	}
	if (!PyStatus_Exception(s))
		return 0;
	snprintf(why, size, "Python does not start: %s", s.err_msg ? s.err_msg : "it exits");
	return -1;
}

static int load_ahead(char *const modules[], char *why, size_t size)
{
	if (shelf_open() < 0)
		return fail(why, size, "the shelf");
	for (size_t i = 0; modules[i]; i++) {
		PyObject *m = PyImport_ImportModule(modules[i]);

		if (!m)
			return fail(why, size, modules[i]);
		Py_DECREF(m);
	}
	return shelf_close() < 0 ? fail(why, size, "the shelf") : 0;
}

static void track_again(PyObject *o)
{
	if (!o || !PyObject_IS_GC(o) || !PyObject_GC_IsTracked(o))
		return;
	PyObject_GC_UnTrack(o);
	PyObject_GC_Track(o);
}

/* __main__ will hold what the program makes: only what is not frozen can be found to be garbage. */
static void renew_main(void)
{
	PyObject *module = PyImport_AddModule("__main__"), *d = PyModule_GetDict(module), *name,
		 *value;
	Py_ssize_t at = 0;

	track_again(module);
	track_again(d);
	while (PyDict_Next(d, &at, &name, &value))
		if (PyDict_CheckExact(value))
			track_again(value);
	track_again(PySys_GetObject("argv"));
	track_again(PySys_GetObject("orig_argv"));
}

/* Collections begin afresh and never walk what is shared: that would copy it. */
static int freeze(void)
{
	PyObject *gc = PyImport_ImportModule("gc"), *r;
	struct _gc_runtime_state *state = &PyThreadState_Get()->interp->gc;
	int done;

	PyGC_Collect();
	r = gc ? PyObject_CallMethod(gc, "freeze", NULL) : NULL;
	renew_main();
	/* To where it is in plain Python: it has survived collections, but none of the middle ones. */
	Py_XSETREF(r, r ? PyObject_CallMethod(gc, "collect", "i", 0) : NULL);
	done = r && PyDict_DelItemString(PyImport_GetModuleDict(), "gc") == 0;
	Py_XDECREF(r);
	Py_XDECREF(gc);
	state->long_lived_total = state->long_lived_pending = 0;
	memset(state->generation_stats, 0, sizeof(state->generation_stats));
	return done ? 0 : -1;
}

/*
 * A raw clone leaves libc with the number of the thread that forked, and the kernel without the address that a thread
 * registers: abort(), raise() and joining would go wrong.  Its other one, the list of robust locks, no program has.
 */
static void remember_thread(void)
{
	if (prctl(PR_GET_TID_ADDRESS, &interp.tid_address, 0, 0, 0) < 0)
		interp.tid_address = NULL;
}

/* sys.path[0], and the trace of the look whether the file is a package or an archive. */
static int put_path(const char *cwd, const char *file)
{
	PyObject *dir = PyUnicode_DecodeFSDefault(cwd), *name = PyUnicode_DecodeFSDefault(file);
	PyObject *cache = PySys_GetObject("path_importer_cache");
	int r = -1;

	if (dir && name && cache && PyDict_SetItem(cache, name, Py_None) == 0)
		r = PyList_Insert(PySys_GetObject("path"), 0, dir);
	Py_XDECREF(dir);
	Py_XDECREF(name);
	return r;
}

static void take_path_back(void)
{
	PyObject *cache = PySys_GetObject("path_importer_cache");

	if (PyList_SetSlice(PySys_GetObject("path"), 0, 1, NULL) < 0 ||
	    PyDict_DelItemString(cache, INTERP_CWD "/" INTERP_FILE) < 0)
		PyErr_Clear();
}

/* Threads get the stack that libc, at its start, would have read from the limit. */
static void put_thread_stack(size_t bytes)
{
	pthread_attr_t attr;

	if (bytes == interp.stack_bytes || pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, (bytes + 4095) & ~4095ul) == 0 &&
	    pthread_setattr_default_np(&attr) == 0)
		interp.stack_bytes = bytes;
	pthread_attr_destroy(&attr);
}

/* A stream whose descriptor comes later: opening one in each child would cost five pages. */
static FILE *make_source(void)
{
	static char buffer[SOURCE_BYTES];
	FILE *f = fopen("/dev/null", "rbe");

	if (!f || setvbuf(f, buffer, _IOFBF, sizeof(buffer)) != 0)
		return NULL;
	close(fileno(f));
	return f;
}

static int prepare_usual(void)
{
	put_thread_stack(USUAL_STACK_BYTES);
	interp.source = make_source();
	return interp.source ? put_path(INTERP_CWD, INTERP_CWD "/" INTERP_FILE) : -1;
}

int interp_start(char *const modules[], char *why, size_t size)
{
	PyObject *posix;
	int keep[3], r;

	interp.env = environ;
	remember_thread();
	if (stdio_lend_pipes(keep) < 0) {
		snprintf(why, size, "no pipes");
		return -1;
	}
	r = initialize(why, size);
	if (r == 0)
		r = load_ahead(modules, why, size);
	if (r == 0 && (stdio_prepare() < 0 || rehearse() < 0))
		r = fail(why, size, "the warm-up");
	stdio_give_back(keep);
	posix = r == 0 ? PyImport_ImportModule("posix") : NULL;
	interp.environ = posix ? PyObject_GetAttrString(posix, "environ") : NULL;
	Py_XDECREF(posix);
	if (r == 0 && (!interp.environ || prepare_usual() < 0 || finish_prepare() < 0 ||
		       freeze() < 0 || quiet_prepare() < 0))
		r = fail(why, size, "the last steps");
	heap_seal();
	return r;
}

void interp_set_gc_count(const int count[3])
{
	memcpy(interp.gc_count, count, sizeof(interp.gc_count));
}

void interp_set_source(int fd)
{
	interp.source_fd = fd;
}

/* ---- a child */

/* posix.environ is also what os.environ stands on. */
static int put_environ(char *const *envp)
{
	PyDict_Clear(interp.environ);
	for (; *envp; envp++) {
		const char *eq = strchr(*envp, '=');
		PyObject *name, *value;
		int r;

		if (!eq)
			continue;
		name = PyBytes_FromStringAndSize(*envp, eq - *envp);
		value = PyBytes_FromString(eq + 1);
		r = name && value && PyDict_SetDefault(interp.environ, name, value) ? 0 : -1;
		Py_XDECREF(name);
		Py_XDECREF(value);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int put_list(const char *name, char *const *argv)
{
	PyObject *list = PyList_New(0);
	int r = list ? 0 : -1;

	for (; r == 0 && *argv; argv++) {
		PyObject *s = PyUnicode_DecodeFSDefault(*argv);

		r = s ? PyList_Append(list, s) : -1;
		Py_XDECREF(s);
	}
	if (r == 0)
		r = PySys_SetObject(name, list);
	Py_XDECREF(list);
	return r;
}

static void put_thread(PyThreadState *ts)
{
	int tid = (int)syscall(SYS_set_tid_address, interp.tid_address);

	if (interp.tid_address)
		*interp.tid_address = tid;
	ts->native_thread_id = (unsigned long)tid;
}

/* What of it is as usual is there already. */
static int put_start(const struct payload_view *v, const char *file)
{
	bool usual_file = strcmp(v->argv[1], INTERP_FILE) == 0;

	if (!is_same_list(v->envp, interp.env) && put_environ(v->envp) < 0)
		return -1;
	if ((!usual_file || v->argv[2]) &&
	    (put_list("orig_argv", v->argv) < 0 || put_list("argv", v->argv + 1) < 0))
		return -1;
	if (usual_file && strcmp(v->cwd, INTERP_CWD) == 0)
		return 0;
	take_path_back();
	return put_path(v->cwd, file);
}

static int become(const struct payload_view *v, const char *file)
{
	PyThreadState *ts = PyThreadState_Get();
	struct rlimit stack;

	environ = (char **)v->envp;
	put_thread(ts);
	if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
		put_thread_stack(stack.rlim_cur);
	prctl(PR_SET_NAME, strrchr(INTERP_PROGRAM, '/') + 1, 0, 0, 0);
	if (put_start(v, file) < 0 || stdio_fit() < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		ts->interp->gc.generations[i].count = interp.gc_count[i];
	return 0;
}

static int run_file(const char *path)
{
	PyCompilerFlags flags = _PyCompilerFlags_INIT;
	int fd;

	if (PySys_Audit("cpython.run_file", "s", path) < 0) {
		PyErr_Print();
		return 1;
	}
	fd = interp.source_fd ? interp.source_fd : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n", INTERP_PROGRAM, path,
			errno, strerror(errno));
		return 2;
	}
	interp.source->_fileno = fd;
	return PyRun_AnyFileExFlags(interp.source, path, 1, &flags) != 0;
}

void interp_run(const struct payload_view *v)
{
	static char path[PATH_MAX];

	if (!fits(v)) {
		execve(v->argv[0], v->argv, v->envp);
		_exit(126);
	}
	stpcpy(stpcpy(stpcpy(path, v->cwd), "/"), v->argv[1]); /* as fits() has it */
	if (become(v, path) < 0) {
		PyErr_Print();
		_exit(1);
	}
	finish_main(run_file(path));
}
