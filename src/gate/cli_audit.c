/* SPDX-License-Identifier: Apache-2.0 */
/* See cli_audit.h. */
#include "gate/cli_audit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void cli_audit_refusal(const char *id, const struct refusal *refusal)
{
	const char *field = *refusal->field ? refusal->field : "body";
	json_t *event = json_pack("{s:s, s:s, s:s, s:s}", "event", "refused_request", "job", id, "field",
				  field, "rule", refusal->rule);
	char *text = event ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	log_event(LOG_LEVEL_INFO, "request refused job=%s field=%s rule=%s", id, field, refusal->rule);
	if (text)
		log_security(text, strlen(text));
	free(text);
	json_decref(event);
}
