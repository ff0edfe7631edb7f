/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar serve`.  The order is that of service.h: our own files, the warden, then everything that needs rights (sockets,
 * tokens, the state directory), then privileges are dropped, and only then does a stranger's byte come in.
 *
 * Unlike `run` it starts where a required layer does not bite, and says so on /readyz: an operator can ask it why, while
 * every submission is refused with 503.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/serve.h"
#include "app/serve_queue.h"
#include "app/serve_state.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/open_files.h"

#define RESERVE_BYTES (16u << 20) /* on the journal's disk, for results */
#define DESCRIPTORS_OF_OURS 192	  /* the loop, logs, the journal, listening sockets, the cache */
#define DESCRIPTORS_OF_A_LANE 32  /* pipes, files, listeners of a box */

/* ---- with rights ---- */

static const char *said(const char *text)
{
	return *text ? text : NULL;
}

/* Where the configuration says what other commands say with options, it is said to the service that way. */
static void settings_from_config(struct serve *s)
{
	s->settings.log_dir = said(s->config.log_dir);
	s->settings.languages_dir = said(s->config.languages_dir);
	s->settings.profile = said(s->config.profile);
	s->settings.tree = said(s->config.tree);
	s->settings.serve.state_dir = said(s->config.state_dir);
	s->settings.lanes = s->config.lanes;
}

static int need_tokens(const struct serve *s, struct err *err)
{
	if (auth_required(s->auth) || serve_sockets_trusted(&s->sockets))
		return 0;
	err_set(err, 0,
		"listen: strangers can reach this address, so tokens are needed: make one with "
		"`kodewar token --tokens FILE NAME` and start with --tokens FILE");
	return -EACCES;
}

static int open_all(struct serve *s, struct err *err)
{
	int r = serve_listen(&s->sockets, s->config.listen, (unsigned)s->config.socket_mode, err);

	if (r == 0 && (r = auth_new(said(s->config.tokens), &s->auth, err)) < 0)
		err_wrap(err, "tokens");
	if (r == 0)
		r = need_tokens(s, err);
	if (r < 0 || serve_queue_on(s))
		return r;
	s->lock_fd = serve_state_open(s->service.paths.state_dir, s->service.gate_uid,
				      s->service.gate_gid, err);
	return s->lock_fd < 0 ? s->lock_fd : 0;
}

/* As many as we may have, but for what boxes need. */
static unsigned connections(const struct serve *s)
{
	uint64_t ours = DESCRIPTORS_OF_OURS + DESCRIPTORS_OF_A_LANE * s->service.lanes;
	uint64_t have = open_files_limit();

	if (have == 0)
		return 64;
	if (have < ours + s->config.connections)
		return have > ours + 16 ? (unsigned)(have - ours) : 16;
	return (unsigned)s->config.connections;
}

/* ---- without ---- */

/* Every layer is attacked; a required one that holds nothing is told, and refuses submissions. */
static int learn_layers(struct serve *s, struct err *err)
{
	int r = service_probe(&s->service, &s->layers, err);

	if (r < 0)
		return r;
	s->facts.layers = &s->layers;
	if (probe_required_ok(&s->layers, s->missing, sizeof(s->missing)))
		return 0;
	s->facts.missing = s->missing;
	log_event(LOG_LEVEL_ERROR, "required layers do not hold here: %s", s->missing);
	return 0;
}

static int warm_one(struct serve *s, const struct language *l, struct err *err)
{
	struct service *service = &s->service;
	struct http_runner_fact *fact = &s->runners[s->facts.nrunners++];
	bool ahead = s->settings.runner != RUNNER_MODE_WARM;
	int r;

	fact->language = l;
	r = warm_try(service->loop, service->engine, service->backend, &service->planner, l, ahead,
		     &fact->report, err);
	if (r < 0)
		return r;
	if (fact->report.state == WARM_OK)
		service->planner.cold &= ~(1u << l->runner);
	else
		log_event(LOG_LEVEL_WARNING, "%s starts cold: %s", l->name, fact->report.text);
	return 0;
}

static int warm_all(struct serve *s, struct err *err)
{
	const struct language_set *set = &s->service.languages;
	int r = 0;

	s->runners = arena_alloc_array(&s->service.arena, set->len, sizeof(*s->runners));
	if (!s->runners)
		return err_set(err, ENOMEM, "list the runners");
	s->facts.runners = s->runners;
	if (s->settings.runner == RUNNER_MODE_COLD || s->facts.missing)
		return 0;
	engine_set_pool(s->service.engine, s->settings.runner != RUNNER_MODE_WARM);
	for (size_t i = 0; r == 0 && i < set->len; i++)
		if (set->langs[i].runner != RUNNER_EXEC)
			r = warm_one(s, &set->langs[i], err);
	return r;
}

/* What a container's compiler is made of nobody here can see. */
static int open_cache(struct serve *s, struct err *err)
{
	struct cache_config cache = { .max_bytes = SERVE_CACHE_BYTES,
				      .max_entries = SERVE_CACHE_ENTRIES };

	if (!service_cache_config(&s->service, &cache))
		return 0;
	return engine_set_cache(s->service.engine, &cache) < 0
		       ? err_set(err, ENOMEM, "make the compile cache")
		       : 0;
}

/* An image that lacks a compiler refuses its language; nothing is begun that cannot work. */
static int check_image(void *user, const struct plan *plan, struct refusal *refusal)
{
	const struct serve *s = user;

	return service_docker_check(&s->service, plan, refusal);
}

void serve_desk_bounds(const struct serve *s, struct desk_config *ret)
{
	const struct serve_config *c = &s->config;

	ret->queue_max = (unsigned)c->queue;
	ret->queue_bytes = c->queue_bytes;
	ret->job_bytes = c->job_bytes;
	ret->body_bytes_max = c->max_body;
	ret->history_bytes = c->history_bytes;
	ret->kept_bytes = c->kept_bytes;
	ret->keep_sec = c->keep_sec;
}

void serve_gate_bounds(const struct serve *s, struct http_gate_config *ret)
{
	const struct serve_config *c = &s->config;

	ret->http.body_bytes_max = c->max_body;
	ret->http.bodies_bytes_max = c->max_bodies;
	ret->http.answers_bytes_max = c->max_answers;
	ret->http.body_sec = (unsigned)c->request_sec;
	ret->hosts = c->hosts;
	ret->origins = c->origins;
	ret->backlog_bytes = c->backlog_bytes;
}

static int open_desk(struct serve *s, struct err *err)
{
	const struct serve_config *c = &s->config;
	struct journal_config journal = {
		.loop = s->service.loop,
		.path = arena_printf(&s->arena, "%s/" SERVE_JOURNAL, s->service.paths.state_dir),
		.keep_sec = c->keep_sec,
		.keep_bytes = c->keep_bytes,
		.reserve_bytes = RESERVE_BYTES,
	};
	struct desk_config desk = {
		.loop = s->service.loop,
		.engine = s->service.engine,
		.planner = &s->service.planner,
	};
	int r = open_cache(s, err);

	if (r < 0)
		return r;
	if (s->service.docker.on)
		desk.check = check_image;
	desk.check_user = s;
	for (size_t i = 0; i < s->service.languages.len; i++)
		engine_count_language(s->service.engine, s->service.languages.langs[i].name);
	r = journal.path ? journal_open(&journal, &s->journal, err)
			 : err_set(err, ENOMEM, "open the journal");

	if (r < 0)
		return r;
	desk.journal = s->journal;
	engine_set_begun_bytes(s->service.engine, c->begun_bytes);
	serve_desk_bounds(s, &desk);
	r = desk_local_new(&desk, &s->desk, err);
	return r < 0 ? r : desk_local_recover(s->desk, err);
}

/* Native boxes see what their tree has. */
static bool has_language(void *user, const struct language *l)
{
	const struct serve *s = user;

	if (s->service.docker.on)
		return service_docker_has(&s->service, l);
	return !l->absent;
}

static void tell_host(struct serve *s)
{
	const struct service *service = &s->service;
	struct http_facts *f = &s->facts;

	f->version = KODEWAR_VERSION;
	f->lanes = service->lanes;
	f->backend = service->backend->ops->name;
	f->lacks = rootless_lacks(&service->rootless);
	f->docker = service->docker.on ? &service->docker.findings : NULL;
	f->mode = service->docker.on				    ? "engine"
		  : !service->rootless.on			    ? "root"
		  : service->rootless.place.kind == CGROUP_BORROWED ? "borrowed"
								    : "rootless";
	serve_boxes_tell(s);
	f->has = has_language;
	f->has_user = s;
}

static int open_gate(struct serve *s, struct err *err)
{
	const struct serve_config *c = &s->config;
	struct http_gate_config gate = {
		.http = {
			.loop = s->service.loop,
			.head_bytes_max = c->max_head,
			.connections_max = connections(s),
			.idle_sec = (unsigned)c->idle_sec,
		},
		.desk = s->desk,
		.auth = s->auth,
		.planner = &s->service.planner,
		.facts = &s->facts,
	};

	serve_gate_bounds(s, &gate);
	if (serve_queue_on(s))
		serve_queue_tell(s);
	else
		tell_host(s);
	return http_gate_new(&gate, &s->gate, err);
}

static void lower(struct limits *to, struct limits most)
{
	for (size_t i = 0; i < limit_table_len; i++) {
		uint64_t *at = limits_at(to, &limit_table[i]);
		uint64_t cap = *limits_at(&most, &limit_table[i]);

		*at = *at < cap ? *at : cap;
	}
}

/* A configuration cannot give what this host has not: where the cgroup is borrowed there is less of it. */
void serve_limits(struct serve *s)
{
	struct planner_config *p = &s->service.planner;

	p->repeat = (unsigned)s->config.repeat;
	p->caps = s->config.caps;
	lower(&p->caps, s->host_caps);
	p->defaults = s->config.defaults;
	lower(&p->defaults, p->caps);
}

/* What has a queue makes no boxes. */
static int bring_up_queue(struct serve *s, struct err *err)
{
	int r = service_load(&s->service, &s->settings, err);

	if (r < 0)
		return r;
	serve_queue_start(s);
	s->host_caps = s->service.planner.caps;
	serve_limits(s);
	r = open_all(s, err);
	if (r == 0)
		r = serve_queue_enter(s, err);
	if (r == 0)
		r = serve_queue_open_desk(s, err);
	return r < 0 ? r : open_gate(s, err);
}

static int bring_up(struct serve *s, struct err *err)
{
	int r;

	s->service.unprobed = true; /* learn_layers() does it, and goes on */
	r = service_load(&s->service, &s->settings, err);
	s->service.docker.config.ahead = true; /* a start is paid once */
	if (r == 0)
		r = serve_boxes_open(s, err);
	if (r == 0)
		r = service_start(&s->service, (unsigned)s->settings.lanes, err);
	if (r < 0)
		return r;
	s->host_caps = s->service.planner.caps;
	serve_limits(s);
	r = open_all(s, err);
	if (r == 0)
		r = service_enter(&s->service, err);
	if (r == 0)
		r = learn_layers(s, err);
	if (r == 0)
		r = warm_all(s, err);
	if (r == 0)
		r = open_desk(s, err);
	return r < 0 ? r : open_gate(s, err);
}

/* The order is desk.h's: nothing turns the loop in between. */
static void take_down(struct serve *s)
{
	http_gate_free(s->gate);
	desk_free(s->desk);
	journal_close(s->journal);
	loop_source_drop(&s->deadline);
	loop_source_drop(&s->flush);
	switch_close(&s->boxes);
	for (size_t i = 0; i < SERVE_SIGNALS; i++)
		loop_source_drop(&s->signals[i]);
	service_done(&s->service);
	switch_done(&s->boxes);
	auth_free(s->auth);
	serve_sockets_done(&s->sockets);
	fd_drop(&s->lock_fd);
	fd_drop(&s->config_fd);
	arena_done(&s->live);
	arena_done(&s->arena);
}

static int serve(const struct settings *settings, const struct option_words *words)
{
	struct serve s = { .said = *settings,
			   .settings = *settings,
			   .service = SERVICE_INIT,
			   .boxes = SWITCH_INIT,
			   .lock_fd = -1,
			   .config_fd = -1 };
	struct err err = ERR_INIT;
	int r;

	if (words->nwords + words->nrest > 0)
		return command_usage_error("serve", "takes no words");
	if (settings->serve.print_config) {
		serve_config_print();
		return command_end_stdout();
	}
	arena_init(&s.arena, SERVE_CONFIG_BYTES);
	r = serve_config_load(settings, &s.arena, &s.config_fd, &s.config, &err);
	if (r < 0)
		err_wrap(&err, "configuration");
	settings_from_config(&s);
	if (r == 0 && serve_queue_on(&s))
		r = serve_queue_find(&s, &err);
	if (r == -EINVAL) {
		arena_done(&s.arena);
		return command_usage_error("serve", "%s", err.text);
	}
	if (r == 0)
		r = serve_queue_on(&s) ? bring_up_queue(&s, &err) : bring_up(&s, &err);
	if (r == 0)
		r = serve_run(&s, &err);
	if (r < 0)
		r = answer_failure("serve", false, NULL, &err);
	take_down(&s);
	return r;
}

static const struct option_info options[] = {
	SETTING_CONFIG,	      SETTING_LISTEN,	     SETTING_TOKENS,  SETTING_HOST,
	SETTING_ORIGIN,	      SETTING_LANES,	     SETTING_RUNNER,  SETTINGS_OF_BACKEND,
	SETTING_SERVE_REDIS,  SETTING_REDIS_CA,	     SETTING_QUEUE,   SETTING_STATE_DIR,
	SETTING_LOG_DIR,      SETTING_LANGUAGES_DIR, SETTING_PROFILE, SETTINGS_OF_TREE,
	SETTING_PRINT_CONFIG, SETTING_HELP,
};
static const char *const synopsis[] = { "[OPTION...]", "--print-config", NULL };

const struct command command_serve = {
	.name = "serve",
	.synopsis = synopsis,
	.summary = "Serve submissions over HTTP, and a page to play on",
	.details =
		"Listens on 127.0.0.1:8080 unless told otherwise, prints its address and a curl line that works, and "
		"answers until SIGTERM or SIGINT, upon which it drains: it accepts nothing more, and what runs may end. "
		"SIGHUP opens the logs anew and reads tokens and configuration again; the log names what changed, and "
		"what only the next start can change. Where tree or languages changed the service moves to them when they "
		"are proved, without losing a job (docs/TREES.md).\n\n"
		"On loopback and unix sockets no token is asked for; to listen elsewhere, --tokens is needed. TLS is a "
		"proxy's. With --redis it needs no rights and makes no boxes: jobs go to a queue that workers serve, and any "
		"number of such gates see the same jobs (docs/QUEUE.md). GET /v1/openapi.json describes the interface.",
	.needs_root = true,
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = serve,
};
