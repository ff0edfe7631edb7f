/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said about a new warden: between the service, the keeper and who prepares it (keeper.h).  Frames are of one
 * build, like those of wire.h.
 */
#pragma once

#include <limits.h>

#include "app/service.h"
#include "backend/native.h"
#include "engine/warm.h"

#define HANDOVER_LANGUAGES_MAX 256
#define HANDOVER_RUNNERS_MAX 16

/* The service's only order: look again. What it has is said so that nothing is made where nothing changed. */
struct handover_order {
	struct identity identity;
};

enum handover_kind {
	HANDOVER_SAME = 1, /* nothing changed */
	HANDOVER_READY,	   /* with descriptors, as below */
	HANDOVER_FAILED,   /* and why, in text */
};
enum {
	HANDOVER_WARDEN,
	HANDOVER_PIDFD,
	HANDOVER_TREE,
	HANDOVER_FDS
}; /* the last: of a tree of one's own only */

struct handover {
	uint32_t kind;
	char text[ERR_TEXT_BYTES];
	struct identity identity;
	struct identity languages; /* of the files alone */
	uint32_t nlanguages;
	bool absent[HANDOVER_LANGUAGES_MAX];
	char tree[PATH_MAX]; /* "": host */
	uint64_t tree_dev, tree_ino;
	char tree_digest[PLACE_DIGEST_HEX];
	struct native_state native;
	struct probe_report layers;
	unsigned cold;
	uint32_t nrunners;
	struct {
		uint32_t language; /* its place in the set */
		struct warm_report report;
	} runners[HANDOVER_RUNNERS_MAX];
};
