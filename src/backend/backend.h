/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who makes boxes.  A backend runs plan steps as boxes, at most `lanes` at once, on the caller's event
 * loop; each submitted box ends in exactly one call of its done callback, never from within submit.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "model/plan.h"
#include "model/result.h"

struct backend;

/* Zygotes of one runner, over all lanes. */
struct backend_runner {
	unsigned asked, ready; /* lanes in which one was asked for, and in which one serves */
	int error;	       /* negative errno: one was asked for and cannot serve */
	char text[96];	       /* the runtime's version, or why not */
};

struct backend_order {
	const struct plan_step *step; /* borrowed until done */
	int artefact_fd;	      /* run: sealed artefact to put into /box, borrowed; or -1 */
	int live_stdin_fd; /* to be the program's stdin, the read end of a pipe (natively of anything), taken over; or -1 */
	bool refill;	      /* make the next program of this runner ready ahead of its order */
	bool more;	      /* other boxes of the same job are to follow */
	uint64_t wall_cap_ms; /* what is left of the submission's budget, 0 = no cap */
	const char *job;      /* id for logs */
	const char *language;
	/* The program was released: where that is not at once (tells_start). */
	void (*on_start)(void *user);
	void (*on_output)(void *user, int stream, const char *data,
			  size_t len); /* may be NULL; stream 1 or 2 */
	/* Nobody in the box can write to its stdout any more, though it may live: where that is seen. May be NULL. */
	void (*on_eof)(void *user);
	void (*on_done)(void *user, struct box_outcome *outcome, int artefact_fd);
	/* outcome's buffers are valid during the call only; artefact_fd is owned by the callee, or -1 */
	void *user;
};

struct backend_ops {
	const char *name;
	int (*submit)(struct backend *b, const struct backend_order *order, uint64_t *ret_box,
		      struct err *err);
	void (*cancel)(struct backend *b, uint64_t box, unsigned kill /* enum box_kill */);
	unsigned (*idle_lanes)(struct backend *b);
	void (*on_idle)(struct backend *b, void (*fn)(void *user),
			void *user); /* called when a lane frees */
	/* Starts the runner's zygotes, in every lane; told in `runners`, with on_idle's call. May be NULL: there are none. */
	void (*warm)(struct backend *b, enum runner_kind runner, bool ahead);
	void (*free)(struct backend *b);
};

struct backend {
	const struct backend_ops *ops;
	unsigned lanes;
	unsigned lost;	/* of them: never idle again */
	uint64_t stuck; /* a bit each of those whose last box does not die: not idle until it has */
	bool tells_start; /* a box may have to be waited for, which is no wall time of its program */
	struct backend_runner runners[RUNNER_KINDS];
};
