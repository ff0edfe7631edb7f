/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 as Unicode 15 table 3-7 has it: no surrogates, nothing overlong, nothing above U+10FFFF.
 * What is not valid is taken apart in maximal subparts (section 3.9, "U+FFFD Substitution of
 * Maximal Subparts"), as Python's errors="replace" and the web's decoders do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Length of the character, or of the maximal subpart to be replaced, at s; len must not be 0. */
size_t utf8_step(const char *s, size_t len, bool *ret_valid);
bool utf8_valid(const char *s, size_t len);
/* len without a character at the end that a cut left incomplete. */
size_t utf8_whole_len(const char *s, size_t len);
