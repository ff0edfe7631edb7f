/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules that are loaded ahead but do not show: a program finds sys.modules as a fresh interpreter has
 * it, and an import brings a module from the shelf together with all that it would have imported.
 *
 * Order: shelf_open(), imports, shelf_close(); then children.  They return 0, or -1 with a Python error.
 */
#pragma once

#include <Python.h>
#include <stdbool.h>

/* Remembers what a fresh interpreter has, and watches imports from here on. */
int shelf_open(void);
/* Takes away what has been imported since. */
int shelf_close(void);

/* Is what sys.modules has under this name ours (fresh or from the shelf), unchanged by the program? */
bool shelf_is_pristine(PyObject *name, PyObject *module);
