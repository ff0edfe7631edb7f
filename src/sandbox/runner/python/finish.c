/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Py_FinalizeEx() takes 4.6 ms in a child, nearly all of it to free what the zygote made, page by copied
 * page.  What a program can see of it is done here in the same order: threads are awaited, atexit
 * functions run, daemon threads stop, output is flushed, garbage is collected, sys loses what it loses,
 * modules go (theirs for good; ours stay in memory unless the program has changed them), garbage again,
 * what is left of their modules is cleared, then what they hid in sys and builtins, output again.
 * Everything after the first flush is left out where it could not show (quiet.c).
 *
 * sys.exit() and an uncaught SystemExit end in Py_Exit() from deep within the interpreter; the linker
 * leads those calls here (--wrap, see meson.build).
 */
#define Py_BUILD_CORE 1
#include "sandbox/runner/python/finish.h"

#include <Python.h>
#include <internal/pycore_ceval.h>
#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_pylifecycle.h>
#include <internal/pycore_pystate.h>
#include <internal/pycore_runtime.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sandbox/runner/python/quiet.h"
#include "sandbox/runner/python/shelf.h"

void __wrap_Py_Exit(int code) __attribute__((noreturn));

/* Of sys, in Python's order; what each of the three is set back to follows it. */
static const char *const cleared[] = {
	"path",
	"argv",
	"ps1",
	"ps2",
	"last_type",
	"last_value",
	"last_traceback",
	"path_hooks",
	"path_importer_cache",
	"meta_path",
	"__interactivehook__",
};
static const char *const restored[] = {
	"stdin", "__stdin__", "stdout", "__stdout__", "stderr", "__stderr__",
};

static struct {
	PyObject *cleared[Py_ARRAY_LENGTH(cleared)], *restored[Py_ARRAY_LENGTH(restored)];
	PyObject *threading, *flush, *closed; /* names */
	PyObject *sys_dict, *builtins_dict;   /* the live ones */
	PyObject *sys_items, *builtins_items; /* copies: what they hold in the zygote */
	uint64_t builtins_version;
	PyObject *keep; /* what teardown would free for nothing */
	void (*hook)(void);
} start;

void finish_set_hook(void (*hook)(void))
{
	start.hook = hook;
}

static int intern(const char *const *names, size_t n, PyObject **ret)
{
	for (size_t i = 0; i < n; i++)
		if (!(ret[i] = PyUnicode_InternFromString(names[i])))
			return -1;
	return 0;
}

int finish_prepare(void)
{
	PyObject *modules = PyImport_GetModuleDict();

	start.sys_dict = PyModule_GetDict(PyImport_AddModule("sys"));
	start.builtins_dict = PyModule_GetDict(PyImport_AddModule("builtins"));
	start.sys_items = PyDict_Copy(start.sys_dict);
	start.builtins_items = PyDict_Copy(start.builtins_dict);
	start.keep = PyDict_Values(modules);
	start.threading = PyUnicode_InternFromString("threading");
	start.flush = PyUnicode_InternFromString("flush");
	start.closed = PyUnicode_InternFromString("closed");
	if (intern(cleared, Py_ARRAY_LENGTH(cleared), start.cleared) < 0 ||
	    intern(restored, Py_ARRAY_LENGTH(restored), start.restored) < 0 || !start.threading ||
	    !start.flush || !start.closed)
		return -1;
	if (!start.sys_items || !start.builtins_items || !start.keep)
		return -1;
	/* Nobody but sys holds its arguments: a program may put itself into them. */
	if (PyDict_DelItemString(start.sys_items, "argv") < 0 ||
	    PyDict_DelItemString(start.sys_items, "orig_argv") < 0)
		return -1;
	/* Nobody but sys.modules may hold __main__: it goes when it would in plain Python. */
	for (Py_ssize_t i = PyList_GET_SIZE(start.keep); i-- > 0;)
		if (PyList_GET_ITEM(start.keep, i) == PyDict_GetItemString(modules, "__main__") &&
		    PyList_SetSlice(start.keep, i, i + 1, NULL) < 0)
			return -1;
	start.builtins_version = ((PyDictObject *)start.builtins_dict)->ma_version_tag;
	return 0;
}

static void await_threads(void)
{
	PyObject *threading = PyImport_GetModule(start.threading), *r;

	if (!threading) {
		if (PyErr_Occurred())
			PyErr_WriteUnraisable(NULL);
		return;
	}
	r = PyObject_CallMethod(threading, "_shutdown", NULL);
	if (!r)
		PyErr_WriteUnraisable(threading);
	Py_XDECREF(r);
	Py_DECREF(threading);
}

static bool is_closed(PyObject *file)
{
	PyObject *closed = PyObject_GetAttr(file, start.closed);
	int r = closed ? PyObject_IsTrue(closed) : -1;

	Py_XDECREF(closed);
	if (r < 0)
		PyErr_Clear();
	return r > 0;
}

static int flush_output(void)
{
	int status = 0;

	for (int i = 0; i < 2; i++) {
		PyObject *file, *r;

		file = PyDict_GetItemWithError(start.sys_dict, start.restored[2 + 2 * i]);

		if (!file || file == Py_None || is_closed(file))
			continue;
		r = PyObject_CallMethodNoArgs(file, start.flush);
		if (!r) {
			if (i == 0)
				PyErr_WriteUnraisable(file);
			else
				PyErr_Clear();
			status = -1;
		}
		Py_XDECREF(r);
	}
	return status;
}

/* As the end of the two objects would: without a word about failures. */
static void flush_last(void)
{
	for (size_t i = 3; i < Py_ARRAY_LENGTH(restored); i += 2) {
		PyObject *file = PyDict_GetItemWithError(start.sys_items, start.restored[i]);

		if (file && file != Py_None && !is_closed(file))
			Py_XDECREF(PyObject_CallMethodNoArgs(file, start.flush));
		PyErr_Clear();
	}
}

/* Places where values hide whose destructors should run while there still is an interpreter. */
static void clear_special(void)
{
	for (size_t i = 0; i < Py_ARRAY_LENGTH(cleared); i++)
		if (PyDict_GetItemWithError(start.sys_dict, start.cleared[i]) &&
		    PyDict_SetItem(start.sys_dict, start.cleared[i], Py_None) < 0)
			PyErr_WriteUnraisable(NULL);
	for (size_t i = 0; i < Py_ARRAY_LENGTH(restored); i += 2) {
		PyObject *first = PyDict_GetItemWithError(start.sys_dict, start.restored[i + 1]);

		if (PyDict_SetItem(start.sys_dict, start.restored[i], first ? first : Py_None) < 0)
			PyErr_WriteUnraisable(NULL);
	}
}

/* sys and builtins come last, see clear_added(). */
static bool is_core(PyObject *module)
{
	PyObject *dict = PyModule_Check(module) ? PyModule_GetDict(module) : NULL;

	return dict && (dict == start.sys_dict || dict == start.builtins_dict);
}

static int remove_module(PyObject *modules, PyObject *name, PyObject *module, PyObject *theirs)
{
	PyObject *ref = PyModule_Check(module) ? PyWeakref_NewRef(module, NULL) : NULL;
	int r = ref ? PyList_Append(theirs, ref) : 0;

	Py_XDECREF(ref);
	return r < 0 || PyErr_Occurred() ? -1 : PyDict_SetItem(modules, name, Py_None);
}

/*
 * sys.modules is emptied; returns weak references to the modules of the program, in order.  Ours are
 * not even let go of, one by one (a write to a page each): the interpreter gets another, empty dict.
 */
static PyObject *remove_modules(PyInterpreterState *state)
{
	PyObject *modules = state->modules, *theirs = PyList_New(0), *names = PyList_New(0);
	PyObject *name, *module;
	Py_ssize_t at = 0;

	while (names && PyDict_Next(modules, &at, &name, &module))
		if (module != Py_None && !is_core(module) && !shelf_is_pristine(name, module) &&
		    PyList_Append(names, name) < 0)
			PyErr_WriteUnraisable(NULL);
	for (Py_ssize_t i = 0; names && theirs && i < PyList_GET_SIZE(names); i++) {
		name = PyList_GET_ITEM(names, i);
		module = PyDict_GetItemWithError(modules, name);
		if (module && remove_module(modules, name, module, theirs) < 0)
			PyErr_WriteUnraisable(NULL);
	}
	Py_XDECREF(names);
	state->modules = PyDict_New();
	if (!state->modules || PyDict_SetItemString(start.sys_dict, "modules", state->modules) < 0)
		PyErr_WriteUnraisable(NULL);
	return theirs;
}

static void clear_left(PyObject *theirs)
{
	for (Py_ssize_t i = theirs ? PyList_GET_SIZE(theirs) : 0; i-- > 0;) {
		PyObject *module = PyWeakref_GET_OBJECT(PyList_GET_ITEM(theirs, i));

		if (module == Py_None)
			continue;
		Py_INCREF(module);
		_PyModule_Clear(module);
		Py_DECREF(module);
	}
	Py_XDECREF(theirs);
}

static bool is_inner(PyObject *name)
{
	return PyUnicode_GET_LENGTH(name) > 1 && PyUnicode_READ_CHAR(name, 0) == '_' &&
	       PyUnicode_READ_CHAR(name, 1) != '_';
}

/* Output goes while sys is cleared: what comes after it prints nothing. */
static bool is_restored(PyObject *name)
{
	for (size_t i = 0; i < Py_ARRAY_LENGTH(restored); i++)
		if (name == start.restored[i])
			return true;
	return false;
}

/* What the program has put into sys or builtins: names with one underscore first, as Python does. */
static void clear_added(PyObject *dict, PyObject *items)
{
	PyObject *added = PyList_New(0), *key, *value;
	Py_ssize_t at = 0;

	while (added && PyDict_Next(dict, &at, &key, &value))
		if (value != Py_None && PyUnicode_Check(key) &&
		    (value != PyDict_GetItemWithError(items, key) || is_restored(key)) &&
		    PyList_Append(added, key) < 0)
			PyErr_WriteUnraisable(NULL);
	for (int inner = 1; inner >= 0; inner--) {
		for (Py_ssize_t i = 0; added && i < PyList_GET_SIZE(added); i++) {
			key = PyList_GET_ITEM(added, i);
			if (is_inner(key) == inner && PyDict_SetItem(dict, key, Py_None) < 0)
				PyErr_WriteUnraisable(NULL);
		}
	}
	Py_XDECREF(added);
}

static void restore_builtins(void)
{
	PyObject *old;

	if (((PyDictObject *)start.builtins_dict)->ma_version_tag == start.builtins_version)
		return;
	old = PyDict_Copy(start.builtins_dict); /* kept until all are back: destructors need them */
	PyDict_Clear(start.builtins_dict);
	if (PyDict_Update(start.builtins_dict, start.builtins_items) < 0)
		PyErr_Clear();
	Py_XDECREF(old);
}

static int shut_down(void)
{
	PyThreadState *ts = PyThreadState_Get();
	PyObject *theirs;
	int status;

	await_threads();
	_Py_FinishPendingCalls(ts);
	_PyAtExit_Call(ts->interp);

	_PyRuntimeState_SetFinalizing(&_PyRuntime, ts);
	_PyRuntime.initialized = 0;
	_PyRuntime.core_initialized = 0;
	_PyThreadState_DeleteExcept(&_PyRuntime, ts);
	status = flush_output();
	if (status == 0 && quiet_is())
		return 0;
	_PySignal_Fini();
	PyGC_Collect();

	clear_special();
	theirs = remove_modules(ts->interp);
	restore_builtins();
	_PyGC_CollectNoFail(ts);
	clear_left(theirs);
	clear_added(start.sys_dict, start.sys_items);
	clear_added(start.builtins_dict, start.builtins_items);
	_PyGC_CollectNoFail(ts);
	flush_last();
	return status;
}

static void leave(int code)
{
	fflush(NULL); /* C's own streams: ctypes can print */
	if (start.hook)
		start.hook();
	_exit(code);
}

void finish_exit(int code)
{
	if (shut_down() < 0)
		code = 120;
	leave(code);
	__builtin_unreachable();
}

void finish_main(int code)
{
	if (shut_down() < 0)
		code = 120;
	if (_Py_UnhandledKeyboardInterrupt) {
		fflush(NULL);
		signal(SIGINT, SIG_DFL);
		kill(getpid(), SIGINT);
		code = SIGINT + 128;
	}
	leave(code);
	__builtin_unreachable();
}

void __wrap_Py_Exit(int code)
{
	finish_exit(code);
}
