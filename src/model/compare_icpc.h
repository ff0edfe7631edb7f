/* SPDX-License-Identifier: Apache-2.0 */
/* The default output validator of ICPC and Kattis problem packages.  Pure, allocates nothing. */
#pragma once

#include <stdbool.h>

#include "model/request.h"

/*
 * By spec->icpc, abs and rel (below 0: that tolerance was not given; both: numbers are compared as text). Where it is false: the
 * word, or where that counts the white space, that differs; empty at the end of a text.
 */
bool compare_icpc(const struct compare_spec *spec, struct text actual, struct text expected,
		  struct text *ret_actual, struct text *ret_expected);
