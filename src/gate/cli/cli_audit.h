/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the logs are told: refused requests, and what boxes were denied.  Numbers and names only; never
 * what a request or a program said.
 */
#pragma once

#include "model/request.h"
#include "model/result.h"

void cli_audit_refusal(const char *id, const struct refusal *refusal);
/* One line of the security log per distinct denied call of each box, its count in it, and per box that was ended for it. */
void cli_audit_result(const char *id, const struct result *result);
