/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See box_send.h.  Order, filter, payload and artefact go as one piece (their sizes are in the order), stdin behind
 * them in messages.  A piece at a time is put on the line when what was there is gone, so that a large input is never held
 * twice.  What cannot be sent ends the container, which is heard on the wire.
 */
#include "backend/docker/box_send.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

#define STACK_BYTES (64ull << 20) /* as in native boxes */

static void put(struct docker_box *b, const void *data, size_t len)
{
	if (container_write(b->container, data, len) < 0)
		container_kill(b->container, "SIGKILL");
}

void box_send_order(struct docker_box *b)
{
	const struct plan_step *step = b->order.step;
	const struct limits *l = &step->limits;
	uint64_t cap = b->order.wall_cap_ms;
	bool capped = cap && cap < l->wall_ms;
	struct inbox_order o = {
		.magic = INBOX_MAGIC,
		.filter_len = b->host->filter_len,
		.open_files = (uint32_t)l->open_files,
		.payload_bytes = b->payload_bytes,
		.artefact_bytes = b->artefact_bytes,
		.cpu_usec = l->cpu_ms * 1000,
		.wall_usec = (capped ? cap : l->wall_ms) * 1000,
		.output_bytes = l->output_bytes,
		.file_bytes = l->file_kb * 1024,
		.stack_bytes = STACK_BYTES,
		.cpus = b->host->cpus,
	};

	if (step->kind == STEP_COMPILE && step->artefact)
		o.flags |= INBOX_ARTEFACT_OUT;
	if (b->artefact_bytes)
		o.flags |= INBOX_ARTEFACT_IN;
	if (step->noutputs)
		o.flags |= INBOX_FILES_OUT;
	put(b, &o, sizeof(o));
	put(b, b->host->filter, b->host->filter_len * sizeof(b->host->filter[0]));
	box_send_more(b);
}

/* A piece of a sealed file; false where nothing of it is left. */
static bool send_file(struct docker_box *b, int fd, uint64_t *at, uint64_t size)
{
	static char chunk[4 * INBOX_CHUNK_BYTES];
	ssize_t n;

	if (*at >= size)
		return false;
	n = pread(fd, chunk, sizeof(chunk), (off_t)*at);
	if (n <= 0) {
		container_kill(b->container, "SIGKILL");
		*at = size;
		return false;
	}
	put(b, chunk, (size_t)n);
	*at += (uint64_t)n;
	return true;
}

static void send_stdin(struct docker_box *b, const char *data, size_t len)
{
	struct inbox_head head = { INBOX_STDIN, (uint32_t)len };

	put(b, &head, sizeof(head));
	if (len)
		put(b, data, len);
	b->stdin_over = len == 0;
}

/* One piece; the next when that is gone. */
static int on_live(sd_event_source *s, int fd, uint32_t revents, void *user)
{
	static char chunk[INBOX_CHUNK_BYTES];
	struct docker_box *b = user;
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	sd_event_source_set_enabled(s, SD_EVENT_OFF);
	send_stdin(b, chunk, n > 0 ? (size_t)n : 0);
	return 0;
}

static void listen_live(struct docker_box *b)
{
	if (b->live) {
		sd_event_source_set_enabled(b->live, SD_EVENT_ON);
		return;
	}
	if (fd_set_nonblock(b->order.live_stdin_fd, 1) < 0 ||
	    sd_event_add_io(b->host->loop, &b->live, b->order.live_stdin_fd, EPOLLIN, on_live, b) <
		    0)
		send_stdin(b, NULL, 0);
}

void box_send_more(struct docker_box *b)
{
	const struct text *in = &b->order.step->stdin_text;
	size_t n;

	if (!b->busy || !b->sent || send_file(b, b->payload_fd, &b->payload_at, b->payload_bytes) ||
	    send_file(b, b->order.artefact_fd, &b->artefact_at, b->artefact_bytes) || b->stdin_over)
		return;
	if (b->order.live_stdin_fd >= 0) {
		/* Nobody's input is taken for a program that may have to be begun again. */
		if (b->started)
			listen_live(b);
		return;
	}
	n = in->len - b->stdin_at;
	n = n < 4 * INBOX_CHUNK_BYTES ? n : 4 * INBOX_CHUNK_BYTES;
	b->stdin_at += n;
	send_stdin(b, in->data + b->stdin_at - n, n);
	if (n && b->stdin_at == in->len)
		send_stdin(b, NULL, 0);
}
