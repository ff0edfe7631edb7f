/* SPDX-License-Identifier: Apache-2.0 */
/* See request.h. Both texts are cut rather than refused: they quote what a stranger sent. */
#include "model/request.h"

#include <stdarg.h>
#include <stdio.h>

const char *const group_score_names[GROUP_SCORES] = { "min", "sum" };

#define NAME(id, name, doc) [CHECKER_##id] = #name,
const char *const checker_protocol_names[CHECKER_PROTOCOLS] = { CHECKER_PROTOCOLS_TABLE(NAME) };

int refusal_set(struct refusal *r, const char *field, const char *fmt, ...)
{
	va_list ap;

	snprintf(r->field, sizeof(r->field), "%s", field);
	va_start(ap, fmt);
	vsnprintf(r->rule, sizeof(r->rule), fmt, ap);
	va_end(ap);
	return 1;
}
