/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `doctor` that tells why times would differ here. Nothing is refused for it, so it changes no exit code. */
#pragma once

#include <jansson.h>

#include "kernel/noise.h"

struct doctor_noise {
	struct noise_place place;
	struct noise_fact facts[NOISE_IDS];
};

/* Before boxes are made, whose own work is no noise. */
void doctor_noise_begin(struct doctor_noise *n);
/* lanes 0: as many as there are usable cpus. */
void doctor_noise_end(struct doctor_noise *n, unsigned lanes);
void doctor_noise_print(const struct doctor_noise *n,
			void (*row)(const char *state, const char *name, const char *doc,
				    const char *detail, const char *cure));
json_t *doctor_noise_json(const struct doctor_noise *n);
