/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-Sent Events.  Each of the desk's is one event with its name and number, so that who comes back says with
 * Last-Event-ID where he was.  A comment every few seconds finds out who has left without a word, and keeps proxies from
 * taking the stream for dead.
 *
 * A reader that does not keep up is cut off: nothing is left out of a stream in silence.  Of an asynchronous job
 * he may ask for the rest; a synchronous one is cancelled with him.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gate/http/http_call.h"

int http_sse_begin(struct http_call *c)
{
	struct http_request *r = c->request;

	http_set_header(r, "Cache-Control", "no-store");
	http_set_header(r, "X-Accel-Buffering", "no"); /* nginx would keep the events */
	if (http_stream_begin(r, 200, "text/event-stream", c->gate->config.backlog_bytes) < 0)
		return -ENOMEM;
	LIST_INSERT_HEAD(&c->gate->streams, c, stream);
	c->streaming = true;
	return 0;
}

void http_sse_end(struct http_call *c)
{
	if (c->streaming)
		LIST_REMOVE(c, stream);
	c->streaming = false;
}

void http_sse_event(struct http_call *c, const struct desk_event *e)
{
	struct http_request *r = c->request;
	char head[96];
	int n = snprintf(head, sizeof(head), "id: %" PRIu64 "\nevent: %s\ndata: ", e->seq,
			 desk_event_names[e->kind]);

	/* One part: an event larger than the backlog goes out whole, to a reader who has kept up. */
	if (http_stream_parts(r,
			      (const struct text[]){
				      { head, (size_t)n }, { e->json, e->len }, { "\n\n", 2 } },
			      3) < 0) {
		http_drop(r); /* the call is gone with it */
		return;
	}
	if (e->kind == DESK_EV_RESULT)
		http_stream_end(r);
}

int http_sse_heartbeat(struct http_gate *g)
{
	struct http_call *c, *next;

	for (c = LIST_FIRST(&g->streams); c; c = next) {
		next = LIST_NEXT(c, stream);
		if (http_stream_part(c->request, ":\n\n", 3) < 0)
			http_drop(c->request);
	}
	return 0;
}
