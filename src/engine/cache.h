/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Artefacts of compile steps, by everything that they were made of.  A step's key is a hash of its argv,
 * environment, files and limits, the language, the tree that it sees, and the tenant: what was found here is told,
 * and nobody is to learn that way what somebody else has sent.  Only what compiled well is kept, within bounds; the
 * least lately used goes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/plan.h"
#include "model/result.h"

#define CACHE_KEY_BYTES 32

struct cache;

struct cache_config {
	uint64_t max_bytes;   /* of artefacts and what their compilers said */
	unsigned max_entries; /* each holds a descriptor */
	const char *tree;     /* its identity: an image's digest, or a name; copied */
	bool host; /* the tree is this host's: the compiler's file and the package database count as well */
};

struct cache_entry {
	int artefact_fd; /* sealed; borrowed */
	struct text out, err;
	bool out_truncated, err_truncated, denied_known;
};

struct cache_counts {
	uint64_t bytes;
	unsigned entries;
};

/* NULL: no memory. */
struct cache *cache_new(const struct cache_config *c);
void cache_free(struct cache *c);
void cache_key(const struct cache *c, const char *tenant, const struct plan *plan,
	       const struct plan_step *step, unsigned char key[static CACHE_KEY_BYTES]);
/* False: not there. Valid until the next call. */
bool cache_find(struct cache *c, const unsigned char *key, struct cache_entry *ret);
/* Keeps a duplicate of the descriptor, if there is room; else it does not. */
void cache_put(struct cache *c, const unsigned char *key, const struct cache_entry *entry);
void cache_count(const struct cache *c, struct cache_counts *ret);
