/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See bench_requests.h.  The loop reads stdin only while no whole line waits, and begins a line as soon as
 * fewer than --in-flight are worked on; answers go out in the order in which they come to be, each with
 * the number of its line.  With one in flight a request waits for every lane to be clean, so that its time
 * is that of an idle engine.
 *
 * A line that is no request is answered like any other, by its refusal.  Whoever feeds us must read what
 * we answer: stdout is written to with blocking calls.
 */
#include "app/bench_requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "codec/request_json.h"
#include "codec/result_json.h"
#include "gate/cli/cli_audit.h"
#include "gate/cli/cli_report.h"
#include "gate/desk/job_id.h"

#define FLIGHT_ARENA_BYTES (4ull << 30)
#define READ_FIRST_BYTES 65536
#define PREFIX_BYTES 64

struct bench_requests;

struct flight {
	struct bench_requests *bench;
	bool used, over;
	uint64_t line, start_nsec;
	char id[JOB_ID_BYTES];
	struct arena arena; /* owned while used */
	struct request request;
	struct plan plan;
};

/* stdin, cut into lines: data[at, len) is not handed out yet, data[at, scanned) holds no newline. */
struct lines {
	sd_event_source *source; /* owned */
	char *data;		 /* owned */
	size_t at, scanned, len, room, max_bytes;
	bool end;
	uint64_t count; /* lines handed out */
};

struct bench_requests {
	struct service *service;
	size_t in_flight, flying;
	enum runner_mode mode;
	struct lines lines;
	int error; /* of reading or answering, in a callback: negative errno */
	struct flight flights[SETTINGS_LANES_MAX];
};

/* ---- lines ---- */

static bool line_ready(struct lines *l)
{
	const char *newline = NULL;

	if (l->scanned < l->len)
		newline = memchr(l->data + l->scanned, '\n', l->len - l->scanned);
	l->scanned = newline ? (size_t)(newline - l->data) : l->len;
	return newline || (l->end && l->at < l->len);
}

/* Only after line_ready(). Valid until more is read. */
static struct text take_line(struct lines *l)
{
	struct text line = { l->data + l->at, l->scanned - l->at };

	l->at = l->scanned < l->len ? l->scanned + 1 : l->len;
	l->scanned = l->at;
	l->count++;
	return line;
}

static int make_room(struct lines *l)
{
	size_t more = l->room ? 2 * l->room : READ_FIRST_BYTES;
	char *bigger;

	if (l->at > 0) {
		memmove(l->data, l->data + l->at, l->len - l->at);
		l->len -= l->at;
		l->scanned -= l->at;
		l->at = 0;
	}
	if (l->len < l->room)
		return 0;
	if (l->len > l->max_bytes)
		return -EMSGSIZE;
	bigger = realloc(l->data, more);
	if (!bigger)
		return -ENOMEM;
	l->data = bigger;
	l->room = more;
	return 0;
}

static int read_more(struct lines *l)
{
	int r = make_room(l);
	ssize_t n;

	if (r < 0)
		return r;
	n = read(STDIN_FILENO, l->data + l->len, l->room - l->len);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	l->len += (size_t)n;
	l->end = n == 0;
	return 0;
}

static int on_always_readable(sd_event_source *source, void *user)
{
	struct bench_requests *b = user;
	int r = read_more(&b->lines);

	b->error = r < 0 ? r : b->error;
	return 0;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *user)
{
	return on_always_readable(source, user);
}

/* A plain file is always readable, so much so that epoll does not take it. */
static int watch_stdin(struct bench_requests *b)
{
	sd_event *loop = b->service->loop;
	int r = sd_event_add_io(loop, &b->lines.source, STDIN_FILENO, EPOLLIN, on_readable, b);

	if (r == -EPERM)
		r = sd_event_add_defer(loop, &b->lines.source, on_always_readable, b);
	/* What is always ready must not starve the rest, which may be waited for while a runner is proved. */
	if (r >= 0)
		r = sd_event_source_set_priority(b->lines.source, SD_EVENT_PRIORITY_IDLE);
	return r < 0 ? r : 0;
}

/* ---- answers ---- */

/* `json` is an object and a newline; ours are put first in it. */
static int answer(uint64_t line, uint64_t nsec, const char *json, size_t len)
{
	_cleanup_free_ char *text = malloc(PREFIX_BYTES + len);
	int n;

	if (!text)
		return -ENOMEM;
	n = snprintf(text, PREFIX_BYTES, "{\"nsec\":%llu,\"line\":%llu,", (unsigned long long)nsec,
		     (unsigned long long)line);
	memcpy(text + n, json + 1, len - 1);
	return fd_write_all(STDOUT_FILENO, text, (size_t)n + len - 1);
}

static int answer_refused(uint64_t line, const char *id, const struct refusal *refusal)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = result_json_encode_refusal(refusal, &text, &len);

	cli_audit_refusal(id, refusal);
	return r < 0 ? r : answer(line, 0, text, len);
}

static void on_done(void *user, const struct result *result)
{
	struct flight *f = user;
	uint64_t nsec = clock_now_nsec() - f->start_nsec;
	struct cli_report report = { 0 };
	int r = cli_report_make(result, CLI_BODY, true, &report);

	cli_audit_result(f->id, result);
	if (r == 0)
		r = answer(f->line, nsec, report.out, report.out_len);
	if (r < 0)
		f->bench->error = r;
	cli_report_done(&report);
	f->over = true;
}

/* ---- flights ---- */

static void land(struct flight *f)
{
	arena_done(&f->arena);
	f->used = f->over = false;
	f->bench->flying--;
}

static struct flight *free_flight(struct bench_requests *b)
{
	for (size_t i = 0; i < b->in_flight; i++)
		if (!b->flights[i].used)
			return &b->flights[i];
	return NULL;
}

/* 0, 1 (refused) or a negative errno. */
static int make_plan(struct flight *f, struct text line, struct refusal *refusal, struct err *err)
{
	struct service *service = f->bench->service;
	const struct language *l;
	size_t max_bytes = f->bench->lines.max_bytes;
	int r;

	if (line.len == 0)
		return refusal_set(refusal, "", "is empty");
	if (line.len > max_bytes)
		return refusal_set(refusal, "", "is larger than %zu bytes", max_bytes);
	r = request_json_decode(line.data, line.len, &f->arena, &f->request, refusal);
	l = r == 0 ? language_find(&service->languages, f->request.language) : NULL;
	if (l && !f->request.fresh)
		r = service_warm(service, f->bench->mode, l, true, err);
	if (r != 0)
		return r;
	r = planner_plan(&service->planner, &f->request, &f->arena, &f->plan, refusal);
	return r != 0 ? r : service_docker_check(service, &f->plan, refusal);
}

static int begin(struct bench_requests *b, struct flight *f, struct err *err)
{
	const struct job_events events = { .on_done = on_done };
	struct text line = take_line(&b->lines);
	struct refusal refusal = { 0 };
	struct job *job;
	int r;

	*f = (struct flight){ .bench = b, .used = true, .line = b->lines.count };
	b->flying++;
	arena_init(&f->arena, FLIGHT_ARENA_BYTES);
	r = job_id_make(f->id);
	if (r == 0)
		r = make_plan(f, line, &refusal, err);
	if (r > 0)
		r = answer_refused(f->line, f->id, &refusal);
	else if (r == 0) {
		f->start_nsec = clock_now_nsec();
		return engine_submit(b->service->engine,
				     &(struct engine_order){ .plan = &f->plan,
							     .arena = &f->arena,
							     .id = f->id,
							     .live_stdin_fd = -1,
							     .events = &events,
							     .user = f },
				     &job, err);
	}
	land(f);
	if (r < 0 && !*err->text)
		err_set(err, r, "begin line %llu", (unsigned long long)b->lines.count);
	return r < 0 ? r : 0;
}

static bool may_begin(struct bench_requests *b)
{
	struct backend *backend = b->service->backend;

	if (b->flying == b->in_flight || !line_ready(&b->lines))
		return false;
	return b->in_flight > 1 || backend->ops->idle_lanes(backend) == backend->lanes;
}

/* After each turn of the loop: what is over makes room for what waits. */
static int move_on(struct bench_requests *b, struct err *err)
{
	bool want;
	int r = 0;

	for (size_t i = 0; i < b->in_flight; i++)
		if (b->flights[i].over)
			land(&b->flights[i]);
	while (r == 0 && may_begin(b))
		r = begin(b, free_flight(b), err);
	want = !b->lines.end && !line_ready(&b->lines);
	if (r == 0)
		r = sd_event_source_set_enabled(b->lines.source, want ? SD_EVENT_ON : SD_EVENT_OFF);
	return r;
}

static int turn(struct bench_requests *b, struct err *err)
{
	int r = watch_stdin(b);

	while (r >= 0) {
		r = move_on(b, err);
		if (r < 0 || (b->lines.end && !b->flying && !line_ready(&b->lines)))
			break;
		r = sd_event_run(b->service->loop, UINT64_MAX);
		if (r >= 0 && b->error)
			r = b->error;
	}
	return r < 0 ? r : 0;
}

int bench_requests(struct service *service, const struct settings *settings, struct err *err)
{
	struct bench_requests *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_set(err, ENOMEM, "make the bench");
	b->service = service;
	b->in_flight = settings->in_flight;
	b->mode = settings->runner;
	b->lines.max_bytes = settings->max_body_bytes;
	r = turn(b, err);
	if (r < 0 && !*err->text)
		err_set(err, r, "answer line %llu", (unsigned long long)b->lines.count);
	if (b->flying) { /* jobs know our plans: they end before these do */
		engine_free(service->engine);
		service->engine = NULL;
	}
	for (size_t i = 0; i < b->in_flight; i++)
		if (b->flights[i].used)
			land(&b->flights[i]);
	loop_source_drop(&b->lines.source);
	free(b->lines.data);
	free(b);
	return r;
}
