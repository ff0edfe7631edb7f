/* SPDX-License-Identifier: Apache-2.0 */
/* The languages as their files say, and which of them are here, which nobody needs any privilege for; --test runs boxes. */
#include <jansson.h>
#include <stdio.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/languages_test.h"
#include "app/service.h"
#include "base/cleanup.h"

#define SETTING_TEST \
	SETTING_FLAG( \
		"test", 0, test, \
		"run the self-tests of the languages named, or of all that are here, in boxes, and tell what came out; ends with 1 where one fails")

static const struct option_info options[] = {
	SETTING_TEST,	       SETTING_JSON,	SETTING_LANES,	 SETTING_RUNNER,
	SETTING_LANGUAGES_DIR, SETTING_PROFILE, SETTING_LOG_DIR, SETTINGS_OF_BACKEND,
	SETTINGS_OF_TREE,      SETTING_HELP,
};

static int print_names(const char *const *names)
{
	int at = 0;

	for (size_t i = 0; names && names[i]; i++)
		at += printf("%s%s", i ? " " : "", names[i]);
	return at;
}

static void print_text(const struct language_set *set)
{
	size_t absent = 0;

	printf("%-14s %-26s %-5s %-8s %-14s %s\n", "NAME", "TITLE", "HERE", "RUNNER", "ENDINGS",
	       "ALIASES");
	for (size_t i = 0; i < set->len; i++) {
		const struct language *l = &set->langs[i];
		int at;

		printf("%-14s %-26s %-5s %-8s ", language_id(l), l->title, l->absent ? "no" : "yes",
		       runner_names[l->runner]);
		at = print_names(l->extensions);
		printf("%*s", at < 15 ? 15 - at : 1, "");
		print_names(l->aliases);
		printf("\n");
		absent += l->absent != NULL;
	}
	if (absent)
		printf("\nNot here, and refused when asked for:\n");
	for (size_t i = 0; i < set->len; i++)
		if (set->langs[i].absent)
			printf("%-14s %s\n", language_id(&set->langs[i]), set->langs[i].absent);
}

static json_t *json_names(const char *const *names)
{
	json_t *array = json_array();

	for (size_t i = 0; names && names[i]; i++)
		json_array_append_new(array, json_string(names[i]));
	return array;
}

static int print_json(const struct language_set *set)
{
	json_t *all = json_array();
	int r;

	for (size_t i = 0; i < set->len; i++) {
		const struct language *l = &set->langs[i];

		json_array_append_new(
			all,
			json_pack(
				"{s:s, s:s?, s:s, s:s, s:o, s:o, s:s, s:b, s:b, s:s?, s:o, s:s?, s:f, s:f}",
				"name", l->name, "release", l->release, "id", language_id(l),
				"title", l->title, "aliases", json_names(l->aliases), "extensions",
				json_names(l->extensions), "runner", runner_names[l->runner],
				"compiled", l->compile_argv != NULL, "available", l->absent == NULL,
				"absent", l->absent, "packages", json_names(l->packages), "memory",
				l->memory, "time_factor", l->time_factor, "memory_factor",
				l->memory_factor));
	}
	r = json_dumpf(all, stdout, JSON_COMPACT);
	json_decref(all);
	printf("\n");
	return r;
}

static int run(const struct settings *s, const struct option_words *words)
{
	_cleanup_(service_done) struct service service = SERVICE_INIT;
	struct err err = ERR_INIT;

	if (words->nrest > 0 || (words->nwords > 0 && !s->test))
		return command_usage_error("languages",
					   "takes names of languages with --test only");
	if (service_load(&service, s, &err) < 0)
		return answer_failure("languages", s->json, NULL, &err);
	if (s->test)
		return languages_test(&service, s, words);
	if (!s->json)
		print_text(&service.languages);
	else if (print_json(&service.languages) < 0)
		return KODEWAR_EXIT_FAILED;
	return command_end_stdout();
}

const struct command command_languages = {
	.name = "languages",
	.synopsis = (const char *const[]){ "[--json]", "--test [OPTION...] [NAME...]", NULL },
	.summary = "List the languages, and which of them are here; try them",
	.details =
		"RUNNER says how programs of a language can be started: exec, each as a new process, or python "
		"and node, warm as well: forked from a runtime that has started already. Whether that works "
		"here is what kodewar doctor finds out. A language whose packages are missing is listed with "
		"what it lacks, and a request for it is refused.\n\n"
		"--test judges six programs of each language in boxes (hello, stdin echoed, the sum of 100,000 "
		"numbers, an exit code, a compile error, a runtime error with its line) and an empty one: COLD "
		"is its time from order to result with nothing made ready, compiler included, WARM the same "
		"again, CPU its cpu time then, KB the memory that it takes: what there is to subtract from usage. It needs what boxes need: root or a cgroup of your own.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};
