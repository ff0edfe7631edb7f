/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where our own files lie: beside the binary when it lies in a build directory of its source tree, else
 * where `meson install` put them.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "gate/cli/settings.h"

struct paths {
	const char *languages_dir, *profile, *log_dir, *state_dir;
	const char *trees_dir;	      /* root's alone: not below state_dir, which is the gate's */
	const char *launcher, *probe; /* the static helpers */
	const char *unpack;	      /* reads archives of trees */
	const char *python;	      /* the python runner */
	const char *node_addon, *node_preload, *node_place;
};

/* Options win. Text lives in the arena, or where the settings point. 0 or a negative errno. */
int paths_find(const struct settings *s, struct arena *arena, struct paths *ret, struct err *err);
