/* SPDX-License-Identifier: Apache-2.0 */
/* The last step before bytes of strangers are looked at. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define PRIVILEGE_NOBODY 65534u /* for commands that need no identity at all */

/*
 * Becomes uid:gid without groups or capabilities, for good: no_new_privs, not dumpable, and without the system
 * calls of kernel/seccomp_forgo.h. Before any thread is made. A caller who is not root keeps its ids. 0, or a negative errno after which the process must end.
 */
int privilege_drop(unsigned uid, unsigned gid, struct err *err);

/* The same in a user namespace that has but one id, which we keep. */
int privilege_drop_rootless(struct err *err);

/* What the making of boxes needs and this process lacks, for people. True when nothing is missing. */
bool privilege_enough(char *missing, size_t size);
/* The same as a failure that says so: 0 or -EPERM. */
int privilege_require(struct err *err);
