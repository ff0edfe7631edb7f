/* SPDX-License-Identifier: Apache-2.0 */
/* See serve_listen.h. A unix socket that nobody answers on is a leftover, and is replaced; one that answers is not. */
#include "app/serve_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/parse.h"

#define BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

static bool is_loopback(const union address *a)
{
	static const unsigned char mapped[13] = { [10] = 0xff, 0xff, 127 };

	if (a->any.sa_family == AF_INET)
		return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr) ||
		       !memcmp(&a->v6.sin6_addr, mapped, sizeof(mapped));
	return a->any.sa_family == AF_UNIX;
}

/* What the kernel says of it, also of a port that it chose. */
static int describe(struct serve_socket *s)
{
	union address a = { 0 };
	socklen_t len = sizeof(a);
	char host[INET6_ADDRSTRLEN] = "";

	if (getsockname(s->fd, &a.any, &len) < 0)
		return -errno;
	s->trusted = is_loopback(&a);
	s->local = a.any.sa_family == AF_UNIX;
	if (s->local)
		snprintf(s->name, sizeof(s->name), "%.*s", (int)sizeof(a.local.sun_path),
			 a.local.sun_path);
	else if (a.any.sa_family == AF_INET6)
		snprintf(s->name, sizeof(s->name), "[%s]:%u",
			 inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof(host)),
			 ntohs(a.v6.sin6_port));
	else
		snprintf(s->name, sizeof(s->name), "%s:%u",
			 inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof(host)),
			 ntohs(a.v4.sin_port));
	return 0;
}

/* Takes fd over, also when it fails. */
static int add(struct serve_sockets *s, int fd, const char *address, struct err *err)
{
	struct serve_socket *new;
	int r;

	if (s->len == SERVE_SOCKETS_MAX) {
		close(fd);
		return err_set(err, E2BIG, "listen: more than %d sockets", SERVE_SOCKETS_MAX);
	}
	new = &s->list[s->len++];
	new->fd = fd;
	r = describe(new);
	return r < 0 ? err_set(err, r, "listen on %s", address) : 0;
}

/* ---- unix ---- */

/* A connect(2) to what is no socket is refused as well. */
static bool is_leftover(const union address *a)
{
	struct stat st;
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 && lstat(a->local.sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       connect(fd, &a->any, sizeof(a->local)) < 0 && errno == ECONNREFUSED;
}

static int bind_unix(const char *path, unsigned mode)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union address a = { .local = { .sun_family = AF_UNIX } };
	mode_t mask;
	int r;

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(a.local.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.local.sun_path, path, strlen(path) + 1);
	if (is_leftover(&a) && unlink(path) < 0)
		return -errno;
	mask = umask(0777 & ~mode);
	r = bind(fd, &a.any, sizeof(a.local)) < 0 ? -errno : 0;
	umask(mask);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	return r < 0 ? r : TAKE_FD(fd);
}

/* ---- TCP ---- */

static int bind_one(const struct addrinfo *i)
{
	_cleanup_close_ int fd = socket(i->ai_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	int on = 1, off = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (i->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, i->ai_addr, i->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* "host:port", "[host]:port", "*:port". */
static bool split(const char *address, char host[static 256], const char **ret_port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (!colon || len == 0 || len >= 256 || !colon[1])
		return false;
	if (*address == '[') {
		if (address[len - 1] != ']')
			return false;
		address++;
		len -= 2;
	} else if (memchr(address, ':', len)) {
		return false; /* an IPv6 address without its brackets */
	}
	memcpy(host, address, len);
	host[len] = '\0';
	*ret_port = colon + 1;
	return true;
}

static int bind_tcp(const char *address, struct err *err)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char host[256];
	const char *port;
	uint64_t number;
	int r, fd = -EADDRNOTAVAIL;

	if (!split(address, host, &port)) {
		err_set(err, 0,
			"listen: \"%s\" is not HOST:PORT, [HOST]:PORT, unix:PATH or systemd",
			address);
		return -EINVAL;
	}
	/* The resolver takes the rest of a division. */
	if (parse_u64(port, &number) < 0 || number > UINT16_MAX) {
		err_set(err, 0, "listen: \"%s\": the port must be from 0 (any that is free) to %d",
			address, UINT16_MAX);
		return -EINVAL;
	}
	r = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, &found);
	if (r != 0) {
		err_set(err, 0, "listen on %s: %s", address, gai_strerror(r));
		return -EADDRNOTAVAIL;
	}
	for (struct addrinfo *i = found; i && fd < 0; i = i->ai_next)
		fd = bind_one(i);
	freeaddrinfo(found);
	if (fd == -EADDRINUSE) {
		err_set(err, 0,
			"listen on %s: another program does already; --listen HOST:PORT names another address",
			address);
		return fd;
	}
	return fd < 0 ? err_set(err, fd, "listen on %s", address) : fd;
}

/* ---- systemd ---- */

static int take_handed_over(struct serve_sockets *s, struct err *err)
{
	int n = sd_listen_fds(1), r = 0;

	if (n < 0)
		return err_set(err, n, "listen: systemd");
	if (n == 0) {
		err_set(err, 0,
			"listen: systemd hands no socket over: that needs a .socket unit that starts this");
		return -ENOENT;
	}
	for (int i = 0; i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (r == 0 && sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			r = err_set(err, EINVAL, "listen: what systemd hands over does not listen");
		if (r == 0)
			r = add(s, fd, "systemd", err);
		else
			close(fd);
	}
	return r;
}

/* ---- all ---- */

int serve_listen(struct serve_sockets *s, const char *const *addresses, unsigned mode,
		 struct err *err)
{
	int r = 0;

	for (; r == 0 && *addresses; addresses++) {
		const char *address = *addresses;
		int fd;

		if (strcmp(address, "systemd") == 0) {
			r = take_handed_over(s, err);
			continue;
		}
		if (strncmp(address, "unix:", 5) == 0) {
			fd = bind_unix(address + 5, mode);
			if (fd < 0)
				err_set(err, fd, "listen on %s", address);
		} else {
			fd = bind_tcp(address, err);
		}
		r = fd < 0 ? fd : add(s, fd, address, err);
	}
	return r;
}

void serve_sockets_done(struct serve_sockets *s)
{
	for (size_t i = 0; i < s->len; i++)
		fd_drop(&s->list[i].fd);
	s->len = 0;
}

bool serve_sockets_trusted(const struct serve_sockets *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (!s->list[i].trusted)
			return false;
	return true;
}
