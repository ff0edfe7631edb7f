/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profiles/seccomp.json (Docker's format) -> struct profile.  A rule whose "comment" is "tripwire"
 * becomes PROFILE_TRIPWIRE.  Unknown keys, a default that allows, and an ERRNO action of 0 are
 * refused.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/profile.h"

/* Both return 0 or a negative errno; -EINVAL: the text breaks a rule, *err says where and which. */
int profile_json_load(const char *path, struct arena *arena, struct profile *ret, struct err *err);
int profile_json_decode(const char *text, size_t len, struct arena *arena, struct profile *ret,
			struct err *err);
