/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `kodewar serve` from its configuration to its end; private to cmd_serve.c, serve_life.c. */
#pragma once

#include "app/serve_config.h"
#include "app/serve_listen.h"
#include "app/switch.h"
#include "gate/desk/desk_local.h"
#include "gate/http/http_gate.h"
#include "gate/redis/redis_url.h"

#define SERVE_SIGNALS 3
#define SERVE_CONFIG_BYTES (4u << 20) /* of memory, for one reading of it */

struct serve {
	struct settings said;	  /* the command line's alone */
	struct settings settings; /* the command line's, with the configuration's above or below */
	struct serve_config config;
	struct arena arena; /* of the configuration */
	struct arena live;  /* of what was read since, in place of some of it */
	int config_fd;	    /* owned: the file, as it was at the start; -1: none */
	struct service service;
	struct tree_switch boxes; /* which of them the service has */
	struct redis_url redis;	  /* where the queue is, of a gate that has one */
	const char *queue;
	struct limits host_caps; /* what can be had here at most */
	struct serve_sockets sockets;
	int lock_fd;	   /* owned: of the state directory */
	struct auth *auth; /* owned, as the next three */
	struct journal *journal;
	struct desk *desk;
	struct http_gate *gate;
	struct probe_report layers;
	char missing[ERR_TEXT_BYTES];	  /* required layers that do not bite */
	struct http_runner_fact *runners; /* in the service's arena */
	struct http_facts facts;
	sd_event_source *signals[SERVE_SIGNALS], *deadline, *flush; /* owned */
	bool draining;
	int failure; /* why it ends: negative errno */
};

#define SERVE_CACHE_BYTES (128u << 20) /* of compiled programs */
#define SERVE_CACHE_ENTRIES 64u	       /* a descriptor each */

/* cmd_serve.c: limits and caps of the configuration, from now on. */
void serve_limits(struct serve *s);
/* cmd_serve.c: what the configuration says of each, without what can only be said at the start. */
void serve_desk_bounds(const struct serve *s, struct desk_config *c);
void serve_gate_bounds(const struct serve *s, struct http_gate_config *c);
/* serve_reload.c: everything that SIGHUP reads again. What cannot be read stays as it is, and is told. */
void serve_reload(struct serve *s);
/* serve_boxes.c: before service_start(), and when everything stands. */
int serve_boxes_open(struct serve *s, struct err *err);
int serve_boxes_watch(struct serve *s, sd_event_io_handler_t on_warden, struct err *err);
/* What is known of the boxes' tree. */
void serve_boxes_tell(struct serve *s);
/* serve_life.c: runs until a signal ends it. 0 or a negative errno. */
int serve_run(struct serve *s, struct err *err);
