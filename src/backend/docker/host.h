/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an engine must have before a program is given to it, each with its cure: looked for at every start, and told by
 * `kodewar doctor --backend docker`.
 */
#pragma once

#include <stdbool.h>

#include "backend/docker/api.h"
#include "backend/docker/docker.h"
#include "backend/docker/spec.h"

struct host {
	struct spec_host
		spec; /* image_id, runtime, owner, device point into here; seccomp is owned */
	char image_id[80], runtime[64], owner[128], device[64];
	char engine[64];
};

/* Fills in all of *ret that can be found; 0 or a negative errno where not even that could be looked for. */
int host_examine(struct api *a, const struct docker_config *c, struct host *ret,
		 struct docker_findings *findings, struct err *err);
void host_done(struct host *h);
/* The first required one that is missing, as a failure with its cure; 0 where none is. */
int host_require(const struct docker_findings *f, struct err *err);
