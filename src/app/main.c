/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the command, parses its options by its table, runs it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"

#define OPTIONS_ARENA_BYTES (64u << 20) /* argv is bounded by the kernel well below this */

/* Else the first file that we open would become our stdin, stdout or stderr. */
static int open_missing_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd < 0 ? -errno : close(fd);
}

static int run_command(const struct command *c, int argc, char **argv, struct arena *arena)
{
	struct settings settings = SETTINGS_INIT;
	struct option_words words;
	struct refusal refusal;
	int r = options_parse(c->options, c->noptions, argc, argv, &settings, arena, &words,
			      &refusal);

	if (r < 0)
		return command_usage_error(c->name, "%s", strerror(-r));
	if (r > 0)
		return command_usage_error(c->name, "%s: %s", refusal.field, refusal.rule);
	if (settings.help) {
		command_print_help(stdout, c);
		return command_end_stdout();
	}
	return c->run(&settings, &words);
}

/* The spellings that people try without a command. */
static const char *command_name(const char *word)
{
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return "help";
	return strcmp(word, "--version") == 0 || !strcmp(word, "-V") ? "version" : word;
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct arena arena;
	int code;

	signal(SIGPIPE, SIG_IGN);
	if (open_missing_stdio() < 0)
		return KODEWAR_EXIT_HOST;
	if (argc < 2) {
		command_print_help(stderr, NULL);
		return KODEWAR_EXIT_REFUSED;
	}
	c = command_find(command_name(argv[1]));
	if (!c)
		return command_usage_error(NULL, "there is no command \"%s\"", argv[1]);
	arena_init(&arena, OPTIONS_ARENA_BYTES);
	code = run_command(c, argc - 2, argv + 2, &arena);
	arena_done(&arena);
	return code;
}
