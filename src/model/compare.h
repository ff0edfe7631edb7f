/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison of a test's raw stdout bytes with what was expected.  Pure, allocates only for `unordered`. */
#pragma once

#include "model/request.h"

extern const char *const compare_names[COMPARE_MODES];

/* 1 equal, 0 different, negative errno when out of memory. */
int compare_text(const struct compare_spec *spec, struct text actual, struct text expected);
