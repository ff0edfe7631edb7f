/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See manual.h.  Written in man(7) macros, a line per word group short enough for mandoc's lint.  The
 * date is that of the release and not of the build, so that the page comes out the same every time.
 */
#include "app/manual.h"

#include <string.h>

#include "app/command.h"
#include "base/cleanup.h"
#include "codec/fields.h"
#include "model/compare.h"
#include "model/limits.h"
#include "model/verdict.h"

#define MANUAL_DATE "2026-11-21"
#define MANUAL_WIDTH 76

/* One word: roff's own characters lose their meaning. */
static int print_word(FILE *to, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\')
			fputs("\\e", to);
		else if (word[i] == '-')
			fputs("\\-", to);
		else
			fputc(word[i], to);
	}
	return (int)len;
}

/* Prose. "\n\n" begins a paragraph, in the same indentation. */
static void print_text(FILE *to, const char *text)
{
	int at = 0;

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (at > 0 && at + 1 + (int)len > MANUAL_WIDTH) {
			fputc('\n', to);
			at = 0;
		}
		if (at > 0)
			fputc(' ', to);
		else if (*text == '.' || *text == '\'')
			fputs("\\&", to);
		at += print_word(to, text, len) + 1;
		text += len;
		if (text[0] == '\n' && text[1] == '\n') {
			fputs("\n.IP\n", to);
			at = 0;
		}
		text += strspn(text, " \n");
	}
	fputc('\n', to);
}

static void print_item(FILE *to, const char *name, const char *doc)
{
	fputs(".TP\n.B ", to);
	print_word(to, name, strlen(name));
	fputc('\n', to);
	print_text(to, doc);
}

static void print_synopsis(FILE *to)
{
	fputs(".SH SYNOPSIS\n", to);
	for (size_t i = 0; i < commands_len; i++) {
		const char *const *way = commands[i]->synopsis;

		for (; *way; way++) {
			if (i > 0 || way != commands[i]->synopsis)
				fputs(".br\n", to);
			fprintf(to, ".B kodewar %s\n", commands[i]->name);
			print_text(to, *way);
		}
	}
}

static void print_options(FILE *to, const struct command *c)
{
	fputs(".RS\n", to);
	for (size_t i = 0; i < c->noptions; i++) {
		const struct option_info *o = &c->options[i];
		char spelled[96];

		snprintf(spelled, sizeof(spelled), "%s%.1s%s--%s%s%s", o->letter ? "-" : "",
			 o->letter ? &o->letter : "", o->letter ? ", " : "", o->name,
			 o->value ? " " : "", o->value ? o->value : "");
		print_item(to, spelled, o->doc);
	}
	fputs(".RE\n", to);
}

static void print_commands(FILE *to)
{
	fputs(".SH COMMANDS\n", to);
	for (size_t i = 0; i < commands_len; i++) {
		const struct command *c = commands[i];

		print_item(to, c->name, c->summary);
		if (c->needs_root)
			fputs(".IP\nNeeds root, or a cgroup of your own: see doctor.\n", to);
		if (c->details) {
			fputs(".IP\n", to);
			print_text(to, c->details);
		}
		print_options(to, c);
	}
}

static void print_fields(FILE *to, const char *title, const struct codec_field *fields, size_t len)
{
	fprintf(to, "%s\n", title);
	for (size_t i = 0; i < len; i++) {
		char type[96];

		print_item(to, fields[i].name, fields[i].doc);
		snprintf(type, sizeof(type), "(%s%s)", fields[i].type,
			 fields[i].required ? "" : ", optional");
		print_text(to, type);
	}
}

static void print_compares(FILE *to)
{
	fputs(".SS Comparisons\n", to);
	for (size_t i = 0; i < COMPARE_MODES; i++)
		print_item(to, compare_names[i], compare_docs[i]);
}

static void print_limits(FILE *to)
{
	fputs(".SH LIMITS\n", to);
	print_text(
		to,
		"Of one box, for --limit and for limits in a request. A language may have defaults of its "
		"own (see kodewar plan). More than the cap is refused.");
	for (size_t i = 0; i < limit_table_len; i++) {
		const struct limit_info *l = &limit_table[i];
		char range[96];

		print_item(to, l->name, l->doc);
		snprintf(range, sizeof(range), "(default %llu, cap %llu)",
			 (unsigned long long)l->def, (unsigned long long)l->cap);
		print_text(to, range);
	}
}

static void print_verdicts(FILE *to)
{
	fputs(".SH VERDICTS\n", to);
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		print_item(to, verdict_names[i], verdict_docs[i]);
}

static void print_exit_codes(FILE *to)
{
#define EXIT_CODE_ROW(id, code, doc) { #code, doc },
	static const char *const codes[][2] = { EXIT_CODES(EXIT_CODE_ROW) };

	fputs(".SH EXIT STATUS\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		print_item(to, codes[i][0], codes[i][1]);
	print_text(
		to,
		"\n\nA signal that cancels a run gives 128 and its number: 130 for an interrupt, 143 for a "
		"termination.");
}

static void print_files(FILE *to)
{
	static const char *const files[][2] = {
		{ KODEWAR_DATADIR "/languages/*.yaml", "the languages" },
		{ KODEWAR_DATADIR "/profiles/seccomp.json",
		  "the seccomp profile of programs, in Docker's format" },
		{ KODEWAR_LOGDIR "/sandbox.log", "what was done" },
		{ KODEWAR_LOGDIR "/security.log",
		  "one line of JSON for each denied call, escape attempt and refused request" },
	};

	fputs(".SH FILES\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		print_item(to, files[i][0], files[i][1]);
	fputs(".PP\n", to);
	print_text(
		to,
		"A binary in a build directory of its source tree uses languages/ and profiles/ of that tree, "
		"and logs to its backend/logs/.");
}

void manual_print(FILE *to)
{
	fputs(".\\\" Made by `kodewar help --man` from the program's tables: change those.\n", to);
	fprintf(to, ".TH KODEWAR 1 %s \"kodewar %s\"\n", MANUAL_DATE, KODEWAR_VERSION);
	fputs(".SH NAME\nkodewar \\- run other people's programs in boxes and judge them\n", to);
	print_synopsis(to);
	fputs(".SH DESCRIPTION\n", to);
	print_text(
		to,
		"A submission is run as if it were hostile, in a box made directly on this kernel, and gets an "
		"honest verdict. Each test case is a fresh box.");
	print_commands(to);
	print_fields(to, ".SH REQUEST", request_fields, request_fields_len);
	print_fields(to, ".SS Test case", test_case_fields, test_case_fields_len);
	print_fields(to, ".SS File", file_fields, file_fields_len);
	print_fields(to, ".SS Compare object", compare_fields, compare_fields_len);
	print_compares(to);
	print_fields(to, ".SS Checker object", checker_fields, checker_fields_len);
	print_fields(to, ".SS Interactor object", interactor_fields, interactor_fields_len);
	print_fields(to, ".SS Function object", function_fields, function_fields_len);
	print_fields(to, ".SS Group", group_fields, group_fields_len);
	print_fields(to, ".SH RESULT", result_fields, result_fields_len);
	print_fields(to, ".SS Test result", case_result_fields, case_result_fields_len);
	print_fields(to, ".SS Difference", difference_fields, difference_fields_len);
	print_fields(to, ".SS Check", check_fields, check_fields_len);
	print_fields(to, ".SS Interaction", interaction_fields, interaction_fields_len);
	print_fields(to, ".SS Score", score_fields, score_fields_len);
	print_fields(to, ".SS Group result", group_result_fields, group_result_fields_len);
	print_limits(to);
	print_verdicts(to);
	print_exit_codes(to);
	print_files(to);
	fputs(".SH EXAMPLES\n.nf\n"
	      "kodewar run hello.py\n"
	      "kodewar run \\-\\-tests tests.json \\-\\-limit cpu_ms=1000 solution.c\n"
	      "kodewar run \\- < request.json\n"
	      "kodewar plan \\-\\-explain hello.py\n"
	      ".fi\n",
	      to);
}
