/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many descriptors a process of ours may have.  What is inherited as the soft limit is meant for programs
 * that hand descriptors to select(); ours do not.
 */
#pragma once

#include <stdint.h>

/* The soft limit becomes the hard one, where that can be; what it is then. 0: the kernel does not tell. */
uint64_t open_files_raise(void);
/* What it is now. */
uint64_t open_files_limit(void);
/* The soft limit alone. 0 or a negative errno. Also between fork and exec. */
int open_files_set(uint64_t soft);
