/* SPDX-License-Identifier: Apache-2.0 */
/*
 * languages/NAME.yaml -> struct language; broken files are refused with path, line and column.  All
 * return 0 or a negative errno; -EINVAL: the text breaks a rule, *err says where and which.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/language.h"

/* Loads every *.yaml of a directory, sorted by name; refuses doubled names, aliases, extensions. */
int language_yaml_load_dir(const char *dir, struct arena *arena, struct language_set *ret,
			   struct err *err);
int language_yaml_load_file(const char *path, struct arena *arena, struct language *ret,
			    struct err *err);
/* From memory, for tests and fuzzing; `path` is for messages. */
int language_yaml_load_text(const char *path, const char *text, size_t len, struct arena *arena,
			    struct language *ret, struct err *err);
