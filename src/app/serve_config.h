/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of `kodewar serve`: one row each gives a key its kind, its default, its bounds and its meaning; the
 * file's schema and the default configuration are made from the rows.  Options of the command line go above it.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "gate/cli/settings.h"
#include "model/request.h"

#define MIB (1ull << 20)

/* when: START, what can only be said at the start, or LIVE, what SIGHUP changes as well */
/*      kind   key  when  default  min  max  doc */
#define SERVE_KEYS(X) \
	X(LIST, listen, START, "127.0.0.1:8080", 1, 64, \
	  "HOST:PORT, [HOST]:PORT, unix:PATH, or systemd for the sockets that it hands over") \
	X(TEXT, tokens, START, "", 0, 0, \
	  "tenants and hashes of their tokens, made by `kodewar token NAME`; needed to listen anywhere but on loopback and unix sockets") \
	X(LIST, hosts, LIVE, "", 0, 64, \
	  "names of this service besides loopback's; asked for of requests that need no token") \
	X(LIST, origins, LIVE, "", 0, 64, \
	  "origins of web pages that may ask (https://example.org), * for all") \
	X(TEXT, state_dir, START, "", 0, 0, \
	  "where accepted jobs are kept; empty: beside the program's other state") \
	X(TEXT, log_dir, START, "", 0, 0, \
	  "of sandbox.log and security.log; empty: the usual place") \
	X(TEXT, languages_dir, START, "", 0, 0, \
	  "of the languages' *.yaml; empty: the usual place") \
	X(TEXT, profile, START, "", 0, 0, \
	  "the seccomp profile of programs; empty: the usual place") \
	X(TEXT, tree, LIVE, "", 0, 0, \
	  "what programs see as their root: empty or host, the host's own runtimes; a tree made by `kodewar tree`, by its name; or an absolute path") \
	X(TEXT, redis, START, "", 0, 0, \
	  "a queue in Redis that `kodewar worker` serves, as redis://HOST:PORT/DB and its like: boxes are made there, and none here; env: what the variable KODEWAR_REDIS says; empty: none") \
	X(TEXT, redis_ca, START, "", 0, 0, \
	  "the authorities of a rediss:// server's certificate; empty: the system's") \
	X(TEXT, redis_queue, START, "", 0, 0, \
	  "what the queue's keys begin with; empty: as `kodewar worker` has it") \
	X(NUMBER, redis_workers, LIVE, 1, 0, 1000000, \
	  "workers that must live for /readyz; 0 where they are started by what waits") \
	X(NUMBER, lanes, START, 0, 0, SETTINGS_LANES_MAX, \
	  "boxes that run at once; 0: as many as there are usable cpus") \
	X(NUMBER, repeat, LIVE, 0, 0, REQUEST_REPEAT_MAX, \
	  "how often a test case that its time limit ended is run again, the best run counting, where a request does not say; of a queue `kodewar worker --repeat` says it") \
	X(NUMBER, max_body, LIVE, 32 * MIB, 1024, 4096 * MIB, "bytes of one request's body") \
	X(NUMBER, max_bodies, LIVE, 256 * MIB, 1024, 65536 * MIB, \
	  "bytes of all bodies that arrive at the same time") \
	X(NUMBER, max_answers, LIVE, 256 * MIB, 65536, 65536 * MIB, \
	  "bytes of all answers on their way; more large ones wait for room with 503") \
	X(NUMBER, max_head, START, 8192, 4096, MIB, "bytes of one request's head") \
	X(NUMBER, connections, START, 4096, 1, 100000, \
	  "open at once; less where the process may not have so many descriptors") \
	X(NUMBER, idle_sec, START, 60, 1, 3600, \
	  "a connection without a request, or whose reader takes nothing, is closed") \
	X(NUMBER, request_sec, LIVE, 30, 1, 3600, "for one request to arrive, body and all") \
	X(NUMBER, socket_mode, START, 432, 0, 511, \
	  "of a unix socket, as a decimal number: 432 is 0660") \
	X(NUMBER, queue, LIVE, 1000, 1, 1000000, "jobs that are not over, of all tenants") \
	X(NUMBER, queue_bytes, LIVE, 512 * MIB, 1024, 65536 * MIB, \
	  "of what they hold: bodies and plans") \
	X(NUMBER, job_bytes, LIVE, 256 * MIB, MIB, 65536 * MIB, \
	  "that one job may hold: request, plan, outputs of its cases; at least twice max_body") \
	X(NUMBER, begun_bytes, LIVE, 1024 * MIB, MIB, 65536 * MIB, \
	  "that all jobs that have begun may hold in outputs and compiled programs; beyond it only the oldest of them go on") \
	X(NUMBER, history_bytes, LIVE, 4 * MIB, 0, 1024 * MIB, \
	  "of one job's events, kept for those who come late") \
	X(NUMBER, backlog_bytes, LIVE, 4 * MIB, 1024, 1024 * MIB, \
	  "of events that a slow reader has not taken; then he is cut off") \
	X(NUMBER, kept_bytes, LIVE, 64 * MIB, 0, 65536 * MIB, "of results kept in memory") \
	X(NUMBER, keep_sec, LIVE, 86400, 1, 31536000, \
	  "for which results of asynchronous jobs are kept") \
	X(NUMBER, keep_bytes, LIVE, 1024 * MIB, 0, 1048576 * MIB, "of results kept on disk") \
	X(NUMBER, drain_sec, LIVE, 30, 0, 3600, \
	  "for which jobs that run may end after SIGTERM, before they are cancelled")

struct serve_config {
#define SERVE_MEMBER_LIST(key) const char *const *key; /* NULL-terminated, never NULL */
#define SERVE_MEMBER_TEXT(key) const char *key;	       /* never NULL */
#define SERVE_MEMBER_NUMBER(key) uint64_t key;
#define SERVE_MEMBER(kind, key, when, def, min, max, doc) SERVE_MEMBER_##kind(key)
	SERVE_KEYS(SERVE_MEMBER)
#undef SERVE_MEMBER
	struct limits defaults, caps;
};

/*
 * Defaults, the file if there is one, and the command line's options, in the arena. *kept is the file, to be read again when
 * it cannot be opened any more, or -1; it is set when it is -1. -EINVAL: what is said is wrong.
 */
int serve_config_load(const struct settings *s, struct arena *arena, int *kept,
		      struct serve_config *ret, struct err *err);

#define SERVE_KEYS_MAX 64
/* Keys that changed, by when they can. */
struct serve_changes {
	const char *live[SERVE_KEYS_MAX], *start[SERVE_KEYS_MAX]; /* NULL-terminated */
};
/* Takes what can change while it runs from `from`, which must live on; tells what changed. */
void serve_config_take(struct serve_config *c, const struct serve_config *from,
		       struct serve_changes *ret);
/* The default configuration, with what each key means, to stdout. */
void serve_config_print(void);
