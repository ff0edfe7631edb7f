/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's life on the loop, and its end.  SIGTERM and SIGINT drain: nothing more is accepted, what runs may end,
 * its answers go out, and what is on disk and has not begun waits for the next life.  A second signal, or the end of
 * drain_sec, ends it at once.  SIGHUP is serve_reload.c's.  Without its warden a service is
 * of no use: it drains as well, and fails, so that whoever started it starts another one.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "app/serve.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

#define LOST_USEC 2000000ull /* for the last answers, when there is no warden any more */
#define FLUSH_USEC 20000ull
#define FLUSH_TURNS 100 /* two seconds for the last answers */

static int later(sd_event *loop, sd_event_source **source, uint64_t usec,
		 sd_event_time_handler_t fn, void *user)
{
	return sd_event_add_time(loop, source, CLOCK_MONOTONIC, clock_now_nsec() / 1000 + usec, 0,
				 fn, user);
}

static int leave(const struct serve *s)
{
	return sd_event_exit(s->service.loop, s->failure);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *user)
{
	log_event(LOG_LEVEL_WARNING, "service ends with jobs that did not");
	return leave(user);
}

/* The last answers are on their way: until they are out, or two seconds. */
static int on_flush(sd_event_source *source, uint64_t usec, void *user)
{
	struct serve *s = user;
	struct http_server_counts n;
	static unsigned turns;

	http_server_count(http_gate_server(s->gate), &n);
	if (n.requests == 0 || ++turns > FLUSH_TURNS)
		return leave(s);
	sd_event_source_set_time(source, clock_now_nsec() / 1000 + FLUSH_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void on_empty(void *user)
{
	struct serve *s = user;

	http_server_quiet(http_gate_server(s->gate));
	if (later(s->service.loop, &s->flush, 0, on_flush, s) < 0)
		leave(s);
}

static int drain(struct serve *s, uint64_t usec)
{
	s->draining = true;
	sd_notify(0, "STOPPING=1\nSTATUS=Draining");
	switch_hush(&s->boxes);
	http_gate_drain(s->gate);
	if (later(s->service.loop, &s->deadline, usec, on_deadline, s) < 0)
		return leave(s);
	desk_drain(s->desk, on_empty, s);
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	struct serve *s = user;

	log_event(LOG_LEVEL_INFO, "service drains signal=%u", info->ssi_signo);
	if (s->draining)
		return leave(s);
	return drain(s, s->config.drain_sec * 1000000);
}

/* No box can be made any more: jobs that were promised wait for the next life, all others are told. */
static int on_warden(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct serve *s = user;

	log_event(LOG_LEVEL_ERROR, "the warden is gone: service ends");
	loop_source_drop(&s->boxes.warden);
	s->failure = -EPIPE;
	return s->draining ? 0 : drain(s, LOST_USEC);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
	struct serve *s = user;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)(clock_now_nsec() / 1000));
	serve_reload(s); /* ready again when that is over: serve_boxes.c */
	return 0;
}

static int watch_signals(struct serve *s)
{
	static const struct {
		int number;
		sd_event_signal_handler_t fn;
	} handlers[SERVE_SIGNALS] = { { SIGTERM, on_end },
				      { SIGINT, on_end },
				      { SIGHUP, on_reload } };
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < SERVE_SIGNALS; i++)
		sigaddset(&set, handlers[i].number);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; r >= 0 && i < SERVE_SIGNALS; i++)
		r = sd_event_add_signal(s->service.loop, &s->signals[i], handlers[i].number,
					handlers[i].fn, s);
	return r;
}

/* ---- what people see ---- */

static void print_curl(const struct serve *s, const struct serve_socket *socket)
{
	static const char body[] = "{\"language\":\"python\",\"code\":\"print(6*7)\"}";
	const char *auth = auth_required(s->auth) ? " -H \"Authorization: Bearer $TOKEN\"" : "";

	if (socket->local)
		printf("  curl -s --unix-socket %s http://localhost/v1/execute", socket->name);
	else
		printf("  curl -s http://%s/v1/execute", socket->name);
	printf("%s -H 'Content-Type: application/json' -d '%s'\n", auth, body);
}

static void announce(const struct serve *s)
{
	for (size_t i = 0; i < s->sockets.len; i++) {
		const struct serve_socket *socket = &s->sockets.list[i];

		printf("kodewar serves on %s%s\n", socket->local ? "" : "http://", socket->name);
		log_event(LOG_LEVEL_INFO, "service listens on %s", socket->name);
	}
	if (s->facts.missing)
		printf("kodewar takes no submissions: required layers do not hold here: %s\n",
		       s->facts.missing);
	print_curl(s, &s->sockets.list[0]);
	fflush(stdout);
}

static int listen_all(struct serve *s, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->sockets.len; i++) {
		struct serve_socket *socket = &s->sockets.list[i];

		r = http_server_listen(http_gate_server(s->gate), TAKE_FD(socket->fd),
				       socket->trusted, err);
	}
	return r;
}

int serve_run(struct serve *s, struct err *err)
{
	int r = watch_signals(s);

	if (r >= 0)
		r = sd_event_set_watchdog(s->service.loop, 1);
	if (r < 0)
		return err_set(err, r, "put the service on the loop");
	r = serve_boxes_watch(s, on_warden, err);
	if (r < 0)
		return r;
	r = listen_all(s, err);
	if (r < 0)
		return r;
	announce(s);
	sd_notify(0, s->facts.missing ? "READY=1\nSTATUS=Required layers are missing"
				      : "READY=1\nSTATUS=Serving");
	r = sd_event_loop(s->service.loop);
	if (s->failure)
		return err_set(err, s->failure, "the warden is gone");
	return r < 0 ? err_set(err, r, "serve") : 0;
}
