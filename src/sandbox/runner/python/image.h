/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Huge pages for what every child shares or copies: the program's own text and data, and all that the
 * interpreter allocates until it serves.  What fails here costs speed and nothing else, so nothing is
 * reported.  One thread.
 */
#pragma once

#include <stddef.h>

/* Before the interpreter exists: moves text and data of the main program into anonymous 2 MB pages, at the same addresses. */
void image_move(void);
/* New memory at a multiple of 2 MB, in pages of that size, or NULL. */
void *image_map_huge(size_t bytes);

/* Between Py_PreInitialize and Py_InitializeFromConfig: the interpreter's memory comes from one region. */
void heap_install(void);
/* From here on nothing new is placed in the region: it is what children copy on write. */
void heap_seal(void);
