/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service over HTTP: routes (http_routes.c) on the server (http.h), in front of the desk.  Who may ask is auth.h's,
 * what a browser may http_guard.c's.
 */
#pragma once

#include "backend/docker/docker.h"
#include "engine/probe.h"
#include "engine/warm.h"
#include "gate/desk/desk.h"
#include "gate/http/auth.h"
#include "gate/http/http.h"
#include "model/planner.h"

struct http_gate;

/* What is known of this host; lives as long as the gate. */
struct http_facts {
	const char *version;
	const char *backend; /* its name */
	const char *mode;    /* "root", "rootless", "borrowed" (a container's cgroup), "engine" */
	const char *tree;    /* what boxes see; NULL: not known here, or an engine's image */
	const char *tree_digest;	      /* NULL: it has none */
	const char *const *lacks;	      /* what this mode cannot give; NULL-terminated */
	const struct docker_findings *docker; /* of the engine that makes boxes, or NULL */
	/* Whether its programs are here; false only where that is known. */
	bool (*has)(void *user, const struct language *language);
	void *has_user;
	unsigned lanes;
	const char *
		queue; /* where others judge: its name; nothing of this host matters then. NULL: here */
	const struct probe_report *layers; /* NULL: not probed */
	const char *missing; /* required layers that do not bite, or NULL: nothing runs then */
	const struct http_runner_fact {
		const struct language *language;
		struct warm_report report;
	} * runners;
	size_t nrunners;
};

struct http_gate_config {
	struct http_config http; /* its callbacks and user are the gate's to set */
	struct desk *desk;
	struct auth *auth;
	const struct planner_config *planner;
	const struct http_facts *facts;
	const char *const
		*hosts; /* NULL-terminated: names besides loopback's, for who needs no token */
	const char *const *origins; /* NULL-terminated: web pages that may ask; "*" is any */
	uint64_t backlog_bytes;	    /* of one stream's slow reader */
};

int http_gate_new(const struct http_gate_config *c, struct http_gate **ret, struct err *err);
struct http_server *http_gate_server(struct http_gate *g);
/* Takes hosts, origins, backlog_bytes and what http_server_rebound() takes over; the rest stays. Also after new caps. */
void http_gate_rebound(struct http_gate *g, const struct http_gate_config *c);
/* From now on nothing is accepted, which /readyz tells; answers go out. */
void http_gate_drain(struct http_gate *g);
/* Before the desk. */
void http_gate_free(struct http_gate *g);
