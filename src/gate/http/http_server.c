/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmicrohttpd without a thread or a socket of its own: its epoll descriptor is one source of our loop.  After each of
 * its runs it may have more to do at once, which no descriptor tells: it is run until its own timeout is not 0.
 *
 * Its timeout counts silence, so a client that sends a byte now and then would keep a connection for ever.  A tick every
 * second therefore looks at how long each connection has been idle, or its request on the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "gate/http/http_private.h"

#define RUNS_A_TURN 32
#define TICK_USEC 1000000ull
#define GIVE_BACK_BYTES (2u << 20)

void http_server_run(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	for (int i = 0; i < RUNS_A_TURN; i++) {
		MHD_run(s->daemon);
		if (MHD_get_timeout(s->daemon, &timeout) != MHD_YES || timeout > 0)
			return;
	}
	http_server_run_soon(s); /* others get their turn */
}

void http_server_run_soon(struct http_server *s)
{
	if (s->again)
		sd_event_source_set_enabled(s->again, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *user)
{
	http_server_run(user);
	return 0;
}

static int on_again(sd_event_source *source, void *user)
{
	http_server_run(user);
	return 0;
}

/* The library sees the end of the connection, and ends the exchange if there is one. */
static void cut(struct http_server *s, struct http_conn *c)
{
	if (c->state == CONN_ARRIVING)
		http_refuse(c->fd, 408, "Request Timeout", "the request took too long to arrive");
	s->counts.timed_out++;
	shutdown(c->fd, SHUT_RDWR);
}

/* Whose bytes and whose end came at once: the library waits for an edge that was. */
static bool left_early(const struct http_conn *c)
{
	char byte;

	return c->state == CONN_ARRIVING && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *user)
{
	struct http_server *s = user;
	uint64_t now = clock_now_nsec();
	struct http_conn *c;

	for (c = LIST_FIRST(&s->conns); c; c = LIST_NEXT(c, entry)) {
		uint64_t age = now - c->since_nsec;

		if (left_early(c)) {
			shutdown(c->fd, SHUT_RDWR);
			continue;
		}
		if ((c->state == CONN_IDLE && age > s->config.idle_sec * NSEC_PER_SEC) ||
		    (c->state == CONN_ARRIVING && age > s->config.body_sec * NSEC_PER_SEC))
			cut(s, c);
	}
	http_server_run(s);
	heap_give_back(&s->heap, GIVE_BACK_BYTES);
	sd_event_source_set_time(source, now / 1000 + TICK_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- connections ---- */

static void opened(struct http_server *s, struct MHD_Connection *connection, void **ret_conn)
{
	struct http_conn *c = calloc(1, sizeof(*c));

	*ret_conn = c;
	if (!c)
		return; /* its first request ends it */
	c->connection = connection;
	c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	c->trusted = s->accepting && s->accepting->trusted;
	c->since_nsec = clock_now_nsec();
	LIST_INSERT_HEAD(&s->conns, c, entry);
	s->counts.connections++;
}

static void on_connection(void *user, struct MHD_Connection *connection, void **conn,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = user;
	struct http_conn *c = *conn;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		opened(s, connection, conn);
	} else if (c) {
		http_exchange_abandon(c);
		LIST_REMOVE(c, entry);
		s->counts.connections--;
		free(c);
		*conn = NULL;
	}
}

/* ---- life ---- */

/* The target is taken apart by http_uri.c, from what came; the library's own copy is not looked at. */
static size_t leave_as_it_is(void *user, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

static int start_library(struct http_server *s, struct err *err)
{
	const struct http_config *c = &s->config;

	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		http_exchange_access, s, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, s,
		MHD_OPTION_NOTIFY_COMPLETED, http_exchange_over, s, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, s, MHD_OPTION_CONNECTION_LIMIT, c->connections_max + 8,
		MHD_OPTION_CONNECTION_TIMEOUT, c->idle_sec, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		http_head_memory(c->head_bytes_max), MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, s, MHD_OPTION_END);
	return s->daemon ? 0 : err_set(err, errno ? errno : ENOMEM, "start libmicrohttpd");
}

static int join_loop(struct http_server *s)
{
	sd_event *loop = s->config.loop;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	uint64_t now = clock_now_nsec() / 1000;
	int r;

	if (!info)
		return -ENOTSUP;
	r = sd_event_add_io(loop, &s->io, info->epoll_fd, EPOLLIN, on_io, s);
	if (r >= 0)
		r = sd_event_add_time(loop, &s->tick, CLOCK_MONOTONIC, now + TICK_USEC,
				      TICK_USEC / 4, on_tick, s);
	if (r >= 0)
		r = sd_event_add_defer(loop, &s->again, on_again, s);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->again, SD_EVENT_OFF);
	return r < 0 ? r : http_linger_new(loop, &s->linger);
}

void http_server_rebound(struct http_server *s, const struct http_config *c)
{
	s->config.body_bytes_max = c->body_bytes_max;
	s->config.bodies_bytes_max = c->bodies_bytes_max;
	s->config.answers_bytes_max = c->answers_bytes_max;
	s->config.body_sec = c->body_sec;
}

int http_server_new(const struct http_config *c, struct http_server **ret, struct err *err)
{
	struct http_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_set(err, ENOMEM, "make the HTTP server");
	s->config = *c;
	LIST_INIT(&s->conns);
	heap_watch_start(&s->heap);
	s->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	r = start_library(s, err);
	if (r == 0 && (r = join_loop(s)) < 0)
		err_set(err, r, "put the HTTP server on the loop");
	if (r < 0) {
		http_server_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

int http_server_listen(struct http_server *s, int fd, bool trusted, struct err *err)
{
	struct http_listener *l = &s->listeners[s->nlisteners];
	int r;

	if (s->nlisteners == HTTP_LISTENERS_MAX) {
		close(fd);
		return err_set(err, E2BIG, "listen on more than %d sockets", HTTP_LISTENERS_MAX);
	}
	s->nlisteners++;
	*l = (struct http_listener){ .server = s, .fd = fd, .trusted = trusted };
	r = fd_set_nonblock(fd, 1);
	if (r >= 0)
		r = sd_event_add_io(s->config.loop, &l->source, fd, EPOLLIN, http_accept_ready, l);
	return r < 0 ? err_set(err, r, "listen") : 0;
}

void http_server_quiet(struct http_server *s)
{
	struct http_conn *c;

	s->quiet = true;
	for (size_t i = 0; i < s->nlisteners; i++) {
		loop_source_drop(&s->listeners[i].source);
		fd_drop(&s->listeners[i].fd);
	}
	for (c = LIST_FIRST(&s->conns); c; c = LIST_NEXT(c, entry)) {
		if (c->state == CONN_IDLE)
			shutdown(c->fd, SHUT_RDWR);
	}
	http_server_run(s);
}

/* The library must not be stopped while a connection is suspended. */
static void drop_library(struct http_server *s)
{
	struct http_conn *c;

	if (!s->daemon)
		return;
	s->quiet = true;
	for (c = LIST_FIRST(&s->conns); c; c = LIST_NEXT(c, entry)) {
		if (c->r)
			http_answer_lost(c->r);
		shutdown(c->fd, SHUT_RDWR);
	}
	http_server_run(s);
	MHD_stop_daemon(s->daemon);
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nlisteners; i++) {
		loop_source_drop(&s->listeners[i].source);
		fd_drop(&s->listeners[i].fd);
	}
	loop_source_drop(&s->io);
	loop_source_drop(&s->tick);
	drop_library(s);
	loop_source_drop(&s->again);
	http_linger_free(s->linger);
	fd_drop(&s->reserve_fd);
	heap_watch_done(&s->heap);
	free(s);
}

void http_server_count(const struct http_server *s, struct http_server_counts *ret)
{
	*ret = s->counts;
}
