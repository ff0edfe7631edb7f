/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything behind a gate, brought up in the one order that is safe:
 *
 *   service_load   our own files: paths, languages                      any user
 *   service_start  the filter compiled, the warden forked               root, or rootless (rootless.h)
 *     … the caller opens what was named on the command line …
 *   service_enter  logs opened, privileges dropped, engine made         nobody from here on
 *
 * and only then is a stranger's byte read.  service_done undoes any part of it, also none.
 */
#pragma once

#include "app/identity.h"
#include "app/paths.h"
#include "app/rootless.h"
#include "app/service_docker.h"
#include "base/log.h"
#include "engine/cache.h"
#include "engine/engine.h"
#include "engine/probe.h"
#include "model/planner.h"
#include "sandbox/warden.h"
#include "tree/place.h"

struct service {
	struct arena arena; /* of our own files */
	struct paths paths;
	struct language_set languages;
	struct planner_config planner;
	struct seccomp_program base, closing; /* owned */
	struct rootless rootless;	      /* owned */
	const char *tree_word;		      /* as it was named; NULL: the host's */
	struct tree_place tree;		      /* owned; opened by service_look() */
	struct identity identity;	      /* of what boxes see, as service_look() found it */
	bool looked;
	bool prepared; /* set by the caller: for a service that runs, which tells of it itself */
	struct warden warden;	      /* owned */
	struct service_docker docker; /* owned; instead of the warden */
	unsigned lanes;
	sd_event *loop;		 /* owned */
	struct backend *backend; /* owned */
	struct engine *engine;	 /* owned */
	struct probe_config probe;
	char *probe_program; /* owned */
	struct lane_runner runners[RUNNER_KINDS];
	unsigned proved, refused; /* a bit per runner kind */
	unsigned gate_uid, gate_gid;
	bool unprobed; /* set by the caller: enter without probing (doctor does it itself) */
};

#define SERVICE_INIT \
	{ \
		.warden = WARDEN_INIT, .tree = TREE_PLACE_INIT, .probe = PROBE_CONFIG_INIT \
	}

int service_load(struct service *s, const struct settings *settings, struct err *err);
/* What boxes would see: the tree is opened, its languages are looked for. service_start() does it too. */
int service_look(struct service *s, struct err *err);
/* lanes 0: as many as there are usable cpus. */
int service_start(struct service *s, unsigned lanes, struct err *err);
/* So many lanes, or as many as there are usable cpus. */
unsigned service_lanes(unsigned asked);
/* Probes every layer; a required one that does not bite is a failure that names it. */
int service_enter(struct service *s, struct err *err);
/* Of a gate that makes no boxes: logs opened, privileges dropped, a loop. gate_uid and gate_gid are the caller's to set. */
int service_enter_bare(struct service *s, struct err *err);
int service_probe(struct service *s, struct probe_report *ret, struct err *err);
/*
 * Makes the language's warm runner ready, as the mode says, before its requests are planned: until then, and wherever it cannot
 * be had, they run cold.  -ENOTSUP with the reason where warm or pooled was asked for in vain.
 * worth: what auto goes by.
 */
int service_warm(struct service *s, enum runner_mode mode, const struct language *language,
		 bool worth, struct err *err);
/* How the compile cache tells what a compiler is made of; false where nobody can, and there must be none. */
bool service_cache_config(const struct service *s, struct cache_config *ret);
/* The tree's name, for people. */
const char *service_tree_name(const struct service *s);
void service_tell_tree(const struct service *s);
/* The probe's program, for whoever starts the boxes. */
int service_load_probe(struct service *s, struct err *err);
void service_done(struct service *s);
