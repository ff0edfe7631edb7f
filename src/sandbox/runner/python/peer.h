/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain Python of this tree, which the zygote must equal.
 */
#pragma once

#include <stddef.h>

/* Asks /usr/bin/python3.11 what it is; also what gc.get_count()[0] is at a program's first line. */
int peer_ask(int *ret_gc_count, char *why, size_t size);
/* Then: is it what is linked into us? Both return 0, or -1 with a sentence in `why`. */
int peer_compare(char *why, size_t size);
