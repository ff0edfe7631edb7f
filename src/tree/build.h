/* SPDX-License-Identifier: Apache-2.0 */
/* A tree out of Debian packages, by mmdebstrap, from where this system's own packages come from. */
#pragma once

#include "base/arena.h"
#include "tree/make.h"

/* What a declaration says; all text in an arena. */
struct tree_declaration {
	const char *suite; /* never NULL: this system's own where nothing was said */
	const char *const *packages, *const *languages; /* NULL-terminated */
	const char *aim;				/* all of it, in one spelling */
};

/* A file; NULL: all that this system is, and no packages. -EINVAL: it breaks a rule, *err says which and where. */
int build_read(const char *path, struct arena *arena, struct tree_declaration *ret,
	       struct err *err);
/* Names of packages as Debian spells them. Adds them to what is declared. */
int build_add(struct tree_declaration *d, const char *const *packages, struct arena *arena,
	      struct err *err);
/* Fills make.root; what mmdebstrap says goes to stderr, or to a file where that is no terminal. */
int build_packages(const struct tree_make *m, const struct tree_declaration *d, struct err *err);
