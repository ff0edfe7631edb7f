/* SPDX-License-Identifier: Apache-2.0 */
/* A directory for a journal, jobs.db, on a file system whose syncs cost nothing. */
#pragma once

struct power_place {
	char dir[64], path[96];
};

void power_place_make(struct power_place *p);
/* How many files were in it that a sound journal does not make, such as one that was moved aside. */
unsigned power_place_remove(const struct power_place *p);
