/* SPDX-License-Identifier: Apache-2.0 */
/* Where V8's heap lies in a zygote; see place.c. */
#pragma once

#include <stdint.h>

#define HUGE_BYTES ((uintptr_t)2 << 20)
/* V8's pages, and what all of its pieces are aligned to. */
#define PLACE_PIECE ((uintptr_t)256 << 10)
#define PLACE_PIECES 1024u

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the second piece begins, and a huge page; the first V8 makes read-only. 0: pieces lie anywhere. There is no such function
 * where place.so could not be loaded.
 */
uintptr_t place_huge_from(void) __attribute__((weak, visibility("default")));

#ifdef __cplusplus
}
#endif
