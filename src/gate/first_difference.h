/* SPDX-License-Identifier: Apache-2.0 */
/* Where a wrong answer goes wrong, for people: one printable line. */
#pragma once

#include <stddef.h>

#include "model/text.h"

/*
 * "line 3: expected "64", got "63""; trailing white space does not count as long as something else
 * differs.  Always terminated; returns its length.
 */
size_t first_difference(struct text expected, struct text actual, char *text, size_t size);
