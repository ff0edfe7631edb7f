/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A failure (we or the host broke) is a negative errno plus its story, wrapped on the way up and
 * printed once, where something gives up.  A caller that does not want the story passes NULL.
 *
 * Three kinds of "wrong" are never mixed: a verdict (their program did it) is data in a result, a
 * refusal (their request is bad) is a struct refusal of model/request.h, a failure is this.
 */
#pragma once

#include <stddef.h>

#define ERR_TEXT_BYTES 512

struct err {
	int code; /* negative errno, 0 while nothing failed */
	char text
		[ERR_TEXT_BYTES]; /* "outer: inner: strerror", always terminated, cut when too long */
};

#define ERR_INIT \
	{ \
		.code = 0, .text = "" \
	}

/* Sets *e (may be NULL) and returns -|code|; appends ": strerror" when code is not 0. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "fmt: " before the text; returns e->code, or -EIO when e is NULL or holds no code. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
