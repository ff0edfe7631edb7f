/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h's order for the Docker backend: no warden and no root; what root alone may read is read, and then only the
 * group that may talk to the engine is kept.
 */
#pragma once

#include "backend/docker/docker.h"
#include "gate/cli/settings.h"
#include "kernel/seccomp_compile.h"
#include "model/plan.h"
#include "model/request.h"

struct service;

struct service_docker {
	bool on;
	const char *tls_dir;
	struct docker_config config;
	struct docker_findings findings;
	struct seccomp_program filter; /* owned */
};

void service_docker_load(struct service_docker *d, const struct settings *settings);
int service_docker_start(struct service *s, unsigned lanes, struct err *err);
int service_docker_enter(struct service *s, struct err *err);
/* After the probe: a failure that says why no container came to life, or r as it was. */
int service_docker_probed(struct service *s, int r, struct err *err);
void service_docker_done(struct service_docker *d);
/* False where the image is known to lack what the language's programs are started by. */
bool service_docker_has(const struct service *s, const struct language *language);
/* 1 with a refusal where the image lacks what the plan's language needs, else 0. */
int service_docker_check(const struct service *s, const struct plan *plan, struct refusal *refusal);
