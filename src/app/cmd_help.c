/* SPDX-License-Identifier: Apache-2.0 */
/* `kodewar help --man` and `--completion SHELL` are how docs/kodewar.1 and deploy/completion are made; see tools/manual.sh. */
#include "app/command.h"
#include "app/completion.h"
#include "app/manual.h"
#include "base/cleanup.h"

static const struct option_info options[] = { SETTING_MAN, SETTING_COMPLETION, SETTING_HELP };

static int run(const struct settings *s, const struct option_words *words)
{
	const struct command *c = words->nwords ? command_find(words->words[0]) : NULL;

	if (words->nwords + words->nrest > 1)
		return command_usage_error("help", "takes one command's name");
	if (words->nwords && !c)
		return command_usage_error("help", "there is no command \"%s\"", words->words[0]);
	if (s->completion != COMPLETION_NONE)
		completion_print(stdout, s->completion);
	else if (s->man)
		manual_print(stdout);
	else
		command_print_help(stdout, c);
	return command_end_stdout();
}

const struct command command_help = {
	.name = "help",
	.synopsis = (const char *const[]){ "[COMMAND]", "--man", "--completion SHELL", NULL },
	.summary = "Print the help of a command, the manual page, or what a shell completes",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};
