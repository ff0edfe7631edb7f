/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See stream.h.  curl makes the connection (a unix socket, or TLS) and moves bytes over it; the request with its
 * upgrade, which curl's own HTTP does not have, is said by hand.  After the answer's head the engine cuts the
 * container's output into frames of 8 bytes of head (stream, 0, 0, 0, length big-endian) and a body.
 *
 * curl may watch the socket as well, so that we watch a duplicate of it.
 */
#include "backend/docker/stream.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define CONNECT_MS 10000
#define READ_BYTES 65536
#define READS_PER_TURN 16 /* then others have their turn */
#define HEAD_MAX 4096	  /* of the answer to the upgrade */

struct stream {
	struct http_call *connection; /* owned */
	struct stream_events events;
	void *user;
	sd_event_source *source;
	sd_event *loop; /* borrowed of http */
	int fd;		/* owned duplicate, -1 before it stands */
	bool open, over;
	char head[HEAD_MAX]; /* of the answer, until it is whole */
	size_t head_len;
	unsigned char frame[8];
	size_t frame_len;
	uint32_t left; /* of the current frame's body */
	char *out;     /* owned; what was written and is not sent */
	size_t out_at, out_len, out_size;
};

static void end(struct stream *s, int error, const char *why)
{
	if (s->over)
		return;
	s->over = true;
	loop_source_drop(&s->source);
	s->events.on_end(s->user, error, why);
}

/* ---- what comes ---- */

static void frames(struct stream *s, const char *data, size_t len)
{
	while (len > 0 && !s->over) {
		size_t n;

		if (s->left == 0) {
			s->frame[s->frame_len++] = (unsigned char)*data++;
			len--;
			if (s->frame_len < sizeof(s->frame))
				continue;
			memcpy(&s->left, s->frame + 4, 4);
			s->left = be32toh(s->left);
			s->frame_len = 0;
			if (s->frame[0] != 1 && s->frame[0] != 2) {
				end(s, -EPROTO, "a frame of an unknown stream");
				return;
			}
			continue;
		}
		n = len < s->left ? len : s->left;
		s->left -= (uint32_t)n;
		s->events.on_data(s->user, s->frame[0], data, n);
		data += n;
		len -= n;
	}
}

/* "HTTP/1.1 101 …": what is not that is an error of the engine's, in its own words. */
static void answer(struct stream *s, const char *data, size_t len)
{
	size_t n = len < HEAD_MAX - 1 - s->head_len ? len : HEAD_MAX - 1 - s->head_len;
	size_t before = s->head_len;
	char *body;

	memcpy(s->head + s->head_len, data, n);
	s->head_len += n;
	s->head[s->head_len] = '\0';
	body = strstr(s->head, "\r\n\r\n");
	if (!body) {
		if (s->head_len == HEAD_MAX - 1)
			end(s, -EPROTO, "the answer to attach has no end");
		return;
	}
	body += 4;
	if (strncmp(s->head, "HTTP/1.1 101 ", 13) != 0 &&
	    strncmp(s->head, "HTTP/1.1 200 ", 13) != 0) {
		end(s, -EPROTO, s->head);
		return;
	}
	s->open = true;
	n = (size_t)(body - s->head) - before; /* of `data`, that belonged to the head */
	s->events.on_open(s->user);
	if (n < len)
		frames(s, data + n, len - n);
}

static void receive(struct stream *s)
{
	static char chunk[READ_BYTES]; /* one loop, one thread */

	for (int i = 0; i < READS_PER_TURN && !s->over; i++) {
		size_t n = 0;
		CURLcode code =
			curl_easy_recv(http_call_handle(s->connection), chunk, sizeof(chunk), &n);

		if (code == CURLE_AGAIN)
			return;
		if (code != CURLE_OK || n == 0) {
			end(s, code == CURLE_OK ? 0 : -EPIPE,
			    code == CURLE_OK ? "" : curl_easy_strerror(code));
			return;
		}
		if (s->open)
			frames(s, chunk, n);
		else
			answer(s, chunk, n);
	}
}

/* ---- what goes ---- */

static void watch(struct stream *s)
{
	if (s->source)
		sd_event_source_set_io_events(s->source,
					      EPOLLIN | (s->out_at < s->out_len ? EPOLLOUT : 0));
}

static void send_out(struct stream *s)
{
	while (s->out_at < s->out_len && !s->over) {
		size_t n = 0;
		CURLcode code = curl_easy_send(http_call_handle(s->connection), s->out + s->out_at,
					       s->out_len - s->out_at, &n);

		if (code == CURLE_AGAIN)
			break;
		if (code != CURLE_OK) {
			/* It may have said why before it hung up: what came is read first. */
			receive(s);
			end(s, -EPIPE, curl_easy_strerror(code));
			return;
		}
		s->out_at += n;
	}
	watch(s);
	if (s->out_at < s->out_len || s->over)
		return;
	s->out_at = s->out_len = 0;
	if (s->open)
		s->events.on_room(s->user);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct stream *s = user;

	if (revents & EPOLLOUT)
		send_out(s);
	if (!s->over && (revents & ~(uint32_t)EPOLLOUT))
		receive(s);
	return 0;
}

int stream_write(struct stream *s, const void *data, size_t len)
{
	if (s->over)
		return 0; /* on_end has been told */
	if (s->out_len + len > s->out_size) {
		size_t size = s->out_len + len + READ_BYTES;
		char *grown = realloc(s->out, size);

		if (!grown)
			return -ENOMEM;
		s->out = grown;
		s->out_size = size;
	}
	if (len)
		memcpy(s->out + s->out_len, data, len);
	s->out_len += len;
	watch(s);
	return 0;
}

/* ---- birth and end ---- */

static void on_connected(void *user, long status, const char *body, size_t len)
{
	struct stream *s = user;
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (status < 0) {
		end(s, (int)status, body);
		return;
	}
	curl_easy_getinfo(http_call_handle(s->connection), CURLINFO_ACTIVESOCKET, &fd);
	s->fd = fd == CURL_SOCKET_BAD ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (s->fd < 0 ||
	    sd_event_add_io(s->loop, &s->source, s->fd, EPOLLIN | EPOLLOUT, on_io, s) < 0)
		end(s, -ENOMEM, "watch the connection");
}

struct stream *stream_new(struct http *h, const char *path, const struct stream_events *events,
			  void *user)
{
	struct stream *s = calloc(1, sizeof(*s));
	char request[512];
	int n;

	if (!s)
		return NULL;
	*s = (struct stream){ .events = *events, .user = user, .loop = http_loop(h), .fd = -1 };
	n = snprintf(request, sizeof(request),
		     "POST %s HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\n"
		     "Upgrade: tcp\r\nContent-Length: 0\r\n\r\n",
		     path);
	s->connection = http_connect(h, CONNECT_MS, on_connected, s);
	if (!s->connection || n >= (int)sizeof(request) ||
	    stream_write(s, request, (size_t)n) < 0) {
		stream_free(s);
		return NULL;
	}
	return s;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	loop_source_drop(&s->source);
	http_cancel(s->connection);
	closep(&s->fd);
	free(s->out);
	free(s);
}
