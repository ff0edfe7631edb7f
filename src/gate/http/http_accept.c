/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections are accepted here and not by the library: so there may be several listening sockets, who is over the limit
 * hears so, and running out of descriptors is survived.  Then the one that is kept in reserve is given up for as long
 * as it takes to tell the next client; a listening socket that is left alone would wake the loop for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "gate/http/http_private.h"

#define ACCEPTS_A_TURN 64

void http_refuse(int fd, unsigned status, const char *reason, const char *detail)
{
	struct http_refusal refusal = { .status = status, .reason = reason };

	snprintf(refusal.detail, sizeof(refusal.detail), "%s", detail);
	http_refuse_as(fd, &refusal);
}

void http_refuse_as(int fd, const struct http_refusal *w)
{
	char text[1536], body[1024], field[256] = "", id[2][HTTP_ID_BYTES + 32] = { "", "" };
	int n;

	if (*w->field)
		snprintf(field, sizeof(field), ",\"field\":\"%s\",\"rule\":\"%s\"", w->field,
			 w->detail);
	if (w->id) {
		snprintf(id[0], sizeof(id[0]), ",\"request_id\":\"%s\"", w->id);
		snprintf(id[1], sizeof(id[1]), "X-Request-Id: %s\r\n", w->id);
	}
	n = snprintf(body, sizeof(body),
		     "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
		     "\"detail\":\"%s%s%s\"%s%s}\n",
		     w->reason, w->status, w->field, *w->field ? ": " : "", w->detail, field,
		     id[0]);
	n = snprintf(text, sizeof(text),
		     "HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\n"
		     "Content-Length: %d\r\n%s%sConnection: close\r\n\r\n%s",
		     w->status, w->reason, n, id[1], w->status == 503 ? "Retry-After: 1\r\n" : "",
		     w->silent ? "" : body);
	if (send(fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* it does not even read this */
	shutdown(fd, SHUT_WR);
}

static void turn_away(struct http_server *s, int fd)
{
	s->counts.refused++;
	http_refuse(fd, 503, "Service Unavailable", "too many connections");
	http_linger_add(s->linger, fd);
}

/* No descriptor is left for him; he is told all the same. */
static void turn_away_in_need(struct http_server *s, int listener)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int fd;

	fd_drop(&s->reserve_fd);
	fd = accept4(listener, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		char nowhere[4096];

		s->counts.refused++;
		http_refuse(fd, 503, "Service Unavailable", "too many open files");
		while (recv(fd, nowhere, sizeof(nowhere), MSG_DONTWAIT) > 0)
			;
		close(fd);
	}
	s->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void take(struct http_server *s, int fd, const struct sockaddr_storage *addr, socklen_t len)
{
	if (s->counts.connections >= s->config.connections_max) {
		turn_away(s, fd);
		return;
	}
	s->counts.accepted++;
	/* Closes fd itself when it fails. */
	MHD_add_connection(s->daemon, fd, (const struct sockaddr *)addr, len);
}

int http_accept_ready(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct http_listener *l = user;
	struct http_server *s = l->server;

	s->accepting = l;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage addr = { 0 };
		socklen_t len = sizeof(addr);
		int client =
			accept4(fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0)
			take(s, client, &addr, len);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			turn_away_in_need(s, fd);
		else if (errno != ECONNABORTED && errno != EINTR)
			break;
	}
	http_server_run(s);
	s->accepting = NULL;
	return 0;
}
