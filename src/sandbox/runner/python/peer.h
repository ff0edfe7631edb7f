/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain Python of this tree, which the zygote must equal.
 */
#pragma once

#include <stddef.h>

/*
 * The program that both are asked with, so that what it costs to read it is the same.  It reads a number and
 * prints gc.get_count() and the number; with an argument, then what its Python is.
 */
extern const char peer_program[];
#define PEER_INPUT "7\n"

/* Asks /usr/bin/python3.11 what it is; also what gc.get_count() is at a program's first line. */
int peer_ask(int ret_gc_count[3], char *why, size_t size);
/* Then: is it what is linked into us? Both return 0, or -1 with a sentence in `why`. */
int peer_compare(char *why, size_t size);
