/* SPDX-License-Identifier: Apache-2.0 */
/* Refused requests in the logs: who asked for what is no secret, what was wrong is worth knowing. */
#pragma once

#include "model/request.h"

void cli_audit_refusal(const char *id, const struct refusal *refusal);
