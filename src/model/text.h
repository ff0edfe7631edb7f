/* SPDX-License-Identifier: Apache-2.0 */
/* A counted run of bytes: may hold NUL, is not owned by this struct. */
#pragma once

#include <stddef.h>

struct text {
	const char *data;
	size_t len;
};

#define TEXT(s) ((struct text){ (s), sizeof(s) - 1 })
