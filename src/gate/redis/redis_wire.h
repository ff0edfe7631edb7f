/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to and from one Redis server without blocking: TCP, a unix socket, or TLS over TCP.  What is below
 * redis_link.h and nobody else's business.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gate/redis/redis_url.h"

struct redis_wire {
	int fd;		  /* owned; -1: none */
	void *tls;	  /* owned, an SSL; NULL: plain */
	void *addresses;  /* owned, what the name was resolved to */
	const void *next; /* in them: to be tried next */
	int connecting;
	char *out; /* owned: [at, len) waits to be sent */
	size_t at, len, room;
	/* What TLS waits for, EPOLLIN or EPOLLOUT, before the handshake or a write or a read can go on; 0: nothing. */
	uint32_t shake_wants, read_wants, write_wants;
};

#define REDIS_WIRE_INIT \
	{ \
		.fd = -1 \
	}

/*
 * Begins to connect, to the next address if there is one left of the last call.  The name is resolved here, and
 * blocks for as long as that takes.  0 or a negative errno.
 */
int redis_wire_open(struct redis_wire *w, const struct redis_url *url, const char *ca_file,
		    struct err *err);
/* After the descriptor became ready: 0 when the wire stands, -EAGAIN, or why not. */
int redis_wire_shake(struct redis_wire *w, struct err *err);
/* Count, 0 at end of file (reading), or a negative errno; -EAGAIN. */
ssize_t redis_wire_read(struct redis_wire *w, char *data, size_t size);
/* Kept until it can be sent; 0, -ENOMEM, or -ENOBUFS where more than `max` bytes would wait. */
int redis_wire_put(struct redis_wire *w, const char *data, size_t len, size_t max);
/* Sends what can be sent. 0 or a negative errno. */
int redis_wire_flush(struct redis_wire *w);
static inline int redis_wire_waits(const struct redis_wire *w)
{
	return w->len > w->at;
}
/* What is being waited for while it does not stand, for errors. */
const char *redis_wire_stage(const struct redis_wire *w);
/* What the descriptor is to be watched for. */
uint32_t redis_wire_events(const struct redis_wire *w, bool standing);
/* There is another address to try. */
int redis_wire_more(const struct redis_wire *w);
/* What the name was resolved to is no matter any more: another one comes. */
void redis_wire_forget(struct redis_wire *w);
/* How long to wait before another try, after so many that failed. */
uint64_t redis_wire_pause_nsec(unsigned tries, uint64_t ms_max);
void redis_wire_close(struct redis_wire *w);
void redis_wire_done(struct redis_wire *w); /* and the addresses */
