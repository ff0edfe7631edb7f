/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which languages this host has: what their files name (version, compile, run, needs, tree) is there, in a place that
 * boxes see.  A language that lacks anything is known, and not offered.  0 or a negative errno.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/language.h"
#include "tree/place.h"

/* Puts a set with `absent` filled in into *set. tree: one of one's own, in which is looked; NULL: the host. */
int installed_mark(struct language_set *set, const struct tree_place *tree, struct arena *arena,
		   struct err *err);
/* The same as somebody with more rights has found it: what he found absent, or not, is so. */
int installed_agree(struct language_set *set, const bool *absent, struct arena *arena,
		    struct err *err);
/* The paths that all offered languages want in the tree, once each, sorted; NULL-terminated. */
int installed_tree(const struct language_set *set, struct arena *arena, const char *const **ret,
		   struct err *err);
