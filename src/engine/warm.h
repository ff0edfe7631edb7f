/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warm runners, from being asked for to being trusted: zygotes are started in every lane, and then the language's
 * self-tests are run through them as any submission is.  Only when all of them answer as a cold start would
 * may requests be run so.  Where they do not, programs start cold: as correct, and slower.
 */
#pragma once

#include "engine/engine.h"
#include "model/planner.h"

enum warm_state {
	WARM_UNKNOWN, /* not tried */
	WARM_OK,
	WARM_MISSING, /* not built, or there is no such runtime */
	WARM_COLD,    /* it is there, but may not be used: programs start cold */
};

struct warm_report {
	enum warm_state state;
	unsigned selftest; /* the number, from 1, of the one that failed; or 0 */
	char text[320];	   /* ok: the runtime's version; else why not, in one printable line */
};

/*
 * Turns the loop until the language's runner is proved or refused, which *ret tells; its runner is not exec. 0, or
 * a negative errno when the engine itself fails.  ahead: also programs that wait.
 */
int warm_try(sd_event *loop, struct engine *engine, struct backend *backend,
	     const struct planner_config *planner, const struct language *language, bool ahead,
	     struct warm_report *ret, struct err *err);

/* Whether the language's first program does here what it should, without anything made ready: state is ok, or cold. */
int warm_greet(sd_event *loop, struct engine *engine, const struct planner_config *planner,
	       const struct language *language, struct warm_report *ret, struct err *err);

/* The same for whoever needs it: -ENOTSUP with a story for people when it cannot be had. */
int warm_prove(sd_event *loop, struct engine *engine, struct backend *backend,
	       const struct planner_config *planner, const struct language *language, bool ahead,
	       struct err *err);
