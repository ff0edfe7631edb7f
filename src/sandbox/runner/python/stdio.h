/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sys.stdin, sys.stdout and sys.stderr: made in the zygote for what boxes usually have at 0, 1 and 2,
 * made again in a child whose descriptors are something else. All return 0, or -1 with a Python error.
 */
#pragma once

/* Around the start of the interpreter: pipes stand at 0 to 2. */
int stdio_lend_pipes(int keep[3]);
void stdio_give_back(const int keep[3]);
/* While they stand there: remembers what they look like, and makes a second stdin for files. */
int stdio_prepare(void);
/* In a child. */
int stdio_fit(void);
