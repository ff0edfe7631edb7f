/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask, and how much: tenants, each with tokens, a rate, shares and caps of its own.  Of a token only the BLAKE2b
 * hash is kept, here and in the file; it is compared in constant time, and written to no log.
 *
 * Without tenants everybody is the tenant "", which is for sockets that strangers cannot reach.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "gate/desk/desk_ask.h"

#define AUTH_NAME_BYTES 64  /* of a tenant's name, with its NUL */
#define AUTH_TOKEN_BYTES 68 /* "kw_", 64 digits, NUL */
#define AUTH_HASH_BYTES 32

struct auth;

struct auth_tenant {
	struct desk_tenant desk;
	double rate, burst; /* submissions a second, and at once; 0: no limit */
};

/* path NULL: everybody is "". The file is opened now, and kept: it is read again after privileges are gone. */
int auth_new(const char *path, struct auth **ret, struct err *err);
void auth_free(struct auth *a);
/* What stands in the file now. On a failure everything stays as it was. */
int auth_reload(struct auth *a, struct err *err);
bool auth_required(const struct auth *a);
/* By an Authorization header (may be NULL). NULL: nobody. Valid until the next reload. */
const struct auth_tenant *auth_find(struct auth *a, const char *header);
const struct auth_tenant *auth_by_name(struct auth *a, const char *name);
/* Takes one submission from the tenant's bucket: 0, or after how many seconds to ask again. */
unsigned auth_take(struct auth *a, const char *name);
/* So many more, whatever is left: a batch may overdraw it, and is paid for before the next. */
void auth_charge(struct auth *a, const char *name, uint64_t submissions);

/* A new token and the hash that the file keeps of it, both as text. */
int auth_make_token(char token[static AUTH_TOKEN_BYTES], char hash[static 2 * AUTH_HASH_BYTES + 1]);
