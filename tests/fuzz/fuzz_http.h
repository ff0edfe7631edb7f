/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the HTTP target share: a library, a desk and a memory that do as an input says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate/http/http_call.h"
#include "gate/http/http_private.h"

static inline void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* ---- fuzz_http_library.c: one connection with one request ---- */

#define FUZZ_HEADERS_MAX 64

struct fuzz_header {
	const char *name, *value;
};

struct MHD_Response {
	unsigned refs;
	char *body; /* owned; NULL: a stream */
	size_t len;
	ssize_t (*read)(void *user, uint64_t pos, char *buf, size_t max);
	void *user;
	size_t nheaders;
	char *headers[64]; /* owned, "Name: value" */
};

struct MHD_Connection {
	union MHD_ConnectionInfo info;
	struct http_conn *conn;
	struct fuzz_header headers[FUZZ_HEADERS_MAX];
	size_t nheaders, head_len;
	bool suspended, queued;
	unsigned status;
	struct MHD_Response *response; /* owned */
};

/* As the library does it, before and after each call into the gate. */
struct http_server *fuzz_server(void);
void fuzz_connection_done(struct MHD_Connection *c);
/* Whether the raw words of a refusal were sent. */
bool fuzz_refused(void);

/* ---- fuzz_http_desk.c ---- */

/* Forgets all; how each of the next asks is answered: an enum desk_answer_kind, or 8: at once, with -ENOMEM. */
void fuzz_desk_begin(unsigned kind);
/* Tells what is due. False: nothing was. */
bool fuzz_desk_turn(void);
/* Nobody may be owed anything. */
void fuzz_desk_check(void);

/* ---- fuzz_http.c: memory ---- */

void fuzz_memory_fail_at(unsigned n); /* 0: never; the nth allocation from now on fails, once */
