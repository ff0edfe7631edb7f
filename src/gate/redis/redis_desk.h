/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk of a gate that judges nothing: jobs go to a queue in Redis (docs/QUEUE.md has every key), any worker judges
 * them, and any gate of the same queue finds them again, with their results and their events.  What is known of a job
 * is in Redis and nowhere else; here is only who waits.
 *
 * Without Redis everything is answered DESK_AWAY; who waits goes on waiting, and is told when it is back.
 */
#pragma once

#include "gate/desk/desk.h"
#include "gate/redis/redis_url.h"
#include "model/planner.h"

struct redis_desk_config {
	sd_event *loop;
	const struct redis_url *url;
	const char *ca_file;		      /* NULL: the system's authorities */
	const char *queue;		      /* what all keys begin with; outlives the desk */
	const struct planner_config *planner; /* read anew for each job */
	unsigned queue_max;   /* jobs of the queue that are not over; then it is full */
	unsigned workers_min; /* so many must live, or the desk is not ready */
	uint64_t body_bytes_max;
	uint64_t job_bytes; /* most that the plan of a job may hold while it is looked at */
	uint64_t keep_ms;   /* for which cancellations are remembered, and what was refused a key */
};

int redis_desk_new(const struct redis_desk_config *c, struct desk **ret, struct err *err);
/* Takes every bound (queue_max to keep_ms) over, for jobs that come. */
void redis_desk_rebound(struct desk *d, const struct redis_desk_config *c);
