/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backend for tests: no process is made, each box ends as a script says, from the loop.  Lanes
 * behave as the native backend's: taken until after on_done, then told to be idle.
 */
#pragma once

#include "backend/backend.h"

struct fake_end {
	struct facts facts;
	struct text out,
		err;   /* must live until the box ends; copied for the call and freed after it */
	bool artefact; /* hands over a descriptor, and says so in the facts */
	bool hold;     /* runs on until fake_release() or a cancel */
	int refuse;    /* negative errno: submit fails with it */
	const struct taken_file *files; /* as the step's outputs; copied for the call */
};

/* Called from within submit; *ret is preset to a good end: exit code 0, 1 ms of wall time. */
typedef void (*fake_script)(void *user, const struct backend_order *order, struct fake_end *ret);

int fake_new(sd_event *loop, unsigned lanes, fake_script script, void *user, struct backend **ret);
/* Lets the oldest held box end. False when there is none. */
bool fake_release(struct backend *b);
unsigned fake_running(struct backend *b);
