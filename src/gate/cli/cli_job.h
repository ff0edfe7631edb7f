/* SPDX-License-Identifier: Apache-2.0 */
/* One job on the loop, from a plan to what is on stdout and stderr. */
#pragma once

#include "engine/engine.h"
#include "gate/cli/cli_report.h"

struct cli_job_config {
	sd_event *loop;
	struct engine *engine;
	const struct plan *plan;
	struct arena *arena;
	const char *id;
	enum cli_mode mode;
	bool quiet;
	int stdin_fd; /* for a plan with a live stdin: what to pump to the program, borrowed */
};

struct cli_job;

/* What the configuration points to, and the engine, stay alive as long as the job. NULL: no memory. */
struct cli_job *cli_job_new(const struct cli_job_config *c);
/* To be freed after the engine: a cancelled job may tell of its end as late as then. */
void cli_job_free(struct cli_job *j);
/*
 * Turns the loop. Returns how kodewar ends: an enum exit_code, or 128 + the signal that ended the job.
 * A negative errno is a failure of this host before there was any result.
 */
int cli_job_run(struct cli_job *j, struct err *err);
