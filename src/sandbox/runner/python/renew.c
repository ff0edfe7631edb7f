/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See renew.h.  It happens when a program imports the module, which is when plain Python would have drawn
 * that state, and costs nothing to programs that do not.
 */
#include "sandbox/runner/python/renew.h"

#include <string.h>

static int call(PyObject *owner, const char *method)
{
	PyObject *r = owner ? PyObject_CallMethod(owner, method, NULL) : NULL;

	Py_XDECREF(r);
	return r ? 0 : -1;
}

/* random.seed, numpy.random.seed: without an argument, from the kernel. */
static int renew_seed(PyObject *module)
{
	return call(module, "seed");
}

/* The main thread's kernel number: that of the child. */
static int renew_threading(PyObject *module)
{
	PyObject *thread = PyObject_GetAttrString(module, "_main_thread");
	int r = call(thread, "_set_native_id");

	Py_XDECREF(thread);
	return r;
}

/* What %(relativeCreated)d counts from. */
static int renew_logging(PyObject *module)
{
	PyObject *time = PyImport_ImportModule("time"), *now;
	int r;

	now = time ? PyObject_CallMethod(time, "time", NULL) : NULL;
	r = now ? PyObject_SetAttrString(module, "_startTime", now) : -1;
	Py_XDECREF(now);
	Py_XDECREF(time);
	return r;
}

static const struct {
	const char *name;
	renew_fn renew;
} rows[] = {
	{ "random", renew_seed },
	{ "numpy.random", renew_seed },
	{ "threading", renew_threading },
	{ "logging", renew_logging },
};

renew_fn renew_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].renew;
	return NULL;
}
