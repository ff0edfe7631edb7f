/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter of the zygote: started as `python3.11 main.py` starts it, stopped short of opening the
 * file, and let go on in each child.
 */
#pragma once

#include <Python.h>

#include "sandbox/payload.h"

#define INTERP_PROGRAM "/usr/bin/python3.11"
/* Nearly every program is started like this, and all of it stands ready. */
#define INTERP_CWD "/box"
#define INTERP_FILE "main.py"

/*
 * Starts it with these modules loaded ahead (NULL-terminated). Returns 0, or -1 with one sentence in
 * ret_why, terminated and cut to size.
 */
int interp_start(char *const modules[], char *ret_why, size_t size);
#define INTERP_GC_THRESHOLD 700 /* gc.get_threshold()[0] */
/* What gc.get_count() is to be before the program is read, in a child. */
void interp_set_gc_count(const int count[3]);
/* In a child of the training: the program is in this file, whatever it is called. */
void interp_set_source(int fd);
/* In a child: runs the program and ends the process as Python would. */
void interp_run(const struct payload_view *v) __attribute__((noreturn));
