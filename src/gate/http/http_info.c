/* SPDX-License-Identifier: Apache-2.0 */
/* What the service tells of itself: languages, what this host can do, whether it lives, whether it takes work; and its page. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/json_write.h"
#include "gate/http/http_call.h"
#include "gate/http/web_assets.h"

#define INFO_BYTES_MAX (4u << 20)

static const char *const probe_state_names[] = {
	[PROBE_UNKNOWN] = "unknown", [PROBE_OK] = "ok", [PROBE_MISSING] = "missing"
};
static const char *const warm_state_names[] = { [WARM_UNKNOWN] = "unknown",
						[WARM_OK] = "ok",
						[WARM_MISSING] = "missing",
						[WARM_COLD] = "cold" };

static void answer_json(struct http_call *c, struct json_writer *w)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (json_write_take(w, &text, &len) < 0)
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
	else
		http_answer(c->request, 200, "application/json", text, len);
	json_write_done(w);
}

static void put(struct json_writer *w, const char *key, const char *value)
{
	json_write_key(w, key);
	json_write_string(w, value);
}

static void put_uint(struct json_writer *w, const char *key, uint64_t value)
{
	json_write_key(w, key);
	json_write_uint(w, value);
}

static void put_list(struct json_writer *w, const char *key, const char *const *list)
{
	json_write_key(w, key);
	json_write_open(w, '[');
	for (; list && *list; list++)
		json_write_string(w, *list);
	json_write_close(w, ']');
}

static void put_limits(struct json_writer *w, const char *key, const struct limits *limits)
{
	struct limits l = *limits;

	json_write_key(w, key);
	json_write_open(w, '{');
	for (size_t i = 0; i < limit_table_len; i++)
		put_uint(w, limit_table[i].name, *limits_at(&l, &limit_table[i]));
	json_write_close(w, '}');
}

/* ---- languages ---- */

/* NAME@RELEASE is one of them; none where the language has no releases. */
static void put_releases(struct json_writer *w, const struct http_gate_config *config,
			 const struct language *l)
{
	const struct language_set *set = config->planner->languages;
	const struct http_facts *facts = config->facts;

	json_write_key(w, "releases");
	json_write_open(w, '[');
	for (size_t i = 0; i < set->len; i++)
		if (set->langs[i].release && strcmp(set->langs[i].name, l->name) == 0 &&
		    facts->has(facts->has_user, &set->langs[i]))
			json_write_string(w, set->langs[i].release);
	json_write_close(w, ']');
}

static void put_language(struct json_writer *w, const struct http_gate_config *config,
			 const struct language *l)
{
	const struct planner_config *planner = config->planner;
	const struct http_facts *facts = config->facts;
	struct limits limits = planner->defaults;

	limits_overlay(&limits, &l->limits);
	json_write_open(w, '{');
	put(w, "name", l->name);
	put(w, "title", l->title);
	put_list(w, "aliases", l->aliases);
	put_list(w, "extensions", l->extensions);
	put_releases(w, config, l);
	put(w, "source", l->source);
	json_write_key(w, "compiled");
	json_write_bool(w, l->compile_argv != NULL);
	json_write_key(w, "warm");
	json_write_bool(w, l->runner != RUNNER_EXEC && !(planner->cold & 1u << l->runner));
	json_write_key(w, "available");
	json_write_bool(w, facts->has(facts->has_user, l));
	put_limits(w, "limits", &limits);
	json_write_key(w, "time_factor");
	json_write_number(w, l->time_factor);
	json_write_key(w, "memory_factor");
	json_write_number(w, l->memory_factor);
	json_write_close(w, '}');
}

/* Only what can be had, and each name once: of several releases the one that is taken for it. */
static bool is_offered(const struct http_gate_config *config, const struct language *l)
{
	const struct http_facts *facts = config->facts;

	return facts->has(facts->has_user, l) &&
	       language_find(config->planner->languages, l->name) == l;
}

void http_serve_languages(struct http_call *c)
{
	const struct planner_config *planner = c->gate->config.planner;
	struct json_writer w;

	json_write_init(&w, INFO_BYTES_MAX);
	json_write_open(&w, '{');
	json_write_key(&w, "languages");
	json_write_open(&w, '[');
	for (size_t i = 0; i < planner->languages->len; i++)
		if (is_offered(&c->gate->config, &planner->languages->langs[i]))
			put_language(&w, &c->gate->config, &planner->languages->langs[i]);
	json_write_close(&w, ']');
	json_write_close(&w, '}');
	answer_json(c, &w);
}

/* ---- capabilities ---- */

/* One thing that holds boxes in, or would. */
struct told {
	const char *name, *state, *doc, *detail, *cure;
	bool required;
};

static void put_told(struct json_writer *w, const struct told *t)
{
	json_write_open(w, '{');
	put(w, "name", t->name);
	put(w, "state", t->state);
	json_write_key(w, "required");
	json_write_bool(w, t->required);
	put(w, "doc", t->doc);
	put(w, "detail", t->detail);
	put(w, "cure", t->cure);
	json_write_close(w, '}');
}

/* Of the host that makes boxes; those of a queue are the workers' to tell. */
static void put_layers(struct json_writer *w, const struct probe_report *report, bool queue)
{
	json_write_key(w, "layers");
	json_write_open(w, '[');
	for (size_t i = 0; !queue && i < probe_layers_len; i++) {
		enum probe_state state = report ? report->layers[i].state : PROBE_UNKNOWN;

		put_told(w, &(struct told){ .name = probe_layers[i].name,
					    .state = probe_state_names[state],
					    .doc = probe_layers[i].doc,
					    .detail = report ? report->layers[i].detail : "",
					    .cure = state == PROBE_OK ? "" : probe_layers[i].cure,
					    .required = report ? probe_required(report, i)
							       : probe_layers[i].required });
	}
	json_write_close(w, ']');
}

/* What its engine was found to be, where boxes are an engine's. */
static void put_engine(struct json_writer *w, const struct docker_findings *f)
{
	static const char *const states[] = {
		[DOCKER_UNKNOWN] = "unknown", [DOCKER_OK] = "ok", [DOCKER_MISSING] = "missing"
	};

	json_write_key(w, "engine");
	json_write_open(w, '[');
	for (size_t i = 0; f && i < DOCKER_FACTS_COUNT; i++)
		put_told(w, &(struct told){ .name = docker_facts[i].name,
					    .state = states[f->facts[i].state],
					    .doc = docker_facts[i].doc,
					    .detail = f->facts[i].detail,
					    .cure = f->facts[i].state == DOCKER_MISSING
							    ? docker_facts[i].cure
							    : "",
					    .required = docker_facts[i].required });
	json_write_close(w, ']');
}

static void put_queue(struct json_writer *w, const char *name, unsigned workers)
{
	json_write_key(w, "queue");
	if (!name) {
		json_write_null(w);
		return;
	}
	json_write_open(w, '{');
	put(w, "name", name);
	put_uint(w, "workers", workers);
	json_write_close(w, '}');
}

static void put_tree(struct json_writer *w, const struct http_facts *facts)
{
	json_write_key(w, "tree");
	if (!facts->tree) {
		json_write_null(w);
		return;
	}
	json_write_open(w, '{');
	put(w, "name", facts->tree);
	put(w, "digest", facts->tree_digest);
	json_write_close(w, '}');
}

static void put_runners(struct json_writer *w, const struct http_facts *facts)
{
	json_write_key(w, "runners");
	json_write_open(w, '[');
	for (size_t i = 0; i < facts->nrunners; i++) {
		const struct http_runner_fact *f = &facts->runners[i];
		bool ok = f->report.state == WARM_OK;

		json_write_open(w, '{');
		put(w, "language", f->language->name);
		put(w, "runner", runner_names[f->language->runner]);
		put(w, "state", warm_state_names[f->report.state]);
		put(w, "version", ok ? f->report.text : NULL);
		put(w, "detail", ok ? "" : f->report.text);
		json_write_close(w, '}');
	}
	json_write_close(w, ']');
}

static void put_request(struct json_writer *w, const struct http_gate_config *config)
{
	json_write_key(w, "request");
	json_write_open(w, '{');
	put_uint(w, "body_bytes_max", config->http.body_bytes_max);
	put_uint(w, "test_cases_max", REQUEST_TESTS_MAX);
	put_uint(w, "files_max", REQUEST_FILES_MAX);
	put_uint(w, "batch_max", HTTP_BATCH_MAX);
	json_write_close(w, '}');
}

/* A tenant's caps are at most the deployment's; 0 is not said. */
static void lower_to(struct limits *caps, const struct limits *over)
{
	struct limits theirs = *over;

	for (size_t i = 0; i < limit_table_len; i++) {
		uint64_t *cap = limits_at(caps, &limit_table[i]);
		uint64_t own = *limits_at(&theirs, &limit_table[i]);

		*cap = own && own < *cap ? own : *cap;
	}
}

void http_serve_capabilities(struct http_call *c)
{
	const struct http_gate_config *config = &c->gate->config;
	const struct auth_tenant *tenant = auth_by_name(config->auth, c->tenant);
	const struct http_facts *facts = config->facts;
	struct limits caps = config->planner->caps;
	struct desk_counts counts;
	struct json_writer w;

	if (tenant && tenant->desk.caps)
		lower_to(&caps, tenant->desk.caps);
	json_write_init(&w, INFO_BYTES_MAX);
	json_write_open(&w, '{');
	put(&w, "version", facts->version);
	put(&w, "backend", facts->backend);
	put(&w, "mode", facts->mode);
	put_list(&w, "lacks", facts->lacks);
	desk_count(config->desk, &counts);
	put_uint(&w, "lanes", facts->queue ? counts.lanes : facts->lanes);
	put_queue(&w, facts->queue, counts.workers);
	json_write_key(&w, "ready");
	json_write_bool(&w, !http_not_ready(c->gate));
	put(&w, "reason", http_not_ready(c->gate));
	put(&w, "auth", auth_required(config->auth) ? "token" : "none");
	put_layers(&w, facts->layers, facts->queue);
	put_engine(&w, facts->docker);
	put_tree(&w, facts);
	put_runners(&w, facts);
	put_limits(&w, "limits", &config->planner->defaults);
	put_limits(&w, "caps", &caps);
	put_request(&w, config);
	json_write_close(&w, '}');
	answer_json(c, &w);
}

void http_serve_page(struct http_call *c)
{
	if (web_assets_answer(c->request) != 0)
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
}

/* ---- health ---- */

const char *http_takes_none(const struct http_gate *g)
{
	if (g->draining)
		return "the service is about to end";
	return g->config.facts->missing;
}

const char *http_not_ready(const struct http_gate *g)
{
	const char *why = http_takes_none(g);

	return why ? why : desk_not_ready(g->config.desk);
}

void http_serve_health(struct http_call *c)
{
	static const char text[] = "{\"status\":\"ok\"}\n";

	http_answer(c->request, 200, "application/json", text, sizeof(text) - 1);
}

void http_serve_ready(struct http_call *c)
{
	const char *why = http_not_ready(c->gate);
	struct problem p;

	if (!why) {
		http_serve_health(c);
		return;
	}
	p = PROBLEM(503, why);
	p.retry_after_sec = 5;
	problem_answer(c->request, &p);
}
