/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that people type: whole words only, decimal, no sign, no blank, overflow is an error. */
#pragma once

#include <stdint.h>

/* 0, or -EINVAL where the word is no number, or -ERANGE where it is too large. */
int parse_u64(const char *word, uint64_t *ret);
/* The same with an optional K, M or G (powers of 1024) at its end. */
int parse_size(const char *word, uint64_t *ret);
