/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of a queue in Redis can be told on their command lines; see settings.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct worker_settings {
	const char *redis, *redis_ca, *queue; /* NULL: not said */
	uint64_t prefetch, lease_sec, deliveries, keep_sec, drain_sec;
	/* submit, queue */
	const char *id, *tenant;
	unsigned priority; /* of queue_priorities[] */
	uint64_t wait_sec, max_waiting;
	bool detach, all, metrics;
};

#define WORKER_PREFETCH_DEFAULT UINT64_MAX /* as many as there are lanes */
#define WORKER_SETTINGS_INIT \
	{ \
		.prefetch = WORKER_PREFETCH_DEFAULT, .lease_sec = 30, .deliveries = 5, \
		.keep_sec = 86400, .drain_sec = 30, .wait_sec = 300, .priority = 1 \
	}

#define SETTING_REDIS \
	SETTING_TEXT( \
		"redis", 0, "URL", worker.redis, \
		"redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, unix:///PATH, redis+sentinel://HOST[:PORT],.../PRIMARY[/DB] or redis+cluster://HOST[:PORT],...; when not given, what the variable KODEWAR_REDIS says (a command line is everybody's to read, so a password belongs there), else redis://127.0.0.1:6379/0")
#define SETTING_REDIS_CA \
	SETTING_TEXT( \
		"redis-ca", 0, "FILE", worker.redis_ca, \
		"the authorities that a rediss:// server's certificate must come from; the system's when not given")
#define SETTING_QUEUE \
	SETTING_TEXT( \
		"queue", 0, "NAME", worker.queue, \
		"what the queue's keys begin with, kodewar when not given; in a Redis Cluster it must be {NAME}, and is {kodewar}")
#define SETTING_PREFETCH \
	SETTING_( \
		"prefetch", 0, OPTION_NUMBER, "N", worker.prefetch, 0, 1000, \
		"jobs that are held beside those in lanes; as many as there are lanes when not given")
#define SETTING_LEASE \
	SETTING_( \
		"lease", 0, OPTION_NUMBER, "SEC", worker.lease_sec, 1, 86400, \
		"a worker that is silent for so long loses its jobs to the others; 30 when not given, the same for all of a queue")
#define SETTING_DELIVERIES \
	SETTING_( \
		"deliveries", 0, OPTION_NUMBER, "N", worker.deliveries, 1, 1000, \
		"how often a job may be begun in vain before it is a dead letter; 5 when not given")
#define SETTING_KEEP \
	SETTING_("keep", 0, OPTION_NUMBER, "SEC", worker.keep_sec, 1, 31536000, \
		 "for which results are kept; 86400 when not given")
#define SETTING_DRAIN \
	SETTING_( \
		"drain", 0, OPTION_NUMBER, "SEC", worker.drain_sec, 0, 3600, \
		"for which jobs that run may end after SIGTERM; then they are another worker's; 30 when not given")
#define SETTING_JOB_ID \
	SETTING_TEXT( \
		"id", 0, "ID", worker.id, \
		"the job's name, 1 to 64 of A-Z a-z 0-9 . _ -; one that was used before is not judged again; a new one when not given")
#define SETTING_TENANT \
	SETTING_TEXT("tenant", 0, "NAME", worker.tenant, \
		     "whose job it is: those of one worker take turns")
#define SETTING_PRIORITY \
	SETTING_("priority", 0, OPTION_CHOICE, "high|normal|low", worker.priority, 0, 0, \
		 "the stream that it goes to; normal when not given")
#define SETTING_DETACH \
	SETTING_FLAG("detach", 'd', worker.detach, "print the id and do not wait for the result")
#define SETTING_WAIT \
	SETTING_("wait", 0, OPTION_NUMBER, "SEC", worker.wait_sec, 1, 86400, \
		 "for which the result is waited for; 300 when not given")
#define SETTING_MAX_WAITING \
	SETTING_("max-waiting", 0, OPTION_NUMBER, "N", worker.max_waiting, 1, 1000000000, \
		 "submit nothing while so many jobs of this priority are not done")
#define SETTING_ALL SETTING_FLAG("all", 0, worker.all, "every dead letter")
#define SETTING_METRICS \
	SETTING_FLAG("metrics", 0, worker.metrics, "print the state in Prometheus' format")
#define SETTINGS_OF_REDIS SETTING_REDIS, SETTING_REDIS_CA, SETTING_QUEUE
