/* SPDX-License-Identifier: Apache-2.0 */
/* See service.h. */
#include "app/service.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/installed.h"
#include "app/privilege.h"
#include "backend/native.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/language_yaml.h"
#include "codec/profile_json.h"
#include "engine/warm.h"
#include "kernel/open_files.h"
#include "sandbox/layers.h"
#include "sandbox/tree.h"

#define SERVICE_ARENA_BYTES (16u << 20)

int service_load(struct service *s, const struct settings *settings, struct err *err)
{
	int r;

	arena_init(&s->arena, SERVICE_ARENA_BYTES);
	r = paths_find(settings, &s->arena, &s->paths, err);
	if (r < 0)
		return r;
	r = language_yaml_load_dir(s->paths.languages_dir, &s->arena, &s->languages, err);
	if (r < 0)
		return r;
	service_docker_load(&s->docker, settings);
	s->tree_word =
		settings->tree && strcmp(settings->tree, "host") != 0 ? settings->tree : NULL;
	/* What an image has only the engine can tell; a tree is opened later. */
	if (!s->docker.on && !s->tree_word &&
	    (r = installed_mark(&s->languages, NULL, &s->arena, err)) < 0)
		return r;
	s->planner =
		(struct planner_config){ &s->languages, limits_default, limits_cap, .cold = ~0u };
	return 0;
}

unsigned service_lanes(unsigned asked)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	if (asked)
		return asked;
	return n < 1 ? 1 : n > SETTINGS_LANES_MAX ? SETTINGS_LANES_MAX : (unsigned)n;
}

/* KODEWAR_LAYERS_OFF=NAME,… is read by a test-only build; a product has no such switch. */
static unsigned layers_off(void)
{
	unsigned off = 0;
#ifdef KODEWAR_TEST_LAYERS_OFF
#define LAYER_NAME(id, name) name,
	static const char *const names[] = { LAYERS(LAYER_NAME) };
	const char *at = getenv("KODEWAR_LAYERS_OFF");

	while (at && *at) {
		size_t len = strcspn(at, ",");

		for (unsigned i = 0; i < LAYER_COUNT; i++)
			if (strlen(names[i]) == len && !memcmp(names[i], at, len))
				off |= 1u << i;
		at += len + (at[len] == ',');
	}
#endif
	return off;
}

/* Read while we may: the binary may lie where the gate's user cannot go. */
int service_load_probe(struct service *s, struct err *err)
{
	_cleanup_close_ int fd = open(s->paths.probe, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "open %s", s->paths.probe);
	s->probe_program = malloc((size_t)st.st_size);
	if (!s->probe_program)
		return err_set(err, ENOMEM, "read %s", s->paths.probe);
	n = fd_read_full(fd, s->probe_program, (size_t)st.st_size);
	if (n < 0)
		return err_set(err, (int)n, "read %s", s->paths.probe);
	s->probe.rootless = s->rootless.on;
	s->probe.borrowed = s->rootless.place.kind == CGROUP_BORROWED;
	s->probe.program = (struct text){ s->probe_program, (size_t)n };
	n = probe_read_namespaces(&s->probe);
	return n < 0 ? err_set(err, (int)n, "read our own namespaces") : 0;
}

int service_probe(struct service *s, struct probe_report *ret, struct err *err)
{
	int r = probe_run(s->loop, s->backend, &s->probe, ret, err);

	if (s->engine)
		engine_attach(s->engine);
	return s->docker.on ? service_docker_probed(s, r, err) : r;
}

/* A test-only build is there to see what happens without a layer; it refuses where it is asked to. */
static bool refuses_missing(void)
{
#ifdef KODEWAR_TEST_LAYERS_OFF
	return !getenv("KODEWAR_LAYERS_OFF") || getenv("KODEWAR_LAYERS_REQUIRED");
#else
	return true;
#endif
}

/* Fail closed: what is required and does not bite refuses every job; the rest is told, and logged. */
static int require_layers(struct service *s, struct err *err)
{
	struct probe_report report;
	char missing[ERR_TEXT_BYTES - 64];
	int r = service_probe(s, &report, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < probe_layers_len; i++)
		if (!probe_required(&report, i) && report.layers[i].state == PROBE_MISSING)
			log_event(LOG_LEVEL_WARNING, "layer missing: %s: %s", probe_layers[i].name,
				  report.layers[i].detail);
	for (size_t i = 0; report.partial && i < probe_layers_len; i++)
		if (report.layers[i].state == PROBE_UNKNOWN)
			log_event(LOG_LEVEL_WARNING,
				  "layer not tried at this start: %s; doctor does",
				  probe_layers[i].name);
	if (probe_required_ok(&report, missing, sizeof(missing)) || !refuses_missing())
		return 0;
	return err_set(err, 0, "required layers do not hold here: %s", missing), -ENOTSUP;
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Our own program, with the modules that it loads ahead as its arguments. */
static int python_runner(struct service *s, const struct language *l, struct lane_runner *ret)
{
	const struct request nothing = { .code = TEXT(""),
					 .language = language_id(l),
					 .stdin_text = TEXT("") };
	size_t n = count(l->preload);
	char **argv = arena_alloc_array(&s->arena, n + 2, sizeof(*argv));
	struct refusal refusal;
	struct plan plan;

	/* Its environment is that of a program: what the runtime reads of it when it starts holds for all. */
	if (!argv || planner_plan(&s->planner, &nothing, &s->arena, &plan, &refusal) != 0)
		return -ENOMEM;
	argv[0] = "kodewar-python";
	memcpy(argv + 1, l->preload, n * sizeof(*argv));
	*ret = (struct lane_runner){ .program = s->paths.python,
				     .argv = argv,
				     .envp = (char *const *)plan.steps[plan.nsteps - 1].envp };
	return 0;
}

/* The tree's own node, as a cold start runs it, with our preload. */
static int node_runner(struct service *s, const struct language *l, struct lane_runner *ret)
{
	static char *const env[] = { "PATH=/usr/bin:/bin", "HOME=/box",
				     "NODE_OPTIONS=-r " ZYGOTE_DIR
				     "/preload.js --use-largepages=on",
				     "LD_PRELOAD=" ZYGOTE_DIR "/place.so", NULL };
	size_t n = count(l->run_argv);
	char **argv = arena_alloc_array(&s->arena, n + 1, sizeof(*argv));

	if (!argv)
		return -ENOMEM;
	memcpy(argv, l->run_argv, n * sizeof(*argv));
	for (size_t i = 1; i < n; i++)
		if (strcmp(argv[i], l->source) == 0)
			argv[i] = arena_printf(&s->arena, "/box/%s", l->source);
	*ret = (struct lane_runner){ .path = argv[0],
				     .argv = argv,
				     .envp = env,
				     .files = { { "preload.js", s->paths.node_preload },
						{ "addon.node", s->paths.node_addon },
						{ "place.so", s->paths.node_place } } };
	return 0;
}

/* The first language of each kind says how its zygotes are started. */
static int plan_runners(struct service *s)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->languages.len; i++) {
		const struct language *l = &s->languages.langs[i];
		struct lane_runner *runner = &s->runners[l->runner];

		if (runner->argv || l->absent)
			continue;
		if (l->runner == RUNNER_PYTHON)
			r = python_runner(s, l, runner);
		else if (l->runner == RUNNER_NODE)
			r = node_runner(s, l, runner);
	}
	return r;
}

/* While we may look everywhere, and are who owns trees: before any namespace of our own. */
static int open_tree_of_ours(struct service *s, struct err *err)
{
	int r;

	if (!s->tree_word)
		return 0;
	if (s->docker.on)
		return err_set(err, 0, "tree: with --backend docker boxes see the engine's image"),
		       -ENOTSUP;
	r = place_open(s->paths.trees_dir, s->tree_word, &s->tree, err);
	if (r == 0)
		s->probe.own_tree = true;
	return r;
}

int service_look(struct service *s, struct err *err)
{
	int r;

	if (s->looked)
		return 0;
	r = open_tree_of_ours(s, err);
	if (r == 0 && s->tree.fd >= 0)
		r = installed_mark(&s->languages, &s->tree, &s->arena, err);
	if (r == 0 && !s->docker.on)
		r = identity_of_boxes(&s->tree, &s->languages, s->paths.profile, &s->identity, err);
	s->looked = r == 0;
	return r;
}

const char *service_tree_name(const struct service *s)
{
	const char *slash = strrchr(s->tree.path, '/');

	return slash ? slash + 1 : "host";
}

void service_tell_tree(const struct service *s)
{
	if (s->tree.fd >= 0)
		log_event(LOG_LEVEL_INFO, "boxes see the tree %s, %s%s", s->tree.path,
			  *s->tree.digest ? "digest " : "which has no manifest", s->tree.digest);
}

bool service_cache_config(const struct service *s, struct cache_config *ret)
{
	ret->host = s->tree.fd < 0;
	ret->tree = ret->host ? "host" : s->tree.digest;
	return !s->docker.on && *ret->tree;
}

/* Without root there may be room for less, and for one box at a time. */
static int go_rootless(struct service *s, unsigned lanes, struct warden_config *config,
		       struct err *err)
{
	int r = rootless_enter(&s->rootless, err);

	if (r == 0)
		r = rootless_caps(&s->rootless, &s->planner.caps, err);
	if (r < 0)
		return r;
	config->rootless = s->rootless.on;
	config->place = &s->rootless.place;
	config->lanes = service_lanes(lanes);
	if (config->place->kind != CGROUP_BORROWED)
		return 0;
	if (lanes > 1)
		return err_set(err, 0, "lanes: must be 1 where the cgroup is borrowed"), -ENOTSUP;
	config->lanes = 1;
	return 0;
}

int service_start(struct service *s, unsigned lanes, struct err *err)
{
	struct warden_config config = {
		.launcher_path = s->paths.launcher,
		.base = &s->base,
		.closing = &s->closing,
		.caps = limits_cap,
		.layers_off = layers_off(),
	};
	struct profile profile;
	int r;

	r = service_look(s, err);
	if (r < 0)
		return r;
	if (s->docker.on)
		return service_docker_start(s, service_lanes(lanes), err);
	config.tree = (struct tree_source){ s->tree.fd >= 0 ? s->tree.path : NULL, s->tree.dev,
					    s->tree.ino };
	r = go_rootless(s, lanes, &config, err);
	if (r == 0)
		r = profile_json_load(s->paths.profile, &s->arena, &profile, err);
	if (r == 0)
		r = seccomp_compile(&profile, SECCOMP_BASE, &s->base, err);
	if (r == 0)
		r = seccomp_compile(&profile, SECCOMP_CLOSING, &s->closing, err);
	if (r < 0)
		return r;
	r = service_load_probe(s, err);
	if (r < 0)
		return r;
	if (s->probe.thorough)
		s->probe.disk_fd = probe_open_disk(s->tree.fd);
	if (plan_runners(s) < 0)
		return err_set(err, ENOMEM, "plan the runners");
	memcpy(config.runners, s->runners, sizeof(config.runners));
	r = installed_tree(&s->languages, &s->arena, &config.tree.more, err);
	if (r < 0)
		return r;
	s->lanes = config.lanes;
	r = warden_start(&config, &s->warden, err);
	s->gate_uid = s->gate_gid = s->warden.gate_uid;
	return r;
}

/* No log is no reason not to judge, but it is not kept secret either. */
static void open_logs(const struct service *s)
{
	struct err err = ERR_INIT;

	if (log_open(s->paths.log_dir, s->gate_uid, s->gate_uid, LOG_LEVEL_INFO, &err) < 0)
		fprintf(stderr, "kodewar: warning: nothing is logged: %s\n", err.text);
}

int service_enter_bare(struct service *s, struct err *err)
{
	int r;

	open_logs(s);
	open_files_raise();
	r = privilege_drop(s->gate_uid, s->gate_gid, err);
	if (r == 0 && (r = sd_event_new(&s->loop)) < 0)
		err_set(err, r, "make the loop");
	return r;
}

int service_enter(struct service *s, struct err *err)
{
	int r;

	open_logs(s);
	open_files_raise();
	if (!s->prepared)
		service_tell_tree(s);
	if (s->rootless.on)
		log_event(LOG_LEVEL_INFO, "boxes without root%s; doctor tells what that lacks",
			  rootless_name(&s->rootless));
	r = s->rootless.on ? privilege_drop_rootless(err)
			   : privilege_drop(s->gate_uid, s->gate_gid, err);
	if (r < 0)
		return r;
	r = sd_event_new(&s->loop);
	if (r < 0)
		return err_set(err, r, "make the loop");
	r = s->docker.on ? service_docker_enter(s, err)
			 : native_new(s->loop, TAKE_FD(s->warden.sock), s->lanes, &s->backend, err);
	if (r < 0)
		return r;
	if (!s->unprobed && !s->prepared && (r = require_layers(s, err)) < 0)
		return r;
	s->planner.lanes = s->lanes;
	r = engine_new(s->loop, s->backend, &s->engine);
	return r < 0 ? err_set(err, r, "make the engine") : 0;
}

int service_warm(struct service *s, enum runner_mode mode, const struct language *language,
		 bool worth, struct err *err)
{
	unsigned bit = 1u << language->runner;
	bool must = mode == RUNNER_MODE_WARM || mode == RUNNER_MODE_POOLED;
	int r;

	if (mode == RUNNER_MODE_COLD || (s->docker.on && !must) ||
	    (!must && (language->runner == RUNNER_EXEC || !worth)) || (s->proved & bit) ||
	    (!must && (s->refused & bit)))
		return 0;
	r = warm_prove(s->loop, s->engine, s->backend, &s->planner, language,
		       mode == RUNNER_MODE_POOLED, err);
	if (r == 0) {
		s->proved |= bit;
		s->planner.cold &= ~bit;
	} else if (r == -ENOTSUP) {
		s->refused |= bit;
		log_event(LOG_LEVEL_WARNING, "%s", err->text);
	}
	if (r != -ENOTSUP || must)
		return r;
	*err = (struct err)ERR_INIT; /* told in the log; nobody asked for it */
	return 0;
}

/* The backend closes the warden's socket, upon which the warden cleans up and ends: waited for. */
void service_done(struct service *s)
{
	if (s->engine)
		engine_free(s->engine);
	if (s->backend)
		s->backend->ops->free(s->backend);
	warden_stop(&s->warden);
	rootless_leave(&s->rootless);
	if (s->loop)
		sd_event_unref(s->loop);
	service_docker_done(&s->docker);
	place_done(&s->tree);
	seccomp_program_done(&s->base);
	seccomp_program_done(&s->closing);
	if (s->probe.disk_fd >= 0)
		close(s->probe.disk_fd);
	free(s->probe_program);
	arena_done(&s->arena);
	log_close();
	*s = (struct service)SERVICE_INIT;
}
