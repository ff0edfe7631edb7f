/* SPDX-License-Identifier: Apache-2.0 */
/* See request.h. Both texts are cut rather than refused: they quote what a stranger sent. */
#include "model/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const group_score_names[GROUP_SCORES] = { "min", "sum" };

#define NAME(id, name, doc) [CHECKER_##id] = #name,
const char *const checker_protocol_names[CHECKER_PROTOCOLS] = { CHECKER_PROTOCOLS_TABLE(NAME) };

#define TAKEN_NAME(id, name, text) [TAKEN_##id] = #name,
#define TAKEN_TEXT(id, name, text) [TAKEN_##id] = text,
const char *const taken_names[TAKEN_STATES] = { TAKEN_TABLE(TAKEN_NAME) };
const char *const taken_texts[TAKEN_STATES] = { TAKEN_TABLE(TAKEN_TEXT) };

static bool is_part(const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && !memcmp(part, "..", 2)))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f)
			return false;
	return true;
}

const char *taken_path_fault(const char *path)
{
	if (strlen(path) > REQUEST_NAME_MAX)
		return "must be at most 255 bytes long";
	for (;;) {
		size_t len = strcspn(path, "/");

		if (!is_part(path, len))
			return "must be a path in the working directory: relative, without empty parts, "
			       "'.', '..' and control characters";
		if (!path[len])
			return NULL;
		path += len + 1;
	}
}

int refusal_set(struct refusal *r, const char *field, const char *fmt, ...)
{
	va_list ap;

	snprintf(r->field, sizeof(r->field), "%s", field);
	va_start(ap, fmt);
	vsnprintf(r->rule, sizeof(r->rule), fmt, ap);
	va_end(ap);
	return 1;
}
