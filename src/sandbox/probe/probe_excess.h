/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's programs that take too much of something: what is done to them, or what they get, is the finding. */
#pragma once

#define PROBE_EXCESSES 10

struct probe_excess {
	const char *name;
	int (*run)(void); /* the exit code */
};

extern const struct probe_excess probe_excesses[PROBE_EXCESSES];
