/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Would anybody notice if a program's objects were never destroyed?
 */
#pragma once

#include <stdbool.h>

/* In the zygote, when all that children share has been loaded and frozen. 0, or -1 with a Python error. */
int quiet_prepare(void);
/* At a program's end, with one thread left, after its exit functions and a flush. Writes to no object. */
bool quiet_is(void);
