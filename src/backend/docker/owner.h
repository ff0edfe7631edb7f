/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which containers of an engine are whose.  Several instances may share one; each writes on its containers who it is
 * (boot, pid namespace, pid, start time), so that the next start can tell what nobody owns any more.
 */
#pragma once

#include <stddef.h>

#include "backend/docker/api.h"

int owner_name(char *text, size_t size);
/* Removes what dead instances left, turning the loop. Trouble with that is told, and is no reason not to serve. */
int owner_remove_leftovers(struct api *a, const char *us, unsigned *ret_removed, struct err *err);
