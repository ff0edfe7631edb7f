/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar plan --explain`: a plan for people, or as JSON.  Text is malloc'ed, owned by the caller.
 * Both return 0 or a negative errno.
 */
#pragma once

#include "model/plan.h"

int plan_text_explain(const struct plan *plan, char **ret, size_t *ret_len);
int plan_json_encode(const struct plan *plan, char **ret, size_t *ret_len);
