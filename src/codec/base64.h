/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648 section 4, with padding. Reading is strict: no white space, no stray bits. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#define BASE64_ENCODED_LEN(len) (((len) + 2) / 3 * 4)
#define BASE64_DECODED_MAX(len) ((len) / 4 * 3)

/* Writes BASE64_ENCODED_LEN(len) characters, no NUL. */
void base64_encode(const void *data, size_t len, char *ret);
/* Writes at most BASE64_DECODED_MAX(len) bytes. Returns how many, or -EINVAL. */
ssize_t base64_decode(const char *text, size_t len, void *ret);
