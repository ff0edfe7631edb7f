/* SPDX-License-Identifier: Apache-2.0 */
/* What the warden takes of the host for itself before it has any lane. 0, or a negative errno with its story. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Its memory is locked, its priority raised. */
int warden_stay_awake(bool rootless, struct err *err);
/* As many descriptors as may be had; -EMFILE where so many lanes need more. ret_before: the soft limit until then. */
int warden_take_files(unsigned lanes, uint64_t *ret_before, struct err *err);
