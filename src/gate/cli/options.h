/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines by table: one row per option, from which parsing, --help and the manual are made.
 * Values land in a plain struct of the caller at the row's offset; words point into argv.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "model/request.h"

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* uint64_t, min to max */
	OPTION_SIZE,   /* uint64_t, min to max, K, M or G allowed */
	OPTION_CHOICE, /* an enum: the place of the word in `value`, "this|that" */
	OPTION_LIST,   /* struct option_list: may be repeated */
};

struct option_list {
	const char **items; /* in the parser's arena */
	size_t len;
};

struct option_info {
	const char *name; /* without its dashes */
	char letter;	  /* 0: none */
	enum option_kind kind;
	const char *value; /* its word in the help, NULL for a flag */
	size_t offset;	   /* into the caller's struct */
	uint64_t min, max;
	const char *doc; /* one sentence or two, no trailing dot */
};

/* What is no option: the words before "--", and those after it. */
struct option_words {
	const char **words;
	size_t nwords;
	const char **rest;
	size_t nrest;
};

/*
 * argv without the command's name. Options may stand before and after the words; a later value
 * replaces an earlier one, lists grow. Returns 0, 1 (refused: field is the option) or -ENOMEM.
 */
int options_parse(const struct option_info *table, size_t len, int argc, char **argv, void *into,
		  struct arena *arena, struct option_words *ret, struct refusal *refusal);

/* The options as a table for people, wrapped at 80 columns. */
void options_print(FILE *to, const struct option_info *table, size_t len);
/* Words of `text`, each line indented but the first, which begins at column `at`. */
void options_print_wrapped(FILE *to, const char *text, int at, int indent);
