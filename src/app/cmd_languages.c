/* SPDX-License-Identifier: Apache-2.0 */
/* The languages as their files say, which nobody needs any privilege for. */
#include <jansson.h>
#include <stdio.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/service.h"
#include "base/cleanup.h"

static const struct option_info options[] = { SETTING_JSON, SETTING_LANGUAGES_DIR, SETTING_HELP };

static void print_names(const char *const *names)
{
	for (size_t i = 0; names && names[i]; i++)
		printf("%s%s", i ? " " : "", names[i]);
}

static void print_text(const struct language_set *set)
{
	printf("%-12s %-22s %-8s %-12s %s\n", "NAME", "TITLE", "RUNNER", "ENDINGS", "ALIASES");
	for (size_t i = 0; i < set->len; i++) {
		const struct language *l = &set->langs[i];
		int at = 0;

		printf("%-12s %-22s %-8s ", l->name, l->title, runner_names[l->runner]);
		for (size_t k = 0; l->extensions && l->extensions[k]; k++)
			at += printf("%s%s", k ? " " : "", l->extensions[k]);
		printf("%*s", at < 13 ? 13 - at : 1, "");
		print_names(l->aliases);
		printf("\n");
	}
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
			all, json_pack("{s:s, s:s, s:o, s:o, s:s, s:b}", "name", l->name, "title",
				       l->title, "aliases", json_names(l->aliases), "extensions",
				       json_names(l->extensions), "runner", runner_names[l->runner],
				       "compiled", l->compile_argv != NULL));
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

	if (words->nwords + words->nrest > 0)
		return command_usage_error("languages", "takes no words");
	if (service_load(&service, s, &err) < 0)
		return answer_failure("languages", s->json, NULL, &err);
	if (!s->json)
		print_text(&service.languages);
	else if (print_json(&service.languages) < 0)
		return KODEWAR_EXIT_FAILED;
	return command_end_stdout();
}

const struct command command_languages = {
	.name = "languages",
	.synopsis = (const char *const[]){ "[--json]", NULL },
	.summary = "List the languages",
	.details =
		"RUNNER says how programs of a language can be started: exec, each as a new process, or python "
		"and node, warm as well: forked from a runtime that has started already. Whether that works "
		"here is what kodewar doctor finds out.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = run,
};
