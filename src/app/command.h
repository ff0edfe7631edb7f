/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One subcommand: one file cmd_NAME.c that defines `command_NAME`, and one row of the table in
 * command.c.  Help and manual are made from these fields alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gate/cli/exit_code.h"
#include "gate/cli/options.h"
#include "gate/cli/settings.h"

struct command {
	const char *name;
	const char *const
		*synopsis;   /* what follows the name, one per way to call it, NULL-terminated */
	const char *summary; /* one line, no trailing dot */
	const char *details; /* a paragraph or more ("\n\n" between), may be NULL */
	bool needs_root;
	const struct option_info *options; /* --help is one of them */
	size_t noptions;
	int (*run)(const struct settings *s, const struct option_words *words); /* an exit code */
};

extern const struct command *const commands[];
extern const size_t commands_len;

const struct command *command_find(const char *name);
/* The help of one command, or of all when NULL. */
void command_print_help(FILE *to, const struct command *c);
/* "kodewar NAME: <problem>" and where to read more, on stderr; returns KODEWAR_EXIT_REFUSED. */
int command_usage_error(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Flushes stdout; KODEWAR_EXIT_OK, or KODEWAR_EXIT_FAILED with a reason where nobody could read it. */
int command_end_stdout(void);
