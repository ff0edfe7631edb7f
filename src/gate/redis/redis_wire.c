/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See redis_wire.h.  hiredis 0.14, which Debian has, knows no TLS and connects in ways of its own, so only its reader
 * and its formatter are used, and the socket is ours.  TLS is OpenSSL's with the system's authorities or the
 * operator's file, the host's name checked; there is no way to switch that off.
 */
#include "gate/redis/redis_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define PAUSE_MS_MIN 50ull

/* ---- TLS ---- */

static int tls_failed(struct err *err, const char *what)
{
	char text[200] = "unknown";
	unsigned long code = ERR_get_error();

	if (code)
		ERR_error_string_n(code, text, sizeof(text));
	ERR_clear_error();
	err_set(err, 0, "TLS: %s: %s", what, text);
	return -EPROTO;
}

/* The name that is asked for and must be in the certificate; an address is looked for as one. */
static int tls_name(SSL *ssl, const char *host)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static int tls_start(struct redis_wire *w, const char *host, const char *ca_file, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	int ok = ctx != NULL;

	if (ok) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
		ok = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) &&
		     (ca_file ? SSL_CTX_load_verify_locations(ctx, ca_file, NULL)
			      : SSL_CTX_set_default_verify_paths(ctx));
	}
	if (ok)
		ssl = SSL_new(ctx);
	ok = ssl && tls_name(ssl, host) && SSL_set_fd(ssl, w->fd);
	SSL_CTX_free(ctx); /* the SSL holds it */
	if (!ok) {
		SSL_free(ssl);
		return tls_failed(err, ca_file ? ca_file : "set up");
	}
	SSL_set_connect_state(ssl);
	w->tls = ssl;
	return 0;
}

/* What an SSL call came to: its count, 0 at the end, or a negative errno. */
static ssize_t tls_result(struct redis_wire *w, int n, uint32_t *wants)
{
	int saved = errno;

	*wants = 0;
	if (n > 0)
		return n;
	switch (SSL_get_error(w->tls, n)) {
	case SSL_ERROR_WANT_READ: *wants = EPOLLIN; return -EAGAIN;
	case SSL_ERROR_WANT_WRITE: *wants = EPOLLOUT; return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_SYSCALL: return saved ? -saved : 0;
	default: return -EPROTO;
	}
}

static int tls_shake(struct redis_wire *w, struct err *err)
{
	long verdict;
	ssize_t r;

	ERR_clear_error();
	errno = 0;
	r = tls_result(w, SSL_do_handshake(w->tls), &w->shake_wants);
	if (r > 0)
		return 0;
	if (r == -EAGAIN)
		return -EAGAIN;
	verdict = SSL_get_verify_result(w->tls);
	if (verdict != X509_V_OK) {
		ERR_clear_error();
		err_set(err, 0, "TLS: certificate: %s", X509_verify_cert_error_string(verdict));
		return -EPROTO;
	}
	return r == -EPROTO ? tls_failed(err, "handshake")
			    : err_set(err, r ? (int)r : ECONNRESET, "TLS: handshake");
}

/* ---- sockets ---- */

static int start_socket(struct redis_wire *w, const struct sockaddr *to, socklen_t len)
{
	int one = 1;

	w->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return -errno;
	if (to->sa_family != AF_UNIX)
		setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(w->fd, to, len) < 0 && errno != EINPROGRESS) {
		int r = -errno;

		fd_drop(&w->fd);
		return r;
	}
	w->connecting = 1;
	return 0;
}

static int open_unix(struct redis_wire *w, const struct redis_url *url)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	memcpy(to.sun_path, url->host, strnlen(url->host, sizeof(to.sun_path) - 1));
	return start_socket(w, (struct sockaddr *)&to, sizeof(to));
}

void redis_wire_forget(struct redis_wire *w)
{
	if (w->addresses)
		freeaddrinfo(w->addresses);
	w->addresses = NULL;
	w->next = NULL;
}

static int resolve(struct redis_wire *w, const struct redis_url *url, struct err *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list = NULL;
	int r;

	redis_wire_forget(w);
	r = getaddrinfo(url->host, url->port, &hints, &list);
	if (r) {
		err_set(err, 0, "look up %s: %s", url->host,
			r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
		return -EHOSTUNREACH;
	}
	w->addresses = list;
	w->next = list;
	return 0;
}

int redis_wire_open(struct redis_wire *w, const struct redis_url *url, const char *ca_file,
		    struct err *err)
{
	const struct addrinfo *at;
	int r = 0;

	redis_wire_close(w);
	if (url->unix_socket) {
		r = open_unix(w, url);
		return r < 0 ? err_set(err, r, "connect") : 0;
	}
	if (!w->next && (r = resolve(w, url, err)) < 0)
		return r;
	at = w->next;
	w->next = at->ai_next;
	r = start_socket(w, at->ai_addr, at->ai_addrlen);
	if (r < 0)
		return err_set(err, r, "connect");
	return url->tls ? tls_start(w, url->host, ca_file, err) : 0;
}

int redis_wire_shake(struct redis_wire *w, struct err *err)
{
	socklen_t len = sizeof(int);
	int code = 0;

	if (w->connecting) {
		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0 || code)
			return err_set(err, code ? code : errno, "connect");
		w->connecting = 0;
	}
	return w->tls ? tls_shake(w, err) : 0;
}

ssize_t redis_wire_read(struct redis_wire *w, char *data, size_t size)
{
	ssize_t n;

	if (w->tls) {
		ERR_clear_error();
		errno = 0;
		return tls_result(w, SSL_read(w->tls, data, (int)size), &w->read_wants);
	}
	n = recv(w->fd, data, size, 0);
	return n < 0 ? -errno : n;
}

static ssize_t write_some(struct redis_wire *w, const char *data, size_t len)
{
	ssize_t n;

	if (w->tls) {
		ERR_clear_error();
		errno = 0;
		n = tls_result(w, SSL_write(w->tls, data, len > 1 << 20 ? 1 << 20 : (int)len),
			       &w->write_wants);
		return n == 0 ? -EPIPE : n;
	}
	n = send(w->fd, data, len, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

int redis_wire_put(struct redis_wire *w, const char *data, size_t len, size_t max)
{
	if (w->len - w->at + len > max)
		return -ENOBUFS;
	if (w->at && w->len + len > w->room) {
		memmove(w->out, w->out + w->at, w->len - w->at);
		w->len -= w->at;
		w->at = 0;
	}
	if (w->len + len > w->room) {
		size_t room = (w->len + len) * 2;
		char *grown = realloc(w->out, room);

		if (!grown)
			return -ENOMEM;
		w->out = grown;
		w->room = room;
	}
	memcpy(w->out + w->len, data, len);
	w->len += len;
	return 0;
}

int redis_wire_flush(struct redis_wire *w)
{
	while (w->len > w->at) {
		ssize_t n = write_some(w, w->out + w->at, w->len - w->at);

		if (n == -EAGAIN || n == -EINTR)
			return 0;
		if (n < 0)
			return (int)n;
		w->at += (size_t)n;
	}
	w->at = w->len = 0;
	return 0;
}

const char *redis_wire_stage(const struct redis_wire *w)
{
	return w->connecting || !w->tls ? "connect" : "TLS: handshake";
}

uint32_t redis_wire_events(const struct redis_wire *w, bool standing)
{
	uint32_t events = EPOLLIN | w->read_wants;

	if (!standing)
		return w->shake_wants ? w->shake_wants : EPOLLOUT;
	if (redis_wire_waits(w))
		events |= w->write_wants ? w->write_wants : EPOLLOUT;
	return events;
}

int redis_wire_more(const struct redis_wire *w)
{
	return w->next != NULL;
}

uint64_t redis_wire_pause_nsec(unsigned tries, uint64_t ms_max)
{
	uint64_t ms = PAUSE_MS_MIN << (tries > 10 ? 10 : tries), dice = 0;

	if (ms > ms_max)
		ms = ms_max;
	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) < 0)
		dice = clock_now_nsec();
	return (ms / 2 + dice % (ms / 2 + 1)) * NSEC_PER_MSEC;
}

void redis_wire_close(struct redis_wire *w)
{
	SSL_free(w->tls);
	w->tls = NULL;
	w->shake_wants = w->read_wants = w->write_wants = 0;
	w->connecting = 0;
	w->at = w->len = 0;
	fd_drop(&w->fd);
}

void redis_wire_done(struct redis_wire *w)
{
	redis_wire_close(w);
	free(w->out);
	redis_wire_forget(w);
	*w = (struct redis_wire)REDIS_WIRE_INIT;
}
