/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGHUP: logs are opened anew, tokens and configuration read again, each for itself: what is wrong with one of them is
 * told, and it stays as it was, whole.  A configuration is taken only after all of it was read and found good.  Jobs
 * that were admitted keep the limits that they were planned with.  Last of all it is looked whether boxes are to be made of
 * something else (switch.h).
 */
#include <stdio.h>
#include <string.h>

#include "app/serve_queue.h"
#include "base/log.h"

static void join(const char *const *words, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	for (; *words && n < size; words++)
		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", *words);
}

static void tell(const struct serve_changes *changes)
{
	char text[512];

	join(changes->live, text, sizeof(text));
	log_event(LOG_LEVEL_INFO, "configuration read again, changed: %s",
		  *text ? text : "nothing");
	join(changes->start, text, sizeof(text));
	if (*text)
		log_event(LOG_LEVEL_WARNING,
			  "configuration: only the next start can change this: %s", text);
}

/* Jobs, streams and results that are there stay, whatever the bounds are now. */
static void apply(struct serve *s)
{
	struct desk_config desk = { 0 };
	struct http_gate_config gate = { 0 };

	serve_limits(s);
	serve_gate_bounds(s, &gate);
	http_gate_rebound(s->gate, &gate);
	if (serve_queue_on(s)) {
		serve_queue_rebound(s);
		return;
	}
	serve_desk_bounds(s, &desk);
	desk_local_rebound(s->desk, &desk);
	engine_set_begun_bytes(s->service.engine, s->config.begun_bytes);
	journal_keep(s->journal, s->config.keep_sec, s->config.keep_bytes);
}

/* False: it is wrong, and nothing goes by it. */
static bool read_config(struct serve *s)
{
	struct err err = ERR_INIT;
	struct serve_changes changes;
	struct serve_config config;
	struct arena arena;

	if (!s->settings.serve.config)
		return true;
	arena_init(&arena, SERVE_CONFIG_BYTES);
	if (serve_config_load(&s->said, &arena, &s->config_fd, &config, &err) < 0) {
		log_event(LOG_LEVEL_ERROR, "configuration stays as it is: %s", err.text);
		arena_done(&arena);
		return false;
	}
	if (!switch_can(&s->boxes) && strcmp(s->config.tree, config.tree) != 0)
		log_event(LOG_LEVEL_WARNING,
			  "configuration: here only the next start can change the tree");
	serve_config_take(&s->config, &config, &changes);
	apply(s);
	arena_done(&s->live);
	s->live = arena;
	tell(&changes);
	return true;
}

void serve_reload(struct serve *s)
{
	struct err err = ERR_INIT;

	if (log_reopen(&err) < 0)
		log_event(LOG_LEVEL_ERROR, "logs stay as they are: %s", err.text);
	err = (struct err)ERR_INIT;
	if (auth_reload(s->auth, &err) < 0)
		log_event(LOG_LEVEL_ERROR, "tokens stay as they are: %s", err.text);
	else
		log_event(LOG_LEVEL_INFO, "logs opened anew, tokens read again");
	if (read_config(s))
		switch_ask(&s->boxes);
	else
		s->boxes.hooks.over(s);
}
