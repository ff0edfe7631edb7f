/* SPDX-License-Identifier: Apache-2.0 */
/* Where a wrong answer goes wrong, for people at a terminal: one printable line. */
#pragma once

#include <stddef.h>

#include "model/compare.h"

/* "line 3, column 2: expected "64", got "63"". Always terminated; returns its length. */
size_t first_difference(const struct difference *d, char *text, size_t size);
