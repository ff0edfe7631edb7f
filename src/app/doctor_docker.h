/* SPDX-License-Identifier: Apache-2.0 */
/* doctor's part for --backend docker: the engine, its image, its limits, a line each. */
#pragma once

#include <jansson.h>

#include "backend/docker/docker.h"

/* Prints "state name doc", detail and cure as doctor's own rows are. */
typedef void doctor_row(const char *state, const char *name, const char *doc, const char *detail,
			const char *cure);

void doctor_docker_print(const struct docker_findings *f, doctor_row *row);
json_t *doctor_docker_json(const struct docker_findings *f);
/* 0 ok, 1 optional missing, 2 required missing, 3 unknown; quick: only what is required counts. */
int doctor_docker_severity(const struct docker_findings *f, bool quick);
