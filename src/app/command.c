/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, and what is printed from it. To add one: its file, and a row here. */
#include "app/command.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"

extern const struct command command_run, command_serve, command_worker, command_submit,
	command_queue, command_token, command_plan, command_languages, command_doctor, command_tree,
	command_version, command_bench, command_help, command_judge;

const struct command *const commands[] = {
	&command_run,	&command_judge,	  &command_serve, &command_worker,    &command_submit,
	&command_queue, &command_token,	  &command_plan,  &command_languages, &command_doctor,
	&command_tree,	&command_version, &command_help,  &command_bench,
};
const size_t commands_len = ARRAY_SIZE(commands);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < commands_len; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void print_overview(FILE *to)
{
	fprintf(to,
		"Usage: kodewar COMMAND [OPTION...] [WORD...]\n\n"
		"Runs other people's programs as if they were hostile, and judges them.\n\nCommands:\n");
	for (size_t i = 0; i < commands_len; i++)
		fprintf(to, "  %-11s %s%s\n", commands[i]->name, commands[i]->summary,
			commands[i]->needs_root ? " (root or a cgroup of your own)" : "");
	fprintf(to, "\n`kodewar COMMAND --help` tells more; `man kodewar` tells all.\n");
}

void command_print_help(FILE *to, const struct command *c)
{
	if (!c) {
		print_overview(to);
		return;
	}
	for (size_t i = 0; c->synopsis[i]; i++)
		fprintf(to, "%s kodewar %s%s%s\n", i ? "      " : "Usage:", c->name,
			*c->synopsis[i] ? " " : "", c->synopsis[i]);
	fprintf(to, "\n%s%s.\n\n", c->summary,
		c->needs_root ? " (root or a cgroup of your own)" : "");
	if (c->details) {
		options_print_wrapped(to, c->details, 0, 0);
		fputc('\n', to);
	}
	fprintf(to, "Options:\n");
	options_print(to, c->options, c->noptions);
}

int command_usage_error(const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "kodewar%s%s: ", name ? " " : "", name ? name : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry `kodewar%s%s --help`.\n", name ? " " : "", name ? name : "");
	return KODEWAR_EXIT_REFUSED;
}

int command_end_stdout(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return KODEWAR_EXIT_OK;
	fprintf(stderr, "kodewar: cannot write to stdout: %s\n", strerror(errno));
	return KODEWAR_EXIT_FAILED;
}
