/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warm runners, from being asked for to being trusted: zygotes are started in every lane, and then the language's
 * self-tests are run through them as any submission is.  Only when all of them answer as a cold start would
 * may requests be run so.
 */
#pragma once

#include "engine/engine.h"
#include "model/planner.h"

/*
 * Turns the loop until the language's runner is proved or refused.  0; -ENOTSUP with a story when it cannot be
 * had or answered wrongly; another negative errno when the engine itself fails.  ahead: also programs that wait.
 */
int warm_prove(sd_event *loop, struct engine *engine, struct backend *backend,
	       const struct planner_config *planner, const struct language *language, bool ahead,
	       struct err *err);
