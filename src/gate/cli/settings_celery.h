/* SPDX-License-Identifier: Apache-2.0 */
/* What `kodewar worker --celery` can be told on its command line; see settings.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gate/cli/options.h"

struct celery_settings {
	bool on, track_started, events;
	struct option_list queues;
	const char *task, *args, *node, *results, *cache, *cache_prefix; /* NULL: not said */
	uint64_t visibility_sec, cache_sec;
	unsigned cache_format; /* enum celery_cache_format */
};

#define CELERY_SETTINGS_INIT \
	{ \
		.visibility_sec = 3600, .cache_sec = 86400 \
	}

#define SETTING_CELERY \
	SETTING_FLAG("celery", 0, celery.on, \
		     "work for a Celery queue, in place of Celery's own worker; docs/CELERY.md")
#define SETTING_CELERY_QUEUE \
	SETTING_LIST("celery-queue", 'Q', "NAME", celery.queues, \
		     "with --celery: a queue; may be repeated; code_execution when not given")
#define SETTING_CELERY_TASK \
	SETTING_TEXT("celery-task", 0, "NAME", celery.task, \
		     "with --celery: the one task; core.tasks.run_code_task when not given")
#define SETTING_CELERY_ARGS \
	SETTING_TEXT( \
		"celery-args", 0, "NAMES", celery.args, \
		"with --celery: what its positional arguments are; code,language,test_cases,submission_id when not given")
#define SETTING_CELERY_NODE \
	SETTING_TEXT("celery-node", 'n', "NAME", celery.node, \
		     "with --celery: this worker's name; kodewar@ and the host's when not given")
#define SETTING_CELERY_RESULTS \
	SETTING_TEXT( \
		"celery-results", 0, "URL", celery.results, \
		"with --celery: the result backend; when not given, what the variable KODEWAR_CELERY_RESULTS says, else the broker")
#define SETTING_VISIBILITY \
	SETTING_( \
		"visibility-timeout", 0, OPTION_NUMBER, "SEC", celery.visibility_sec, 1, 31536000, \
		"with --celery: after which messages of Celery's own workers are given to others, as in their broker_transport_options; 3600 when not given")
#define SETTING_TRACK_STARTED \
	SETTING_FLAG("track-started", 0, celery.track_started, \
		     "with --celery: store the state STARTED, as task_track_started does")
#define SETTING_EVENTS \
	SETTING_FLAG( \
		"events", 'E', celery.events, \
		"with --celery: send events of tasks from the beginning, not only when Flower asks for them")
#define SETTING_CACHE \
	SETTING_TEXT( \
		"cache", 0, "URL", celery.cache, \
		"with --celery: write each result to submission_ID in this Redis too, where a task has a submission_id; the variable KODEWAR_CACHE says the same")
#define SETTING_CACHE_FORMAT \
	SETTING_("cache-format", 0, OPTION_CHOICE, "pickle|json", celery.cache_format, 0, 0, \
		 "how: pickle is what Django's caches read as they come, json what others read")
#define SETTING_CACHE_PREFIX \
	SETTING_TEXT("cache-prefix", 0, "TEXT", celery.cache_prefix, \
		     "before submission_ID: Django's KEY_PREFIX:VERSION: , :1: when not given")
#define SETTING_CACHE_KEEP \
	SETTING_("cache-keep", 0, OPTION_NUMBER, "SEC", celery.cache_sec, 0, 31536000, \
		 "for which cache entries are kept, 0 for ever; 86400 when not given")
#define SETTINGS_OF_CELERY \
	SETTING_CELERY, SETTING_CELERY_QUEUE, SETTING_CELERY_TASK, SETTING_CELERY_ARGS, \
		SETTING_CELERY_NODE, SETTING_CELERY_RESULTS, SETTING_VISIBILITY, \
		SETTING_TRACK_STARTED, SETTING_EVENTS, SETTING_CACHE, SETTING_CACHE_FORMAT, \
		SETTING_CACHE_PREFIX, SETTING_CACHE_KEEP
