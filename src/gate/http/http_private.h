/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTTP server share; see http.h. */
#pragma once

#include <microhttpd.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "gate/desk/job_id.h"
#include "gate/http/http.h"
#include "gate/http/http_linger.h"
#include "gate/http/http_uri.h"

#define HTTP_LISTENERS_MAX 8
#define HTTP_HEADERS_MAX 24 /* of one answer */
#define HTTP_ID_BYTES 65    /* with its NUL */
#define HTTP_DRAIN_BYTES \
	65536 /* a body up to this is read though nobody wants it, for the connection's sake */

enum http_conn_state {
	CONN_IDLE,     /* between requests */
	CONN_ARRIVING, /* a request has begun, and is not whole */
	CONN_BUSY,     /* whole: it is worked on, or answered */
};

struct http_conn {
	LIST_ENTRY(http_conn) entry;
	struct MHD_Connection *connection; /* the library's */
	int fd;				   /* the library's */
	bool trusted;
	enum http_conn_state state;
	struct http_request *r; /* the one under way, or NULL; http_exchange.c's */
	uint64_t since_nsec;	/* in this state; ARRIVING: from the request's first line */
};

struct http_request {
	struct http_server *server;
	struct http_conn *conn;
	struct http_uri uri;
	int uri_error;
	size_t target_len; /* as it came */
	enum http_method method;
	char id[HTTP_ID_BYTES];
	uint64_t begun_nsec;
	char *body; /* owned */
	size_t body_len, body_room, answer_bytes;
	struct {
		char *name, *value; /* owned, one allocation at name */
	} headers[HTTP_HEADERS_MAX];
	size_t nheaders;
	struct MHD_Response *response; /* owned until it is queued */
	unsigned status;
	void (*on_end)(void *user, bool client_gone);
	void *user;
	sd_event_source *gone_watch; /* owned */
	struct {
		char *data; /* owned: [at, len) is unsent */
		size_t at, len, room, backlog;
	} stream;
	bool head_seen, expects_continue, body_unwanted, body_too_large, suspended, queued,
		streaming, stream_ended, gone, lingers;
};

struct http_listener {
	struct http_server *server;
	int fd; /* owned */
	bool trusted;
	sd_event_source *source; /* owned */
};

struct http_server {
	struct http_config config;
	struct MHD_Daemon *daemon;	    /* owned */
	sd_event_source *io, *tick, *again; /* owned */
	struct http_listener listeners[HTTP_LISTENERS_MAX];
	size_t nlisteners;
	LIST_HEAD(http_conns, http_conn) conns;
	struct http_linger *linger; /* owned */
	int reserve_fd; /* owned: given up to refuse a connection when there are no descriptors left */
	const struct http_listener *accepting;
	uint64_t bodies_bytes, answers_bytes;
	struct heap_watch heap;
	struct http_server_counts counts;
	bool quiet;
};

/* http_server.c: lets the library work until it has nothing left to do. */
void http_server_run(struct http_server *s);
/* The same in a turn of its own: no descriptor tells of what was resumed. */
void http_server_run_soon(struct http_server *s);

/* A refusal in raw words. Nothing in it needs escaping. */
struct http_refusal {
	unsigned status;
	const char *reason;
	char detail[160], field[40]; /* field "": of none; then `detail` is its rule too */
	const char *id;		     /* the request's; NULL: it has none yet */
	bool silent;		     /* the head alone, as HEAD has it */
};

/* http_accept.c */
int http_accept_ready(sd_event_source *source, int fd, uint32_t events, void *user);
/* Raw words on a connection of which the library will hear no more, and its end. */
void http_refuse(int fd, unsigned status, const char *reason, const char *detail);
void http_refuse_as(int fd, const struct http_refusal *refusal);

/* http_head.c */
/* What a connection must have for heads up to a size. */
size_t http_head_memory(uint64_t head_bytes_max);
/* Head, and trailers as far as they came. False: what to say before anything is done; the library has no room for it. */
bool http_head_fits(const struct http_request *r, struct MHD_Connection *connection,
		    const char *method, struct http_refusal *ret);

/* http_exchange.c: the library's callbacks. */
void *http_exchange_begin(void *user, const char *uri, struct MHD_Connection *connection);
enum MHD_Result http_exchange_access(void *user, struct MHD_Connection *connection, const char *url,
				     const char *method, const char *version, const char *data,
				     size_t *size, void **ret_r);
void http_exchange_over(void *user, struct MHD_Connection *connection, void **r,
			enum MHD_RequestTerminationCode code);
/* The library tells no end of a request whose head never came whole: its connection, or the next request, does. */
void http_exchange_abandon(struct http_conn *c);

/* http_answer.c */
enum MHD_Result http_answer_queue(struct http_request *r);
/* Its client is gone, or it must go: tells the owner, and wakes the library up to see it. */
void http_answer_lost(struct http_request *r);
void http_answer_done(struct http_request *r);
int http_answer_watch(struct http_request *r);
