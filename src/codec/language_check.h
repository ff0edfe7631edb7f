/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema cannot say of a language: names, paths, limits. Private to the YAML reader. */
#pragma once

#include "model/language.h"

struct language_fault {
	const char *key; /* the top-level key in the file that broke a rule */
	char rule[160];
};

/* Returns 0, or 1 with *fault set. */
int language_check(const struct language *l, struct language_fault *fault);
/* Names, aliases and extensions of *l that another of the first n languages has too: 1, else 0. */
int language_check_unique(const struct language *l, const struct language *others, size_t n,
			  struct language_fault *fault);
