/* SPDX-License-Identifier: Apache-2.0 */
/* A bar on stderr while submissions are judged, on a terminal only; never waits for one that does not read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct judge_progress {
	bool on, drawn;
	size_t total; /* tests of all submissions */
	uint64_t drawn_nsec;
};

void judge_progress_init(struct judge_progress *p, bool wanted, size_t total);
/* `done` tests of all are over; what: the submission that moved. */
void judge_progress_draw(struct judge_progress *p, size_t done, const char *what);
void judge_progress_clear(struct judge_progress *p);
