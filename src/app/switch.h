/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running service moves to other boxes: those of another tree, of the same one made anew, or of changed languages.  The
 * keeper (keeper.h) makes and proves them; here they are taken over, and those before are left when their last job has ended.
 */
#pragma once

#include <sys/queue.h>

#include "app/keeper.h"

struct switch_left;
struct switch_languages;

TAILQ_HEAD(switch_lefts, switch_left);

struct switch_hooks {
	/* The service has other boxes: what was noted of the old ones is noted anew; in the arena what lives as long. */
	int (*taken)(void *user, const struct handover *h, struct arena *arena);
	/* The warden that serves has died. */
	sd_event_io_handler_t on_warden;
	/* Nothing is going on any more. */
	void (*over)(void *user);
	void *user;
};

struct tree_switch {
	struct service *service;
	struct cache_config cache; /* of what is to be kept of compiled programs */
	struct switch_hooks hooks;
	struct keeper keeper;	      /* owned */
	int languages_fd;	      /* owned: the languages' directory, as it was at the start */
	sd_event_source *source;      /* owned: of the keeper's socket */
	sd_event_source *warden;      /* owned: of the warden's death */
	struct switch_languages *now; /* NULL: those of the start */
	struct switch_lefts left;     /* owned */
	bool asked, again;
};

#define SWITCH_INIT \
	{ \
		.keeper = KEEPER_INIT, .languages_fd = -1 \
	}

/*
 * After service_load(), before service_start(): as root, where boxes are native; else there is no keeper, and another
 * tree takes a restart. What the config points to is the keeper's as it is now.
 */
int switch_open(struct tree_switch *w, struct service *service, const struct keeper_config *config,
		struct err *err);
/* When the engine is there. Also watches the warden. */
int switch_watch(struct tree_switch *w, const struct switch_hooks *hooks,
		 const struct cache_config *cache, struct err *err);
/* Whether there is a keeper. */
bool switch_can(const struct tree_switch *w);
/* Looks whether anything changed, and moves there. hooks->over tells when it is done, from the loop. */
void switch_ask(struct tree_switch *w);
/* Nothing is taken any more: the service ends. */
void switch_hush(struct tree_switch *w);
/* Two steps around service_done(), which ends what these boxes ran in: the first before, with the engine still there. */
void switch_close(struct tree_switch *w);
void switch_done(struct tree_switch *w);
