/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of tenants and tokens: a list of entries in YAML, as `kodewar token` appends them.
 *
 *   - name: alice
 *     hash: 64 digits        of the token, BLAKE2b
 *     rate: 10               submissions a second, burst: at once; absent: no limit
 *     concurrency: 2         boxes at once
 *     queue: 100             jobs that are not over
 *     caps: {cpu_ms: 1000}   lower than the deployment's
 *
 * Further entries of a name are further tokens of it, and have nothing but name and hash.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/limits.h"

#define TOKENS_NAME_MAX 63 /* letters, digits, '-', '_' and '.' */
#define TOKENS_HASH_BYTES 32

struct token_entry {
	const char *name;
	unsigned char hash[TOKENS_HASH_BYTES];
	bool more;	    /* of a name that an earlier entry has: the rest is that one's */
	double rate, burst; /* 0: no limit */
	unsigned concurrency, queue;
	struct limits caps; /* overlay */
};

bool tokens_name_ok(const char *name);
/* From memory; `path` is for messages. 0 or a negative errno, -EINVAL with where and why. */
int tokens_yaml_load_text(const char *path, const char *text, size_t len, struct arena *arena,
			  struct token_entry **ret, size_t *ret_n, struct err *err);
