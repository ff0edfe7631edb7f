/* SPDX-License-Identifier: Apache-2.0 */
/* Times as Celery writes them: ISO 8601 in text, seconds since 1970 in numbers; names as UUIDs. */
#pragma once

#include <stddef.h>

#define CELERY_TIME_BYTES 40 /* "2026-11-21T14:38:12.644519+00:00" and its NUL */
#define CELERY_UUID_BYTES 37

/* Since 1970, of the wall clock: what eta, expires and the index of unacknowledged messages count in. */
double celery_time_now(void);
/* Of a text without an offset, UTC. 0 or -EINVAL. */
int celery_time_parse(const char *text, double *ret);
void celery_time_print(double when, char text[static CELERY_TIME_BYTES]);
/* A random one, version 4. 0 or a negative errno. */
int celery_uuid_make(char text[static CELERY_UUID_BYTES]);
