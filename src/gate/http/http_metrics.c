/* SPDX-License-Identifier: Apache-2.0 */
/* What Prometheus reads: the gate's own counts, one row each, with its help, and the desk's. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/http/http_call.h"

static void print_one(FILE *to, const char *name, const char *kind, const char *help,
		      uint64_t value)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, kind, name,
		value);
}

static void print_server(FILE *to, const struct http_gate *g)
{
	struct http_server_counts n;

	http_server_count(g->server, &n);
#define ROW(name, kind, help, value) print_one(to, "kodewar_http_" name, kind, help, value);
	ROW("connections", "gauge", "Open connections.", n.connections)
	ROW("requests_in_flight", "gauge", "Requests that are not answered in full.", n.requests)
	ROW("connections_accepted_total", "counter", "Connections taken.", n.accepted)
	ROW("connections_refused_total", "counter", "Connections turned away with 503.", n.refused)
	ROW("connections_timed_out_total", "counter", "Connections closed for being slow or idle.",
	    n.timed_out)
	ROW("body_bytes_total", "counter", "Bytes of bodies that were read.", n.body_bytes)
#undef ROW
}

static void print_answers(FILE *to, const struct http_gate *g)
{
	static const char name[] = "kodewar_http_answers_total";

	fprintf(to,
		"# HELP %s Answers by the class of their status; gone: the client left before.\n"
		"# TYPE %s counter\n%s{class=\"gone\"} %" PRIu64 "\n",
		name, name, name, g->answers[0]);
	for (size_t i = 1; i < ARRAY_SIZE(g->answers); i++)
		fprintf(to, "%s{class=\"%zuxx\"} %" PRIu64 "\n", name, i, g->answers[i]);
}

static void print_desk(FILE *to, const struct http_gate *g)
{
	struct desk_counts n;

	desk_count(g->config.desk, &n);
#define ROW(name, help, value) print_one(to, "kodewar_" name, "gauge", help, value);
	ROW("jobs_waiting", "Jobs that wait for a lane.", n.waiting)
	ROW("jobs_running", "Jobs that have begun and are not over.", n.running)
	ROW("jobs_kept", "Jobs that are over and still in memory.", n.over)
	ROW("lanes", "Boxes that can run at once.", n.lanes)
	ROW("lanes_idle", "Lanes without a box.", n.idle_lanes)
	ROW("lanes_lost", "Lanes that no box can be begun in.", n.lost_lanes)
	ROW("watchers", "Who follows a job's events.", n.watchers)
	ROW("kept_bytes", "Bytes of the jobs in memory that are over.", n.kept_bytes)
	ROW("queued_bytes", "Bytes of the requests that wait.", n.queued_bytes)
	ROW("begun_bytes", "Bytes of what jobs that have begun put out so far.", n.begun_bytes)
	ROW("ready", "1 while /readyz says so: submissions are taken and can be run.",
	    http_not_ready(g) ? 0 : 1)
#undef ROW
}

void http_serve_metrics(struct http_call *c)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	bool failed;

	if (to) {
		print_server(to, c->gate);
		print_answers(to, c->gate);
		print_desk(to, c->gate);
		desk_print_metrics(c->gate->config.desk, to);
	}
	failed = !to || ferror(to);
	if ((to && fclose(to) != 0) || failed)
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
	else
		http_answer(c->request, 200, "text/plain; version=0.0.4", text, len);
}
