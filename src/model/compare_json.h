/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two JSON values as text: what a function returned, and what it should have.  Objects must have their keys in the same
 * order, which whoever writes the two sees to; white space does not count, nor how a number or a string is written.
 */
#pragma once

#include "model/compare.h"

/* `expected` is JSON; `actual` may be anything. False: the two tokens that differ, one of them empty where its text had ended. */
bool compare_json(const struct compare_spec *spec, struct text actual, struct text expected,
		  struct text *ret_actual, struct text *ret_expected);
