/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service and its boxes while they change (switch.h): what the keeper goes by, and what the service tells of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "app/serve.h"
#include "base/cleanup.h"

/* In the keeper's child, as root: of the configuration only this word is wanted. */
static int tree_now(void *user, struct arena *arena, const char **ret, struct err *err)
{
	const struct serve *s = user;
	_cleanup_close_ int kept = -1;
	struct serve_config config;
	int r = serve_config_load(&s->said, arena, &kept, &config, err);

	if (r < 0)
		return err_wrap(err, "configuration");
	*ret = *config.tree ? config.tree : NULL;
	return 0;
}

int serve_boxes_open(struct serve *s, struct err *err)
{
	unsigned lanes = service_lanes((unsigned)s->settings.lanes);
	const struct keeper_config keeper = {
		.settings = &s->settings, .tree = tree_now, .user = s, .lanes = lanes
	};

	return switch_open(&s->boxes, &s->service, &keeper, err);
}

void serve_boxes_tell(struct serve *s)
{
	const struct service *service = &s->service;

	s->facts.tree = service->docker.on ? NULL : service_tree_name(service);
	s->facts.tree_digest = *service->tree.digest ? service->tree.digest : NULL;
}

static int list_runners(struct serve *s, const struct handover *h, struct arena *arena)
{
	struct http_runner_fact *list = arena_alloc_array(arena, h->nrunners + 1, sizeof(*list));

	s->facts.nrunners = 0; /* those that were listed are about to go */
	if (!list)
		return -ENOMEM;
	for (uint32_t i = 0; i < h->nrunners; i++)
		list[i] = (struct http_runner_fact){
			&s->service.languages.langs[h->runners[i].language], h->runners[i].report
		};
	s->facts.runners = s->runners = list;
	s->facts.nrunners = h->nrunners;
	return 0;
}

/* Only boxes whose required layers hold are handed over. */
static int taken(void *user, const struct handover *h, struct arena *arena)
{
	struct serve *s = user;

	s->layers = h->layers;
	s->facts.layers = &s->layers;
	s->facts.missing = NULL;
	for (size_t i = 0; i < s->service.languages.len; i++)
		engine_count_language(s->service.engine, s->service.languages.langs[i].name);
	serve_boxes_tell(s);
	return list_runners(s, h, arena);
}

static void over(void *user)
{
	const struct serve *s = user;

	if (!s->draining)
		sd_notify(0, s->facts.missing ? "READY=1\nSTATUS=Required layers are missing"
					      : "READY=1\nSTATUS=Serving");
}

int serve_boxes_watch(struct serve *s, sd_event_io_handler_t on_warden, struct err *err)
{
	const struct cache_config cache = { .max_bytes = SERVE_CACHE_BYTES,
					    .max_entries = SERVE_CACHE_ENTRIES };
	const struct switch_hooks hooks = {
		.taken = taken, .on_warden = on_warden, .over = over, .user = s
	};

	s->boxes.service = &s->service;
	return switch_watch(&s->boxes, &hooks, &cache, err);
}
