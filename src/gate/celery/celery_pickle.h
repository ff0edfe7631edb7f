/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON value as Django's cache keeps it: a pickle.  It is only ever written here, of plain values (dict, list, str,
 * int, float, bool, None), so that unpickling it calls nothing; none is ever read.  Pure.
 */
#pragma once

#include <stddef.h>

/* `json` is ours. 0, or a negative errno; *ret is malloc'ed, owned by the caller. */
int celery_pickle(const char *json, size_t len, char **ret, size_t *ret_len);
