/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State that modules draw once, at their import, and that must be drawn again in each child: random
 * numbers, the time, thread numbers.  A module that is loaded ahead and keeps such state needs a row here.
 */
#pragma once

#include <Python.h>

typedef int (*renew_fn)(PyObject *module); /* 0, or -1 with a Python error */

/* For the module of this name, or NULL. */
renew_fn renew_find(const char *name);
