/* SPDX-License-Identifier: Apache-2.0 */
/* What boxes are made of, as a digest: whether it is still the same is one comparison. */
#pragma once

#include "app/paths.h"
#include "base/err.h"
#include "model/language.h"
#include "tree/place.h"

#define IDENTITY_BYTES 32

struct identity {
	unsigned char bytes[IDENTITY_BYTES];
};

/* Of the languages' files, byte for byte. */
void identity_of_languages(const struct language_set *set, struct identity *ret);
/* Of the tree (which directory, which digest), what is in it of the languages, their files, and the profile. */
int identity_of_boxes(const struct tree_place *tree, const struct language_set *set,
		      const char *profile, struct identity *ret, struct err *err);
/* Of our own programs that boxes are made with: they must be of one build with us. */
void identity_of_build(const struct paths *paths, struct identity *ret);
bool identity_same(const struct identity *a, const struct identity *b);
