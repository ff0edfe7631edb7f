/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See options.h.  getopt_long and argp keep the value's type, its range and its help in three places;
 * here a row has all of them, and a wrong word is refused in the way of a wrong field of a request.
 */
#include "gate/cli/options.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"

#define HELP_COLUMN 27
#define HELP_WIDTH 80

struct parser {
	const struct option_info *table;
	size_t len;
	char **argv;
	int argc, at;
	char *into;
	struct arena *arena;
	struct refusal *refusal;
};

static int store_number(struct parser *p, const struct option_info *o, const char *spelled,
			const char *value)
{
	uint64_t number = 0;
	int r = o->kind == OPTION_SIZE ? parse_size(value, &number) : parse_u64(value, &number);

	if (r < 0 || number < o->min || number > o->max)
		return refusal_set(p->refusal, spelled,
				   "must be a whole number from %llu to %llu%s, not \"%s\"",
				   (unsigned long long)o->min, (unsigned long long)o->max,
				   o->kind == OPTION_SIZE ? " (K, M, G allowed)" : "", value);
	memcpy(p->into + o->offset, &number, sizeof(number));
	return 0;
}

static int store_choice(struct parser *p, const struct option_info *o, const char *spelled,
			const char *value)
{
	const char *word = o->value;
	unsigned place = 0; /* of the size of an enum */

	for (;; place++) {
		size_t len = strcspn(word, "|");

		if (strlen(value) == len && memcmp(word, value, len) == 0)
			break;
		if (!word[len])
			return refusal_set(p->refusal, spelled, "must be one of %s, not \"%s\"",
					   o->value, value);
		word += len + 1;
	}
	memcpy(p->into + o->offset, &place, sizeof(place));
	return 0;
}

static int store_item(struct parser *p, const struct option_info *o, const char *value)
{
	struct option_list *list = (void *)(p->into + o->offset);

	if (!list->items)
		list->items = arena_alloc_array(p->arena, (size_t)p->argc, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	list->items[list->len++] = value;
	return 0;
}

static int store(struct parser *p, const struct option_info *o, const char *spelled,
		 const char *value)
{
	bool yes = true;

	if (o->kind == OPTION_FLAG) {
		if (value)
			return refusal_set(p->refusal, spelled, "takes no value");
		memcpy(p->into + o->offset, &yes, sizeof(yes));
		return 0;
	}
	if (!value && p->at < p->argc)
		value = p->argv[p->at++];
	if (!value)
		return refusal_set(p->refusal, spelled, "needs a value: %s", o->value);
	switch (o->kind) {
	case OPTION_NUMBER:
	case OPTION_SIZE: return store_number(p, o, spelled, value);
	case OPTION_CHOICE: return store_choice(p, o, spelled, value);
	case OPTION_LIST: return store_item(p, o, value);
	default: memcpy(p->into + o->offset, &value, sizeof(value)); return 0;
	}
}

static int parse_long(struct parser *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	char spelled[64];

	snprintf(spelled, sizeof(spelled), "%.*s", (int)len, word);
	for (size_t i = 0; i < p->len; i++)
		if (strlen(p->table[i].name) == len - 2 &&
		    !memcmp(p->table[i].name, word + 2, len - 2))
			return store(p, &p->table[i], spelled, equals ? equals + 1 : NULL);
	return refusal_set(p->refusal, spelled, "there is no such option");
}

/* "-l python" or "-lpython"; flags are not bundled. */
static int parse_short(struct parser *p, const char *word)
{
	char spelled[3] = { '-', word[1], '\0' };

	for (size_t i = 0; i < p->len; i++)
		if (p->table[i].letter && p->table[i].letter == word[1])
			return store(p, &p->table[i], spelled, word[2] ? word + 2 : NULL);
	return refusal_set(p->refusal, spelled, "there is no such option");
}

int options_parse(const struct option_info *table, size_t len, int argc, char **argv, void *into,
		  struct arena *arena, struct option_words *ret, struct refusal *refusal)
{
	struct parser p = { .table = table,
			    .len = len,
			    .argv = argv,
			    .argc = argc,
			    .into = into,
			    .arena = arena,
			    .refusal = refusal };
	struct option_words words = { 0 };
	int r = 0;

	words.words = arena_alloc_array(arena, (size_t)argc + 1, sizeof(*words.words));
	if (!words.words)
		return -ENOMEM;
	while (r == 0 && p.at < argc) {
		const char *word = argv[p.at++];

		if (!strcmp(word, "--")) {
			words.rest = (const char **)(void *)(argv + p.at);
			words.nrest = (size_t)(argc - p.at);
			break;
		}
		if (word[0] != '-' || !word[1])
			words.words[words.nwords++] = word;
		else
			r = word[1] == '-' ? parse_long(&p, word) : parse_short(&p, word);
	}
	if (r == 0)
		*ret = words;
	return r;
}

void options_print_wrapped(FILE *to, const char *text, int at, int indent)
{
	while (*text) {
		size_t len = strcspn(text, " \n");

		if (at > indent && at + 1 + (int)len > HELP_WIDTH)
			at = 0 * fprintf(to, "\n");
		if (at < indent)
			at += fprintf(to, "%*s", indent - at, "");
		else if (at > indent)
			at += fprintf(to, " ");
		at += fprintf(to, "%.*s", (int)len, text);
		text += len;
		if (*text == '\n')
			at = 0 * fprintf(to, "\n");
		if (*text)
			text++;
	}
	fprintf(to, "\n");
}

void options_print(FILE *to, const struct option_info *table, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const struct option_info *o = &table[i];
		int at = o->letter ? fprintf(to, "  -%c, ", o->letter) : fprintf(to, "      ");

		at += fprintf(to, "--%s%s%s", o->name, o->value ? " " : "",
			      o->value ? o->value : "");
		if (at > HELP_COLUMN - 2)
			at = 0 * fprintf(to, "\n");
		options_print_wrapped(to, o->doc, at, HELP_COLUMN);
	}
}
