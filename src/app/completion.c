/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See completion.h.  What an option's value can be is told by its row: a choice lists its words, and FILE, TESTS and DIR
 * in the help are paths.  Only names of limits are looked up elsewhere, in their own table.  What follows a command is read off its
 * synopsis in the same way.  After "--" come words of somebody else's program, and the shell does as it always does.
 */
#include "app/completion.h"

#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "base/cleanup.h"
#include "model/limits.h"

#define DOC_MAX 72 /* bytes of an option's doc beside it */
#define ZSH_QUOTE "'\\''"
#define FISH_QUOTE "\\'"

enum value_kind { VALUE_NONE, VALUE_ANY, VALUE_FILE, VALUE_DIR, VALUE_CHOICE, VALUE_LIMIT };

static enum value_kind kind_of(const struct option_info *o)
{
	if (o->kind == OPTION_FLAG)
		return VALUE_NONE;
	if (o->kind == OPTION_CHOICE)
		return VALUE_CHOICE;
	if (strcmp(o->name, "limit") == 0)
		return VALUE_LIMIT;
	if (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "TESTS") == 0)
		return VALUE_FILE;
	return strcmp(o->value, "DIR") == 0 ? VALUE_DIR : VALUE_ANY;
}

/* FILE by itself, not as the value of an option: "--tokens FILE NAME". */
static bool takes(const struct command *c, const char *word)
{
	size_t len = strlen(word);

	for (const char *const *way = c->synopsis; *way; way++) {
		const char *at = strstr(*way, word);
		bool begins = at && (at == *way || at[-1] == ' ' || at[-1] == '[');

		if (begins && strncmp(*way, "--", 2) != 0 &&
		    (!at[len] || at[len] == ' ' || at[len] == ']'))
			return true;
	}
	return false;
}

static void print_choices(FILE *to, const struct option_info *o)
{
	for (const char *at = o->value; *at; at++)
		fputc(*at == '|' ? ' ' : *at, to);
}

static void print_limits(FILE *to, const char *after)
{
	for (size_t i = 0; i < limit_table_len; i++)
		fprintf(to, "%s%s%s", i ? " " : "", limit_table[i].name, after);
}

/* The first clause of a doc, with a backslash before each of `escaped`, and `quote` for each single quote. */
static void print_doc(FILE *to, const char *doc, const char *escaped, const char *quote)
{
	size_t len = strcspn(doc, ";(");

	len = len > DOC_MAX ? DOC_MAX : len;
	while (len && (doc[len - 1] == ' ' || (doc[len] && doc[len] != ' ' && doc[len] != ';')))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (strchr(escaped, doc[i]))
			fputc('\\', to);
		if (doc[i] == '\'')
			fputs(quote, to);
		else
			fputc(doc[i], to);
	}
}

static void print_head(FILE *to, const char *shell)
{
	fprintf(to,
		"# Made by `kodewar help --completion %s` from the program's tables: change those.\n",
		shell);
}

/* ---- bash ---- */

static void bash_pattern(FILE *to, const struct option_info *o)
{
	fprintf(to, "\t\t--%s%s%.1s) ", o->name, o->letter ? " | -" : "",
		o->letter ? &o->letter : "");
}

static void bash_value(FILE *to, const struct option_info *o)
{
	enum value_kind kind = kind_of(o);

	if (kind == VALUE_NONE)
		return;
	bash_pattern(to, o);
	switch (kind) {
	case VALUE_FILE: fputs("kind='file'", to); break;
	case VALUE_DIR: fputs("kind=directory", to); break;
	case VALUE_CHOICE:
		fputs("kind=words words='", to);
		print_choices(to, o);
		fputc('\'', to);
		break;
	case VALUE_LIMIT:
		fputs("kind=limit words='", to);
		print_limits(to, "=");
		fputc('\'', to);
		break;
	default: fputs("kind=other", to); break;
	}
	fputs(" ;;\n", to);
}

static void bash_command(FILE *to, const struct command *c)
{
	fprintf(to, "\t%s)\n\t\toptions='", c->name);
	for (size_t i = 0; i < c->noptions; i++)
		fprintf(to, "%s--%s", i ? " " : "", c->options[i].name);
	fputs("'\n", to);
	if (takes(c, "FILE"))
		fputs("\t\tkind='file'\n", to);
	else if (takes(c, "COMMAND"))
		fprintf(to, "\t\tkind='%s'\n", strcmp(c->name, "help") == 0 ? "command" : "file");
	fputs("\t\tcase $prev in\n", to);
	for (size_t i = 0; i < c->noptions; i++)
		bash_value(to, &c->options[i]);
	fputs("\t\tesac\n\t\t;;\n", to);
}

static void print_names(FILE *to)
{
	for (size_t i = 0; i < commands_len; i++)
		fprintf(to, "%s%s", i ? " " : "", commands[i]->name);
}

static void print_bash(FILE *to)
{
	print_head(to, "bash");
	fputs("# shellcheck shell=bash\n\n"
	      "_kodewar() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal commands='",
	      to);
	print_names(to);
	fputs("'\n\tlocal options='' kind='' words='' i\n"
	      "\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [[ $cur == = ]]; then # --name=\n"
	      "\t\tcur=''\n"
	      "\telif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- \"$cur\")\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	      "\t\tif [[ ${COMP_WORDS[i]} == -- ]]; then # the program's own words\n"
	      "\t\t\tcompopt -o default\n"
	      "\t\t\treturn\n"
	      "\t\tfi\n"
	      "\tdone\n"
	      "\tcase ${COMP_WORDS[1]} in\n",
	      to);
	for (size_t i = 0; i < commands_len; i++)
		bash_command(to, commands[i]);
	fputs("\tesac\n"
	      "\tif [[ $cur == -* && $kind != words && $kind != other ]]; then\n"
	      "\t\tkind=words words=$options\n"
	      "\tfi\n"
	      "\tcase $kind in\n"
	      "\tfile | directory)\n"
	      "\t\tcompopt -o filenames\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -A \"$kind\" -- \"$cur\")\n"
	      "\t\t;;\n"
	      "\tlimit)\n"
	      "\t\tcompopt -o nospace\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "\t\t;;\n"
	      "\tcommand) mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\") ;;\n"
	      "\twords) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -F _kodewar kodewar\n",
	      to);
}

/* ---- zsh ---- */

static void zsh_value(FILE *to, const struct option_info *o)
{
	static const char *const actions[] = {
		[VALUE_ANY] = " ", [VALUE_FILE] = "_files", [VALUE_DIR] = "_files -/"
	};
	enum value_kind kind = kind_of(o);

	if (kind == VALUE_NONE)
		return;
	fprintf(to, ":%s:", kind == VALUE_CHOICE ? o->name : o->value);
	if (kind == VALUE_CHOICE) {
		fputc('(', to);
		print_choices(to, o);
		fputc(')', to);
	} else if (kind == VALUE_LIMIT) {
		fputs("{compadd -S \"\" -- ", to);
		print_limits(to, "\\=");
		fputc('}', to);
	} else {
		fputs(actions[kind], to);
	}
}

static void zsh_option(FILE *to, const struct option_info *o)
{
	const char *equals = o->kind == OPTION_FLAG ? "" : "=";

	fputs(" \\\n\t\t\t", to);
	if (o->kind == OPTION_LIST)
		fputs("\\*", to);
	else if (o->letter)
		fprintf(to, "'(-%c --%s)'", o->letter, o->name);
	if (o->letter)
		fprintf(to, "{-%c%s,--%s%s}", o->letter, *equals ? "+" : "", o->name, equals);
	else
		fprintf(to, "--%s%s", o->name, equals);
	fputs("'[", to);
	print_doc(to, o->doc, "[]:\\", ZSH_QUOTE);
	fputc(']', to);
	zsh_value(to, o);
	fputc('\'', to);
}

static void zsh_command(FILE *to, const struct command *c)
{
	fprintf(to, "\t%s)\n\t\t_arguments -S", c->name);
	for (size_t i = 0; i < c->noptions; i++)
		zsh_option(to, &c->options[i]);
	if (takes(c, "COMMAND") && strcmp(c->name, "help") == 0)
		fputs(" \\\n\t\t\t'1:command:_kodewar_commands'", to);
	else if (takes(c, "FILE") || takes(c, "COMMAND"))
		fputs(" \\\n\t\t\t'*:file:_files'", to);
	fputs("\n\t\t;;\n", to);
}

static void print_zsh(FILE *to)
{
	fputs("#compdef kodewar\n", to);
	print_head(to, "zsh");
	fputs("\n_kodewar_commands() {\n\tlocal -a commands=(\n", to);
	for (size_t i = 0; i < commands_len; i++) {
		fprintf(to, "\t\t'%s:", commands[i]->name);
		print_doc(to, commands[i]->summary, ":\\", ZSH_QUOTE);
		fputs("'\n", to);
	}
	fputs("\t)\n\t_describe command commands\n}\n\n"
	      "_kodewar() {\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_kodewar_commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tlocal command=$words[2]\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\tcase $command in\n",
	      to);
	for (size_t i = 0; i < commands_len; i++)
		zsh_command(to, commands[i]);
	fputs("\tesac\n}\n\n_kodewar \"$@\"\n", to);
}

/* ---- fish ---- */

static void fish_value(FILE *to, const struct option_info *o)
{
	switch (kind_of(o)) {
	case VALUE_NONE: return;
	case VALUE_FILE: fputs(" -r -F", to); return;
	case VALUE_DIR: fputs(" -x -a '(__fish_complete_directories)'", to); return;
	case VALUE_CHOICE:
		fputs(" -x -a '", to);
		print_choices(to, o);
		fputc('\'', to);
		return;
	case VALUE_LIMIT:
		fputs(" -x -a '", to);
		print_limits(to, "=");
		fputc('\'', to);
		return;
	case VALUE_ANY: fputs(" -x", to); return;
	}
}

static void fish_command(FILE *to, const struct command *c)
{
	const char *after = "__fish_seen_subcommand_from";

	fprintf(to, "\ncomplete -c kodewar -n __fish_use_subcommand -a %s -d '", c->name);
	print_doc(to, c->summary, "\\", FISH_QUOTE);
	fputs("'\n", to);
	if (takes(c, "COMMAND") && strcmp(c->name, "help") == 0) {
		fprintf(to, "complete -c kodewar -n '%s help' -a '", after);
		print_names(to);
		fputs("'\n", to);
	} else if (takes(c, "FILE") || takes(c, "COMMAND")) {
		fprintf(to, "complete -c kodewar -n '%s %s' -F\n", after, c->name);
	}
	for (size_t i = 0; i < c->noptions; i++) {
		const struct option_info *o = &c->options[i];

		fprintf(to, "complete -c kodewar -n '%s %s' -l %s", after, c->name, o->name);
		if (o->letter)
			fprintf(to, " -s %c", o->letter);
		fish_value(to, o);
		fputs(" -d '", to);
		print_doc(to, o->doc, "\\", FISH_QUOTE);
		fputs("'\n", to);
	}
}

static void print_fish(FILE *to)
{
	print_head(to, "fish");
	fputs("\ncomplete -c kodewar -f\n", to);
	for (size_t i = 0; i < commands_len; i++)
		fish_command(to, commands[i]);
}

void completion_print(FILE *to, enum completion_shell shell)
{
	switch (shell) {
	case COMPLETION_NONE: break;
	case COMPLETION_BASH: print_bash(to); break;
	case COMPLETION_ZSH: print_zsh(to); break;
	case COMPLETION_FISH: print_fish(to); break;
	}
}
