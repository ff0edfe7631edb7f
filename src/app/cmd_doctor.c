/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar doctor`: the layers as they are on this host, found by attacking them.  Without root nothing
 * can be attacked, and nothing is called ok.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/privilege.h"
#include "app/service.h"
#include "base/cleanup.h"
#include "engine/probe.h"
#include "kernel/landlock.h"

/* Exit codes by severity: the worst layer's. */
enum {
	DOCTOR_OK = 0,
	DOCTOR_OPTIONAL_MISSING = 1,
	DOCTOR_REQUIRED_MISSING = 2,
	DOCTOR_UNKNOWN = 3
};

static const char *const state_names[] = {
	[PROBE_UNKNOWN] = "unknown", [PROBE_OK] = "ok", [PROBE_MISSING] = "missing"
};

static int severity(const struct probe_report *r)
{
	int worst = DOCTOR_OK;

	for (size_t i = 0; i < probe_layers_len; i++) {
		int s = DOCTOR_OK;

		if (r->layers[i].state == PROBE_UNKNOWN)
			s = DOCTOR_UNKNOWN;
		else if (r->layers[i].state == PROBE_MISSING)
			s = probe_layers[i].required ? DOCTOR_REQUIRED_MISSING
						     : DOCTOR_OPTIONAL_MISSING;
		worst = s > worst ? s : worst;
	}
	return worst;
}

/* A reason that holds for all layers is told once, above them, and whole. */
static void print_report(const struct probe_report *r, const char *host, const char *reason)
{
	printf("%s\n", host);
	if (reason)
		printf("nothing was tried: %s\n", reason);
	for (size_t i = 0; i < probe_layers_len; i++) {
		const struct probe_layer *l = &probe_layers[i];

		printf("%-8s %-14s %s\n", state_names[r->layers[i].state], l->name, l->doc);
		if (!reason && r->layers[i].state != PROBE_OK && *r->layers[i].detail)
			printf("%-8s %-14s   %s\n", "", "", r->layers[i].detail);
		if (r->layers[i].state == PROBE_MISSING && *l->cure)
			printf("%-8s %-14s   to get it: %s\n", "", "", l->cure);
	}
}

static json_t *json_layer(const struct probe_report *r, size_t i)
{
	const struct probe_layer *l = &probe_layers[i];
	enum probe_state state = r->layers[i].state;

	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "layer", l->name, "state",
			 state_names[state], "required", l->required, "gives", l->doc, "detail",
			 r->layers[i].detail, "cure", state == PROBE_OK ? "" : l->cure);
}

static int print_json(const struct probe_report *r, const char *host, const char *reason)
{
	json_t *layers = json_array();
	_cleanup_free_ char *text = NULL;
	json_t *all;

	for (size_t i = 0; i < probe_layers_len; i++)
		json_array_append_new(layers, json_layer(r, i));
	all = json_pack("{s:s, s:i, s:s?, s:o}", "host", host, "severity", severity(r), "reason",
			reason, "layers", layers);
	text = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
	json_decref(all);
	if (!text)
		return -ENOMEM;
	printf("%s\n", text);
	return 0;
}

/* What is known of the host without trying anything. */
static void describe_host(const struct service *s, char *text, size_t size)
{
	int version = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 ? 2 : 1;
	char lanes[24] = "";

	if (s->lanes) /* none before the warden stands */
		snprintf(lanes, sizeof(lanes), "%u lane%s, ", s->lanes, s->lanes == 1 ? "" : "s");
	snprintf(text, size, "native boxes: %scgroups v%d, Landlock ABI %d", lanes, version,
		 landlock_abi());
}

static int doctor(const struct settings *settings, const struct option_words *words)
{
	struct service service = SERVICE_INIT;
	struct probe_report report = { 0 };
	struct err err = ERR_INIT;
	const char *reason = NULL;
	char host[128];
	int r;

	if (words->nwords + words->nrest > 0)
		return command_usage_error("doctor", "takes no words");
	service.unprobed = true;
	service.probe.thorough = true;
	r = service_load(&service, settings, &err);
	if (r < 0) {
		service_done(&service);
		return answer_failure("doctor", settings->json, NULL, &err);
	}
	r = privilege_require(&err);
	if (r == 0)
		r = service_start(&service, (unsigned)settings->lanes, &err);
	if (r == 0)
		r = service_enter(&service, &err);
	if (r == 0)
		r = service_probe(&service, &report, &err);
	if (r < 0) {
		reason = err.text;
		probe_report_unknown(&report, reason);
	}
	describe_host(&service, host, sizeof(host));
	service_done(&service);
	if (!settings->json)
		print_report(&report, host, reason);
	else if (print_json(&report, host, reason) < 0)
		return KODEWAR_EXIT_FAILED;
	r = command_end_stdout();
	return r == KODEWAR_EXIT_OK ? severity(&report) : r;
}

static const struct option_info options[] = { SETTING_JSON,    SETTING_LANES,
					      SETTING_PROFILE, SETTING_LANGUAGES_DIR,
					      SETTING_LOG_DIR, SETTING_HELP };
static const char *const synopsis[] = { "[OPTION...]", NULL };

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = synopsis,
	.summary = "Attack every layer of containment on this host, and say which hold",
	.details =
		"Runs children in boxes that try to break out, one line per layer: ok, missing with the way to "
		"get it, or unknown where it could not be tried (it needs root).\n\n"
		"Ends with 0 when every layer is ok, 1 when an optional one is missing, 2 when a required "
		"one is (programs are refused then), 3 when something could not be tried.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = doctor,
};
