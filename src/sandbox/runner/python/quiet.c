/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To take down what a program has made costs more than to make it: every object is written to once more, in
 * pages that were the zygote's or have gone cold.  Most programs cannot tell: memory is all that their
 * objects hold.  The others have an object whose end shows, and every such object is found here.
 *
 * What runs at an object's end is its type's finaliser (__del__, generators, files, tasks), or the callback of a
 * weak reference to it.  Whatever of this the program has made is followed by the collector, wherever
 * it is kept; so is a class, even where its instances are not (those with empty __slots__).  A class
 * of the zygote that was given a __del__ refers to that name.  The few types that have a finaliser and are
 * not followed (directory iterators, sockets) only warn, and only where the filters of warnings have been changed.
 *
 * Also noticed: whoever watches (audit hooks, trace and profile functions, callbacks of the collector and what it
 * prints when debugged), streams that are no longer ours, and gc.freeze(), which takes objects out of
 * the lists.  Other threads have been stopped by then.  One "no" and the program ends the long way.
 */
#define Py_BUILD_CORE 1
#include "sandbox/runner/python/quiet.h"

#include <Python.h>
#include <internal/pycore_gc.h>
#include <internal/pycore_global_strings.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>

#include "sandbox/runner/python/shelf.h"

static const char *const names[] = { "stdout", "__stdout__", "stderr", "__stderr__" };

static struct {
	PyObject *names[Py_ARRAY_LENGTH(names)], *streams[Py_ARRAY_LENGTH(names)];
	PyObject *sys_dict;
	PyObject *warnings;    /* the name */
	PyObject *filter_list; /* the live one */
	PyObject *filters;     /* tuple: what it held */
	Py_ssize_t del_refs;   /* to the name __del__ */
	uintptr_t frozen_last; /* end of the list of what is frozen */
} quiet;

static struct _gc_runtime_state *collector(void)
{
	return &PyThreadState_Get()->interp->gc;
}

static PyObject *del_name(void)
{
	return (PyObject *)&_Py_ID(__del__);
}

int quiet_prepare(void)
{
	PyInterpreterState *interp = PyThreadState_Get()->interp;

	quiet.sys_dict = interp->sysdict;
	for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
		quiet.names[i] = PyUnicode_InternFromString(names[i]);
		if (!quiet.names[i])
			return -1;
		quiet.streams[i] = PyDict_GetItemWithError(quiet.sys_dict, quiet.names[i]);
	}
	quiet.warnings = PyUnicode_InternFromString("warnings");
	quiet.filter_list = interp->warnings.filters;
	quiet.filters = PySequence_Tuple(quiet.filter_list);
	if (!quiet.warnings || !quiet.filters)
		return -1;
	PyObject_GC_UnTrack(quiet.filters); /* else it is the first thing found */
	quiet.del_refs = Py_REFCNT(del_name());
	quiet.frozen_last = collector()->permanent_generation.head._gc_prev;
	return 0;
}

static bool is_watched(PyThreadState *ts)
{
	const struct _gc_runtime_state *gc = &ts->interp->gc;

	return ts->interp->audit_hooks || _PyRuntime.audit_hook_head || ts->c_tracefunc ||
	       ts->c_profilefunc || gc->debug ||
	       (gc->callbacks && PyList_GET_SIZE(gc->callbacks)) ||
	       (gc->garbage && PyList_GET_SIZE(gc->garbage));
}

static bool has_our_streams(void)
{
	for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++)
		if (!quiet.streams[i] ||
		    PyDict_GetItemWithError(quiet.sys_dict, quiet.names[i]) != quiet.streams[i])
			return false;
	return true;
}

static bool ignores_warnings(PyInterpreterState *interp)
{
	PyObject *module = PyDict_GetItemWithError(interp->modules, quiet.warnings);
	PyObject *list = interp->warnings.filters;

	if (list != quiet.filter_list || PyList_GET_SIZE(list) != PyTuple_GET_SIZE(quiet.filters) ||
	    (module && !shelf_is_pristine(quiet.warnings, module)))
		return false;
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
		if (PyList_GET_ITEM(list, i) != PyTuple_GET_ITEM(quiet.filters, i))
			return false;
	return true;
}

static bool has_finaliser(const PyTypeObject *type)
{
	return type->tp_finalize || type->tp_del;
}

static bool ends_silently(PyObject *o)
{
	if (has_finaliser(Py_TYPE(o)))
		return false;
	if (PyType_Check(o))
		return !has_finaliser((PyTypeObject *)o);
	return !PyWeakref_Check(o) || !((PyWeakReference *)o)->wr_callback;
}

static bool all_end_silently(const struct _gc_runtime_state *gc)
{
	for (int i = 0; i < NUM_GENERATIONS; i++) {
		const PyGC_Head *head = &gc->generations[i].head;

		for (const PyGC_Head *at = _PyGCHead_NEXT(head); at != head;
		     at = _PyGCHead_NEXT(at))
			if (!ends_silently((PyObject *)(at + 1)))
				return false;
	}
	return true;
}

bool quiet_is(void)
{
	PyThreadState *ts = PyThreadState_Get();
	const struct _gc_runtime_state *gc = &ts->interp->gc;

	return !ts->interp->next && !is_watched(ts) && has_our_streams() &&
	       ignores_warnings(ts->interp) && Py_REFCNT(del_name()) == quiet.del_refs &&
	       gc->permanent_generation.head._gc_prev == quiet.frozen_last && all_end_silently(gc);
}
