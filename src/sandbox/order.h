/* SPDX-License-Identifier: Apache-2.0 */
/* The one border where privilege meets numbers from outside: is this order one that our engine could send? */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/wire.h"

/* Pure. Every field is checked; limits must all be set and none above the deployment's caps. */
bool order_valid(const struct order *o, size_t nfds, unsigned nlanes, const struct limits *caps);
