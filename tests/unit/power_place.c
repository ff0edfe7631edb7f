/* SPDX-License-Identifier: Apache-2.0 */
/* See power_place.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "power_place.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void power_place_make(struct power_place *p)
{
	snprintf(p->dir, sizeof(p->dir), "%s/kodewar-power-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/jobs.db", p->dir);
}

static bool is_expected(const char *name)
{
	return strcmp(name, "jobs.db") == 0 || strcmp(name, "jobs.db-wal") == 0 ||
	       strcmp(name, "jobs.db-shm") == 0 || strcmp(name, "jobs.db-journal") == 0;
}

unsigned power_place_remove(const struct power_place *p)
{
	DIR *d = opendir(p->dir);
	const struct dirent *e;
	unsigned strange = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		strange += !is_expected(e->d_name);
		assert_int_equal(unlinkat(dirfd(d), e->d_name, 0), 0);
	}
	closedir(d);
	assert_int_equal(rmdir(p->dir), 0);
	return strange;
}
