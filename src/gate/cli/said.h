/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of a stranger's program for one line of a terminal, with nothing in them that it obeys or that cannot be seen:
 * printable ASCII, and where our locale says that the terminal reads UTF-8 also other characters with ink.
 */
#pragma once

#include <stddef.h>

#include "codec/excerpt.h"
#include "model/text.h"

size_t said_excerpt(const struct excerpt *e, char *text, size_t size);

/* As much of the first `most` bytes as fits; "..." where that is not all. All of these return the length. */
size_t said_words(struct text words, size_t most, char *text, size_t size);

/* Interpreters end their complaint with what is wrong: the last line that is not blank, "" where there is none. */
size_t said_last_line(struct text said, char *text, size_t size);

/* Compilers begin with it, behind where they are: the first line that says "error", else the first that is not blank. */
size_t said_error_line(struct text said, char *text, size_t size);
