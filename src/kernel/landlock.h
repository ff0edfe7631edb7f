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
 * The rules, of paths as the caller sees them now, for landlock_enter(); binds nobody yet. Returns an owned descriptor (close-on-exec)
 * or a negative errno.
 */
int landlock_ruleset(int abi, const struct landlock_rule *rules, size_t nrules);
/* Binds the calling thread, and whom it makes, to such rules. Needs no_new_privs. Returns 0 or a negative errno. */
int landlock_enter(int abi, int ruleset);
/*
 * Both in one.  Denies every filesystem right but those of the rules, all TCP, and, from ABI 6, signals and abstract
 * unix sockets across the domain's border. Needs no_new_privs. Returns 0 or a negative errno.
 */
int landlock_restrict(int abi, const struct landlock_rule *rules, size_t nrules);
