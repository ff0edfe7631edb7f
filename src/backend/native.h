/* SPDX-License-Identifier: Apache-2.0 */
/* The native backend: boxes made on this kernel by the warden at the other end of a socket. */
#pragma once

#include "backend/backend.h"
#include "sandbox/wire.h"

/* Takes warden_sock over. The caller is the unprivileged engine. */
int native_new(sd_event *loop, int warden_sock, unsigned lanes, struct backend **ret,
	       struct err *err);

/*
 * All that one process knows of a warden besides its socket, so that another one can go on with it.  What the warden says
 * meanwhile waits in the socket.
 */
struct native_state {
	uint64_t last_box;
	unsigned lanes, lost;
	uint64_t stuck;
	struct {
		int state, ahead;
	} each[WIRE_LANES_MAX];
	struct backend_runner runners[RUNNER_KINDS];
};
/* Its socket, still the backend's; -EBUSY where a box runs. The caller must not turn the loop again. */
int native_give(const struct backend *b, struct native_state *ret);
/* As native_new(), with what another process has found out. */
int native_take(sd_event *loop, int warden_sock, const struct native_state *state,
		struct backend **ret, struct err *err);
