/* SPDX-License-Identifier: Apache-2.0 */
/* The native backend: boxes made on this kernel by the warden at the other end of a socket. */
#pragma once

#include "backend/backend.h"

/* Takes warden_sock over. The caller is the unprivileged engine. */
int native_new(sd_event *loop, int warden_sock, unsigned lanes, struct backend **ret,
	       struct err *err);
