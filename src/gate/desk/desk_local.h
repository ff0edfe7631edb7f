/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk of a host that judges by itself: decodes, plans, admits or refuses, queues fairly, tells events as they
 * happen, keeps results in memory, and jobs that were promised in a journal.
 */
#pragma once

#include "engine/engine.h"
#include "engine/journal.h"
#include "gate/desk/desk.h"
#include "model/planner.h"

struct desk_config {
	sd_event *loop;
	struct engine *engine;
	const struct planner_config *planner; /* read anew for each job */
	/* May refuse what was planned (1), where this host has not what it needs. NULL: nobody does. */
	int (*check)(void *user, const struct plan *plan, struct refusal *refusal);
	void *check_user;
	struct journal *journal; /* NULL: asynchronous jobs are refused */
	unsigned queue_max;	 /* jobs that are not over, of all tenants */
	uint64_t queue_bytes;	 /* that they hold: bodies and plans */
	uint64_t body_bytes_max;
	uint64_t
		history_bytes; /* events of one job kept for watchers that come late; what does not fit is
				   told to those who watch, and to nobody else */
	uint64_t kept_bytes; /* of jobs that are over, all together; the oldest go first */
	uint64_t keep_sec;
	uint64_t job_bytes; /* most that one job may hold while it runs; 0: 256 MiB */
};

int desk_local_new(const struct desk_config *c, struct desk **ret, struct err *err);
/* Jobs that an earlier life accepted and did not end are submitted again, three tries each. */
int desk_local_recover(struct desk *d, struct err *err);
/* Takes every bound (queue_max to job_bytes) over, for jobs that come; what is admitted stays. */
void desk_local_rebound(struct desk *d, const struct desk_config *c);
/* At once, of jobs in memory: all that are not over, and the latest of the others. NULL: none of this tenant. */
struct desk_job *desk_local_find(struct desk *d, const char *tenant, const char *id);
