/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar doctor`: the layers as they are on this host, found by attacking them, and the warm runners, found by
 * having them answer.  Without root nothing can be tried, and nothing is called ok.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/doctor_docker.h"
#include "app/doctor_noise.h"
#include "app/service.h"
#include "base/cleanup.h"
#include "engine/probe.h"
#include "engine/warm.h"
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

static const char *const warm_state_names[] = { [WARM_UNKNOWN] = "unknown",
						[WARM_OK] = "ok",
						[WARM_MISSING] = "missing",
						[WARM_COLD] = "cold" };

/* Of each language whose programs need not wait for a runtime to start. */
struct runner_row {
	const struct language *language;
	struct warm_report report;
};

/* All that is told. */
struct findings {
	struct probe_report layers;
	struct runner_row *runners; /* in the service's arena */
	size_t nrunners;
	const struct docker_findings *docker; /* of --backend docker, else NULL */
	struct doctor_noise noise;
	char host[320];
	const char *reason;	  /* why nothing was tried, or NULL */
	const char *const *lacks; /* of the mode, where it is rootless */
	bool busy;		  /* another instance does make boxes, in this container */
	bool quick;		  /* only whether programs would be run */
	bool served;		  /* by the container's main process, which is asked nothing */
};

/* Where there is no warm runner. The build takes what is there when it is configured. */
static const char *const missing_cures[RUNNER_KINDS] = {
	[RUNNER_PYTHON] = "apt-get install python3.11 libpython3.11-dev libexpat1-dev zlib1g-dev, "
			  "then make clean build",
	[RUNNER_NODE] =
		"apt-get install g++ nodejs libnode-dev (a nodejs that is not Debian's brings "
		"its headers itself), then make clean build",
};

/* Where there is one that does not serve: its reason is told above. */
static const char *const cold_cures[RUNNER_KINDS] = {
	[RUNNER_PYTHON] =
		"make clean build, if Python was updated since it was built; a module that "
		"the reason names: correct preload in the language's file",
	[RUNNER_NODE] = "make clean build, if node was updated since it was built (20, 22 and 24 "
			"can be warm); else ask again",
};

static const char *warm_cure(const struct runner_row *row)
{
	if (row->report.state == WARM_MISSING)
		return missing_cures[row->language->runner];
	if (row->report.state != WARM_COLD)
		return "";
	if (row->report.selftest)
		return "look at this test in the selftests of the language's file";
	return cold_cures[row->language->runner];
}

static int warm_severity(const struct findings *f)
{
	int worst = DOCTOR_OK;

	for (size_t i = 0; i < f->nrunners; i++) {
		enum warm_state state = f->runners[i].report.state;
		int s = state == WARM_OK	? DOCTOR_OK
			: state == WARM_UNKNOWN ? DOCTOR_UNKNOWN
						: DOCTOR_OPTIONAL_MISSING;

		worst = s > worst ? s : worst;
	}
	return worst;
}

static int layer_severity(const struct findings *f, size_t i)
{
	const struct probe_report *r = &f->layers;
	enum probe_state state = r->layers[i].state;
	bool required = probe_required(r, i);

	if (f->quick && (f->busy || !required || (r->partial && state == PROBE_UNKNOWN)))
		return DOCTOR_OK;
	if (state == PROBE_UNKNOWN)
		return DOCTOR_UNKNOWN;
	if (state != PROBE_MISSING)
		return DOCTOR_OK;
	return required ? DOCTOR_REQUIRED_MISSING : DOCTOR_OPTIONAL_MISSING;
}

static int severity(const struct findings *f)
{
	int worst = f->quick ? DOCTOR_OK : warm_severity(f);

	if (f->served)
		return DOCTOR_OK;
	if (f->docker) {
		worst = doctor_docker_severity(f->docker, f->quick);
		if (worst == DOCTOR_REQUIRED_MISSING)
			return worst; /* the rest could not be tried for it */
	}
	for (size_t i = 0; i < probe_layers_len; i++) {
		int s = layer_severity(f, i);

		worst = s > worst ? s : worst;
	}
	return worst;
}

/* A line, and below it what else is to be told of a thing that is not ok. */
static void print_row(const char *state, const char *name, const char *doc, const char *detail,
		      const char *cure)
{
	printf("%-8s %-15s %s\n", state, name, doc);
	if (*detail)
		printf("%-8s %-15s   %s\n", "", "", detail);
	if (*cure)
		printf("%-8s %-15s   to get it: %s\n", "", "", cure);
}

static void print_runner(const struct runner_row *row, bool tried)
{
	const struct warm_report *r = &row->report;
	char name[32], doc[96];

	snprintf(name, sizeof(name), "warm-%s", row->language->name);
	snprintf(doc, sizeof(doc), "programs fork from a running %s%s%.31s",
		 runner_names[row->language->runner], r->state == WARM_OK ? " " : "",
		 r->state == WARM_OK ? r->text : "");
	print_row(warm_state_names[r->state], name, doc,
		  tried && r->state != WARM_OK ? r->text : "", warm_cure(row));
}

/* A reason that holds for all is told once, above them, and whole. */
static void print_findings(const struct findings *f)
{
	printf("%s\n", f->host);
	if (f->reason)
		printf("nothing was tried: %s\n", f->reason);
	if (f->docker)
		doctor_docker_print(f->docker, print_row);
	for (size_t i = 0; i < probe_layers_len; i++) {
		const struct probe_layer *l = &probe_layers[i];
		enum probe_state state = f->layers.layers[i].state;

		print_row(state_names[state], l->name, l->doc,
			  !f->reason && state != PROBE_OK ? f->layers.layers[i].detail : "",
			  state == PROBE_MISSING ? l->cure : "");
	}
	for (const char *const *what = f->lacks; what && *what; what++)
		print_row("lacks", "rootless", *what, "", "");
	for (size_t i = 0; i < f->nrunners; i++)
		print_runner(&f->runners[i], !f->reason);
	if (!f->quick)
		doctor_noise_print(&f->noise, print_row);
}

static json_t *json_layer(const struct probe_report *r, size_t i)
{
	const struct probe_layer *l = &probe_layers[i];
	enum probe_state state = r->layers[i].state;

	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "layer", l->name, "state",
			 state_names[state], "required", probe_required(r, i), "gives", l->doc,
			 "detail", r->layers[i].detail, "cure", state == PROBE_OK ? "" : l->cure);
}

static json_t *json_runner(const struct runner_row *row)
{
	const struct warm_report *r = &row->report;
	bool ok = r->state == WARM_OK;

	return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s}", "language", row->language->name,
			 "runner", runner_names[row->language->runner], "state",
			 warm_state_names[r->state], "version", ok ? r->text : NULL, "detail",
			 ok ? "" : r->text, "cure", warm_cure(row));
}

static int print_json(const struct findings *f)
{
	json_t *layers = json_array(), *runners = json_array(), *lacks = json_array();
	_cleanup_free_ char *text = NULL;
	json_t *all;

	for (size_t i = 0; i < probe_layers_len; i++)
		json_array_append_new(layers, json_layer(&f->layers, i));
	for (size_t i = 0; i < f->nrunners; i++)
		json_array_append_new(runners, json_runner(&f->runners[i]));
	for (const char *const *what = f->lacks; what && *what; what++)
		json_array_append_new(lacks, json_string(*what));
	all = json_pack("{s:s, s:i, s:s?, s:o, s:o, s:o, s:o}", "host", f->host, "severity",
			severity(f), "reason", f->reason, "layers", layers, "lacks", lacks,
			"runners", runners, "noise",
			f->quick ? json_array() : doctor_noise_json(&f->noise));
	if (all && f->docker)
		json_object_set_new(all, "docker", doctor_docker_json(f->docker));
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
	if (s->docker.on) {
		snprintf(text, size, "docker boxes: %s%.60s at %.60s", lanes,
			 s->docker.config.image, s->docker.config.host);
		return;
	}
	if (s->rootless.on && s->rootless.place.kind == CGROUP_BORROWED)
		version = s->rootless.place.version;
	snprintf(text, size, "native boxes%s: %scgroups v%d, Landlock ABI %d, tree %.120s",
		 rootless_name(&s->rootless), lanes, version, landlock_abi(),
		 s->tree_word ? s->tree_word : "host");
}

/* Languages that have one, before it is known whether it works. */
static int list_runners(struct service *s, struct findings *f)
{
	f->runners = arena_alloc_array(&s->arena, s->languages.len, sizeof(*f->runners));
	if (!f->runners)
		return -ENOMEM;
	for (size_t i = 0; !s->docker.on && i < s->languages.len; i++)
		if (s->languages.langs[i].runner != RUNNER_EXEC)
			f->runners[f->nrunners++].language = &s->languages.langs[i];
	return 0;
}

static void nothing_tried(struct findings *f, const char *reason)
{
	f->reason = reason;
	probe_report_unknown(&f->layers, reason);
	for (size_t i = 0; i < f->nrunners; i++) {
		struct warm_report *r = &f->runners[i].report;

		r->state = WARM_UNKNOWN;
		snprintf(r->text, sizeof(r->text), "%.319s", reason);
	}
}

/* One that cannot be tried is unknown, and does not take with it what is known of the rest. */
static void try_runners(struct service *s, struct findings *f)
{
	for (size_t i = 0; i < f->nrunners; i++) {
		struct runner_row *row = &f->runners[i];
		struct err err = ERR_INIT;

		if (warm_try(s->loop, s->engine, s->backend, &s->planner, row->language, false,
			     &row->report, &err) == 0)
			continue;
		row->report.state = WARM_UNKNOWN;
		snprintf(row->report.text, sizeof(row->report.text), "%.319s", err.text);
	}
}

/* What takes long, and without which programs are run all the same. */
static void leave_out(struct findings *f)
{
	static const char why[] = "left out by --quick";

	for (size_t i = 0; i < probe_layers_len; i++)
		if (f->layers.layers[i].state == PROBE_UNKNOWN)
			strcpy(f->layers.layers[i].detail, why);
	for (size_t i = 0; i < f->nrunners; i++)
		strcpy(f->runners[i].report.text, why);
}

static int examine(struct service *s, const struct settings *settings, struct findings *f,
		   struct err *err)
{
	int r = service_start(s, (unsigned)settings->lanes, err);

	if (r == 0)
		r = service_enter(s, err);
	if (r == 0)
		r = service_probe(s, &f->layers, err);
	if (r == 0 && f->quick)
		leave_out(f);
	else if (r == 0)
		try_runners(s, f);
	return r;
}

/*
 * A health check beside the container's main process: that one has the control group that boxes need, and would have ended
 * at its start if a required layer did not hold.
 */
static bool main_process_serves(void)
{
	_cleanup_close_ int fd = open("/proc/1/comm", O_RDONLY | O_CLOEXEC);
	char name[16] = "";

	return fd >= 0 && getpid() != 1 && read(fd, name, sizeof(name) - 1) > 0 &&
	       strcmp(name, "kodewar\n") == 0;
}

static int doctor(const struct settings *settings, const struct option_words *words)
{
	_cleanup_(service_done) struct service service = SERVICE_INIT;
	struct findings f = { .quick = settings->quick };
	struct err err = ERR_INIT;
	int r;

	if (words->nwords + words->nrest > 0)
		return command_usage_error("doctor", "takes no words");
	service.unprobed = true;
	doctor_noise_begin(&f.noise);
	if (settings->backend == BACKEND_DOCKER)
		f.docker = &service.docker.findings;
	service.probe.thorough = !settings->quick;
	r = service_load(&service, settings, &err);
	if (r == 0 && list_runners(&service, &f) < 0)
		r = err_set(&err, ENOMEM, "list the runners");
	if (r < 0)
		return answer_failure("doctor", settings->json, NULL, &err);
	f.served = f.quick && main_process_serves();
	if (f.served)
		nothing_tried(
			&f,
			"pid 1 here is a kodewar, and lives on only where the required layers hold");
	else if (examine(&service, settings, &f, &err) < 0)
		nothing_tried(&f, err.text);
	doctor_noise_end(&f.noise, service.lanes ? service.lanes : (unsigned)settings->lanes);
	describe_host(&service, f.host, sizeof(f.host));
	f.busy = service.rootless.busy;
	f.lacks = rootless_lacks(&service.rootless);
	if (!settings->json)
		print_findings(&f);
	else if (print_json(&f) < 0)
		return KODEWAR_EXIT_FAILED;
	r = command_end_stdout();
	return r == KODEWAR_EXIT_OK ? severity(&f) : r;
}

static const struct option_info options[] = { SETTING_JSON,	     SETTING_QUICK,
					      SETTING_LANES,	     SETTING_PROFILE,
					      SETTING_LANGUAGES_DIR, SETTING_LOG_DIR,
					      SETTINGS_OF_BACKEND,   SETTINGS_OF_TREE,
					      SETTING_HELP };
static const char *const synopsis[] = { "[OPTION...]", NULL };

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = synopsis,
	.summary = "Attack every layer on this host, try the warm runners, say what holds",
	.details =
		"Runs children in boxes that try to break out, one line per layer: ok, missing with the way to "
		"get it, or unknown where it could not be tried (it needs root, or what rootless boxes need).\n\n"
		"Below them is a line for each language with a warm runner: ok with the version of its "
		"runtime, missing where it was not built, or cold where it is there but did not pass its "
		"self-tests or does not fit the runtime. Without it programs of that language start cold, which "
		"changes nothing but the time that they take.\n\n"
		"Lines that begin with noise are about what makes the same program take another time from run to run on this host: "
		"quiet, noisy with what to do, or unknown where the kernel does not tell. Nothing is refused for them, and they do not "
		"change the exit code.\n\n"
		"Ends with 0 when all is ok, 1 when an optional layer or a warm runner is missing, 2 when a "
		"required layer is (programs are refused then), 3 when something could not be tried. With "
		"--quick, as a health check asks, only required layers count.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = doctor,
};
