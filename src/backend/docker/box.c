/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See box.h.  A verdict rests on what the runner saw (pid 1 of the container, ours), or, where that could not speak any
 * more, on what the engine says of the dead container and on our own clock.  The runner holds the limits; we hold them a
 * second time, later, by the engine, in case that it cannot.
 *
 * A container that breaks before its program was released is replaced once, with the order as it was: nothing of
 * it has been seen by anybody.
 */
#include "backend/docker/box.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/docker/box_send.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "sandbox/payload.h"

#define RELEASE_MAX_USEC \
	(60ull * 1000 * 1000) /* from the order to "started", with 100 MB on a slow line */
#define HAND_OUT_MAX_USEC (20ull * 1000 * 1000) /* as the warden gives an init */
#define GRACE_USEC (2ull * 1000 * 1000)	 /* for a runner that is to kill, before the engine does */
#define DEATH_USEC (15ull * 1000 * 1000) /* for an engine that is to kill */

static void arm(struct docker_box *b, uint64_t usec, sd_event_time_handler_t fn)
{
	loop_source_drop(&b->timer);
	sd_event_add_time_relative(b->host->loop, &b->timer, CLOCK_MONOTONIC, usec, 1000, fn, b);
}

static void let_go(struct docker_box *b)
{
	loop_source_drop(&b->timer);
	loop_source_drop(&b->live);
	pump_done(&b->out);
	pump_done(&b->err);
	pump_done(&b->artefact);
	pump_done(&b->files.pump);
	fd_drop(&b->payload_fd);
	fd_drop(&b->order.live_stdin_fd);
	if (b->container)
		container_bury(TAKE_PTR(b->container));
	b->busy = false;
}

/* ---- the end ---- */

static int take_artefact(struct docker_box *b)
{
	int fd;

	if (b->facts.artefact != TAKEN_WHOLE || b->order.step->kind != STEP_COMPILE)
		return -1;
	if (b->artefact.total_bytes > b->artefact.head_len) {
		b->facts.artefact = TAKEN_TOO_LARGE;
		return -1;
	}
	fd = fd_sealed_memfd("artefact", b->artefact.head, b->artefact.head_len);
	if (fd < 0) {
		b->facts.setup_errno = -fd;
		strcpy(b->facts.setup_step, "artefact");
		return -1;
	}
	return fd;
}

static void finish(struct docker_box *b)
{
	struct backend_order order = b->order;
	struct box_outcome outcome = { 0 };
	int artefact = take_artefact(b);

	b->facts.started = b->started;
	b->facts.stdout_bytes = b->out.total_bytes;
	b->facts.stderr_bytes = b->err.total_bytes;
	if ((b->out.flooded || b->err.flooded) && b->facts.kill == KILL_NONE)
		b->facts.kill = KILL_OUTPUT;
	outcome.facts = b->facts;
	taken_finish(&b->files, order.step, &outcome);
	if (pump_text(&b->out, &outcome.out, &outcome.out_truncated) < 0 ||
	    pump_text(&b->err, &outcome.err, &outcome.err_truncated) < 0) {
		outcome.facts.setup_errno = ENOMEM;
		strcpy(outcome.facts.setup_step, "output");
	}
	b->busy = false;
	order.on_done(order.user, &outcome, artefact);
	let_go(b);
	b->host->on_free(b->host->user, order.more);
}

static void fail(struct docker_box *b, const char *step, int error)
{
	b->facts.setup_errno = error < 0 ? -error : error;
	snprintf(b->facts.setup_step, sizeof(b->facts.setup_step), "%s", step);
	finish(b);
}

static enum box_kill wall_kill(const struct docker_box *b)
{
	uint64_t cap = b->order.wall_cap_ms;

	return cap && cap < b->order.step->limits.wall_ms ? KILL_TOTAL_WALL : KILL_WALL;
}

static enum box_kill kill_of(const struct docker_box *b, enum inbox_kill told)
{
	switch (told) {
	case INBOX_KILL_NONE: return KILL_NONE;
	case INBOX_KILL_OUTPUT: return KILL_OUTPUT;
	case INBOX_KILL_CPU: return KILL_CPU;
	case INBOX_KILL_WALL: return wall_kill(b);
	case INBOX_KILL_ASKED: return b->kill ? b->kill : KILL_BROKEN;
	}
	return KILL_BROKEN;
}

/* All that the runner told, with what only we know. */
static void finish_told(struct docker_box *b)
{
	const struct inbox_end *e = &b->end;
	struct facts *f = &b->facts;

	f->ended = e->ended;
	f->wait_status = e->wait_status;
	f->kill = kill_of(b, (enum inbox_kill)e->kill);
	f->disk_full = e->disk_full;
	f->artefact = e->artefact;
	f->cpu_usec = e->cpu_usec;
	f->wall_usec = e->wall_usec;
	f->memory_peak_bytes = e->memory_peak_bytes;
	f->oom_kills += e->oom_kills;
	f->pids_events = e->pids_events;
	finish(b);
}

static int begin(struct docker_box *b);

static bool try_again(struct docker_box *b)
{
	if (b->started || b->kill || b->tries > 1)
		return false;
	container_bury(TAKE_PTR(b->container));
	loop_source_drop(&b->timer);
	b->payload_at = b->artefact_at = b->stdin_at = 0;
	b->sent = b->stdin_over = false;
	return begin(b) == 0;
}

/* Dead without a last word, or with one that lacks what only the engine saw. */
static void on_gone(void *user, const struct container_end *end)
{
	struct docker_box *b = user;

	b->facts.oom_kills = end->oom_killed;
	if (b->ended) {
		finish_told(b);
		return;
	}
	b->facts.wall_usec = b->started ? (clock_now_nsec() - b->started_nsec) / 1000 : 0;
	if (b->kill) {
		b->facts.kill = b->kill;
		finish(b);
	} else if (b->sent && end->oom_killed) {
		finish(b); /* the runner went as well, perhaps over its files: by the engine's word */
	} else {
		if (try_again(b))
			return;
		b->host->on_trouble(b->host->user, b->order.job, end);
		fail(b, end->error ? end->step : "container", end->error ? end->error : EPIPE);
	}
}

/* ---- limits of ours ---- */

static int on_deaf(sd_event_source *s, uint64_t usec, void *user)
{
	struct docker_box *b = user;

	b->facts.kill = KILL_BROKEN;
	fail(b, "docker-kill", ETIMEDOUT);
	return 0;
}

static int on_grace_over(sd_event_source *s, uint64_t usec, void *user)
{
	struct docker_box *b = user;

	container_kill(b->container, "SIGKILL");
	arm(b, DEATH_USEC, on_deaf);
	return 0;
}

static int on_wall(sd_event_source *s, uint64_t usec, void *user)
{
	struct docker_box *b = user;

	b->kill = wall_kill(b);
	return on_grace_over(s, usec, user);
}

static int on_hand_out_slow(sd_event_source *s, uint64_t usec, void *user)
{
	struct docker_box *b = user;

	b->kill = KILL_BROKEN;
	return on_grace_over(s, usec, user);
}

/* The program has ended, and what it left comes: its clock is not the one to stop that by. */
static void hand_out(struct docker_box *b, struct pump *to, const void *data, size_t len)
{
	if (to->total_bytes == 0 && !b->kill)
		arm(b, HAND_OUT_MAX_USEC, on_hand_out_slow);
	pump_feed(to, data, len);
}

static int on_not_released(sd_event_source *s, uint64_t usec, void *user)
{
	fail(user, "docker-release", ETIMEDOUT);
	return 0;
}

static int on_cancelled_early(sd_event_source *s, uint64_t usec, void *user)
{
	struct docker_box *b = user;

	b->facts.kill = b->kill;
	finish(b);
	return 0;
}

/* on_done may not come from within: what has not begun ends in a turn of its own. */
void box_cancel(struct docker_box *b, enum box_kill why)
{
	if (!b->busy || b->kill)
		return;
	b->kill = why;
	if (!b->sent) {
		arm(b, 0, on_cancelled_early);
		return;
	}
	container_kill(b->container, "SIGTERM");
	arm(b, GRACE_USEC, on_grace_over);
}

/* ---- what the runner says ---- */

static void on_flood(void *user)
{
	box_cancel(user, KILL_OUTPUT); /* the runner counts too, and is first */
}

static void on_started(struct docker_box *b)
{
	uint64_t ms = b->order.step->limits.wall_ms, cap = b->order.wall_cap_ms;

	b->started = true;
	b->started_nsec = clock_now_nsec();
	if (b->order.on_start)
		b->order.on_start(b->order.user);
	if (b->kill)
		return;
	arm(b, (cap && cap < ms ? cap : ms) * 1000 + GRACE_USEC, on_wall);
	box_send_more(b);
}

static void on_end(struct docker_box *b, const struct inbox_end *end)
{
	b->end = *end;
	b->ended = true;
	/* Where its cgroup is hidden from it, the engine is asked: that comes with on_gone. */
	if (end->sees & INBOX_SEES_OOM)
		finish_told(b);
}

static void on_failed(struct docker_box *b, const struct inbox_failed *f)
{
	struct container_end end = { .error = f->error };
	bool exec = strncmp(f->step, "exec", sizeof(f->step)) == 0;

	snprintf(end.step, sizeof(end.step), "%.*s", (int)sizeof(f->step) - 1, f->step);
	if (!exec && try_again(b))
		return;
	b->host->on_trouble(b->host->user, b->order.job, &end);
	fail(b, end.step, f->error);
}

static void on_out_end(struct docker_box *b)
{
	if (b->order.on_eof)
		b->order.on_eof(b->order.user);
}

static void on_message(void *user, uint32_t kind, const void *data, size_t len)
{
	struct docker_box *b = user;

	if (!b->busy || !b->sent || b->ended)
		return;
	switch (kind) {
	case INBOX_STARTED: on_started(b); break;
	case INBOX_STDOUT: pump_feed(&b->out, data, len); break;
	case INBOX_STDOUT_END: on_out_end(b); break;
	case INBOX_STDERR: pump_feed(&b->err, data, len); break;
	case INBOX_ARTEFACT: hand_out(b, &b->artefact, data, len); break;
	case INBOX_FILES: hand_out(b, &b->files.pump, data, len); break;
	case INBOX_END: on_end(b, data); break;
	case INBOX_FAILED: on_failed(b, data); break;
	default: break;
	}
}

static void on_room(void *user)
{
	box_send_more(user);
}

static void on_ready(void *user)
{
	struct docker_box *b = user;

	b->host->on_hello(b->host->user, &b->container->hello);
	b->container->state = CONTAINER_TAKEN;
	b->sent = true;
	arm(b, RELEASE_MAX_USEC, on_not_released);
	box_send_order(b);
}

/* ---- the beginning ---- */

static int begin(struct docker_box *b)
{
	static const struct container_events events = { .on_ready = on_ready,
							.on_message = on_message,
							.on_room = on_room,
							.on_gone = on_gone };

	b->tries++;
	b->container = pool_take(b->host->pool, &b->want);
	if (!b->container)
		return -ENOMEM;
	container_watch(b->container, &events, b);
	if (b->container->state == CONTAINER_READY)
		on_ready(b);
	return 0;
}

static void on_out_data(void *user, const char *data, size_t len)
{
	struct docker_box *b = user;

	if (b->order.on_output)
		b->order.on_output(b->order.user, 1, data, len);
}

static void on_err_data(void *user, const char *data, size_t len)
{
	struct docker_box *b = user;

	if (b->order.on_output)
		b->order.on_output(b->order.user, 2, data, len);
}

static void prepare_pumps(struct docker_box *b)
{
	const struct limits *l = &b->order.step->limits;

	b->out = (struct pump){ .keep_bytes = l->output_bytes,
				.kill_bytes = l->output_bytes,
				.on_data = on_out_data };
	b->err = (struct pump){ .keep_bytes = l->output_bytes,
				.keep_tail = true,
				.kill_bytes = l->output_bytes * INBOX_STDERR_KILL_FACTOR,
				.on_data = on_err_data };
	b->artefact = (struct pump){ .keep_bytes = l->file_kb * 1024, .kill_bytes = UINT64_MAX };
	b->out.fd = b->err.fd = b->artefact.fd = -1;
	taken_prepare(&b->files, b->order.step);
	b->out.on_flood = b->err.on_flood = b->artefact.on_flood = b->files.pump.on_flood =
		on_flood;
	b->out.user = b->err.user = b->artefact.user = b->files.pump.user = b;
	pump_open(&b->out);
	pump_open(&b->err);
	pump_open(&b->artefact);
}

static int size_of(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (uint64_t)st.st_size;
	return 0;
}

int box_begin(struct docker_box *b, const struct backend_order *order, uint64_t id, struct err *err)
{
	uint64_t files = order->step->nfiles + 1;
	int r;

	box_init(b, b->host);
	b->order = *order;
	b->id = id;
	prepare_pumps(b);
	b->payload_fd = payload_make(order->step);
	r = b->payload_fd < 0 ? b->payload_fd : size_of(b->payload_fd, &b->payload_bytes);
	if (r == 0 && order->step->kind != STEP_COMPILE && order->artefact_fd >= 0)
		r = size_of(order->artefact_fd, &b->artefact_bytes);
	b->want = spec_limits_of(&order->step->limits, b->payload_bytes + b->artefact_bytes, files);
	b->busy = true;
	if (r == 0)
		r = begin(b);
	if (r < 0) {
		let_go(b);
		return err_set(err, r, "make a box");
	}
	return 0;
}

void box_init(struct docker_box *b, const struct box_host *host)
{
	*b = (struct docker_box){ .host = host, .payload_fd = -1 };
	b->order.live_stdin_fd = -1;
	b->out.fd = b->err.fd = b->artefact.fd = b->files.pump.fd = -1;
}

void box_done(struct docker_box *b)
{
	let_go(b);
}
