/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heartbeats and events, published on the channels of kombu's fanout exchange celeryev.  Nobody need listen: Redis
 * forgets them at once.  Events of tasks are gathered for a quarter of a second, as Celery gathers them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/celery/celery_private.h"

#define TOLD_MAX 200 /* events in one message */

static void publish(struct celery_worker *w, const char *key, const char *text, size_t len)
{
	if (redis_link_up(w->broker))
		redis_link_ask(w->broker, NULL, NULL, "PUBLISH %sceleryev/%s %b", w->fanout, key,
			       text, len);
}

void celery_tell_flush(struct celery_worker *w)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (json_array_size(w->told) == 0)
		return;
	if (celery_event_tasks(&w->self, w->told, &text, &len) == 0)
		publish(w, "task.multi", text, len);
	json_array_clear(w->told);
}

void celery_tell(struct celery_worker *w, const struct celery_event *e)
{
	if (!w->events)
		return;
	if (celery_event_add(&w->self, w->told, e) < 0)
		log_event(LOG_LEVEL_WARNING, "celery: an event could not be told");
	if (json_array_size(w->told) >= TOLD_MAX)
		celery_tell_flush(w);
}

void celery_tell_worker(struct celery_worker *w, const char *type)
{
	_cleanup_free_ char *text = NULL;
	char key[32];
	size_t len;

	w->self.active = w->busy;
	snprintf(key, sizeof(key), "%s", type);
	*strchrnul(key, '-') = '.';
	if (celery_event_worker(&w->self, type, &text, &len) == 0)
		publish(w, key, text, len);
}
