/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by raw system calls (headers of Debian 12 know ABI 2 only; the numbers of later ABIs are
 * written down here from the kernel's uapi).  No malloc: runs between clone and exec.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum landlock_access { LANDLOCK_READ_EXEC, LANDLOCK_DEVICES, LANDLOCK_READ_WRITE };

struct landlock_rule {
	const char *path;
	enum landlock_access access;
};

/* ABI version of the running kernel, 0 when there is none. */
int landlock_abi(void);
/*
 * Denies every filesystem right but those of the rules, all TCP, and, from ABI 6, signals and abstract
 * unix sockets across the domain's border. Needs no_new_privs. Returns 0 or a negative errno.
 */
int landlock_restrict(int abi, const struct landlock_rule *rules, size_t nrules);
