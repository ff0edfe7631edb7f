/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_loadb() for a stranger's bytes on a host that may run out of memory.  jansson 2.14 does not look whether the
 * buffer of its lexer grew, and then reads and writes beyond it: here it never gets to hear of a failed allocation.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* As json_loadb(); NULL with json_error_out_of_memory in *e where memory ran out. Nothing is left behind then. */
json_t *json_parse(const char *body, size_t len, size_t flags, json_error_t *e);
