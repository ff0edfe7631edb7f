/* SPDX-License-Identifier: Apache-2.0 */
/* The version, for people and for scripts. */
#include <stdio.h>

#include "app/command.h"
#include "base/cleanup.h"

static const struct option_info options[] = { SETTING_JSON, SETTING_HELP };

static int run(const struct settings *s, const struct option_words *words)
{
	if (words->nwords + words->nrest > 0)
		return command_usage_error("version", "takes no words");
	if (s->json)
		printf("{\"version\":\"%s\"}\n", KODEWAR_VERSION);
	else
		printf("kodewar %s\n", KODEWAR_VERSION);
	return command_end_stdout();
}

const struct command command_version = {
	.name = "version",
	.synopsis = (const char *const[]){ "[--json]", NULL },
	.summary = "Print the version",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};
