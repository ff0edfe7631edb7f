/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan steps -> orders to the warden; pipes and reports -> outcomes.
 *
 * The engine's side makes all descriptors of a box: the sealed payload, a stdin of its own, two pipes.
 * A box is over when the warden has reported it and both pipes are at their end, which follows from the
 * report, since nobody who could write is alive then.
 */
#include "backend/native_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define STDERR_KILL_FACTOR 16 /* stderr ends a box only at this many times its limit */

static struct native *native_of(struct backend *b)
{
	return (struct native *)(void *)b;
}

static bool is_idle(const struct native_box *x)
{
	return x->state == SLOT_IDLE && !x->busy && !(x->native->base.stuck & 1ull << x->lane);
}

static unsigned native_idle_lanes(struct backend *b)
{
	struct native *n = native_of(b);
	unsigned idle = 0;

	for (unsigned i = 0; i < b->lanes; i++)
		idle += is_idle(&n->boxes[i]);
	/* With no warden, orders are taken and fail at once with the reason. */
	return n->warden_gone ? b->lanes : idle;
}

static void native_on_idle(struct backend *b, void (*fn)(void *user), void *user)
{
	native_of(b)->idle_fn = fn;
	native_of(b)->idle_user = user;
}

static void kill_box(struct native_box *x, enum box_kill why)
{
	struct order o = { .kind = ORDER_KILL, .lane = x->lane, .box = x->id, .kill = why };

	if (!x->reported)
		fd_send_frame(x->native->sock, &o, sizeof(o), NULL, 0);
}

static void clear_box(struct native_box *x)
{
	pump_done(&x->out);
	pump_done(&x->err);
	pump_done(&x->artefact);
	pump_done(&x->files.pump);
	x->busy = false;
}

/* What came through the pipe, as a sealed file of ours; -1 without one. */
static int take_artefact(struct native_box *x)
{
	int fd;

	if (x->facts.artefact != TAKEN_WHOLE || x->order.step->kind != STEP_COMPILE)
		return -1;
	if (x->artefact.total_bytes > x->artefact.head_len) {
		x->facts.artefact = TAKEN_TOO_LARGE;
		return -1;
	}
	fd = fd_sealed_memfd("artefact", x->artefact.head, x->artefact.head_len);
	if (fd < 0) {
		x->facts.setup_errno = -fd;
		strcpy(x->facts.setup_step, "artefact");
		return -1;
	}
	return fd;
}

static void finish_if_over(struct native_box *x)
{
	struct backend_order order = x->order;
	struct box_outcome outcome = { 0 };
	int artefact;

	if (!x->busy || !x->reported || x->out.fd >= 0 || x->err.fd >= 0 || x->artefact.fd >= 0 ||
	    x->files.pump.fd >= 0)
		return;
	x->facts.stdout_bytes = x->out.total_bytes;
	x->facts.stderr_bytes = x->err.total_bytes;
	/* It may have written too much and ended before the kill could reach it. */
	if ((x->out.flooded || x->err.flooded) && x->facts.kill == KILL_NONE)
		x->facts.kill = KILL_OUTPUT;
	artefact = take_artefact(x);
	outcome.facts = x->facts;
	taken_finish(&x->files, order.step, &outcome);
	if (pump_text(&x->out, &outcome.out, &outcome.out_truncated) < 0 ||
	    pump_text(&x->err, &outcome.err, &outcome.err_truncated) < 0) {
		outcome.facts.setup_errno = ENOMEM;
		strcpy(outcome.facts.setup_step, "output");
	}
	x->busy = false;
	order.on_done(order.user, &outcome, artefact);
	clear_box(x);
	if (x->state == SLOT_IDLE && x->native->idle_fn)
		x->native->idle_fn(x->native->idle_user);
}

static void on_out_data(void *user, const char *data, size_t len)
{
	struct native_box *x = user;

	if (x->order.on_output)
		x->order.on_output(x->order.user, 1, data, len);
}

static void on_err_data(void *user, const char *data, size_t len)
{
	struct native_box *x = user;

	if (x->order.on_output)
		x->order.on_output(x->order.user, 2, data, len);
}

static void on_flood(void *user)
{
	kill_box(user, KILL_OUTPUT);
}

static void on_eof(void *user)
{
	finish_if_over(user);
}

static void on_out_eof(void *user)
{
	struct native_box *x = user;

	if (x->order.on_eof)
		x->order.on_eof(x->order.user);
	finish_if_over(x);
}

/* The warden is gone: whatever runs can only be an internal error, and lanes answer so from now on. */
static void lose_warden(struct native *n)
{
	n->warden_gone = true;
	loop_source_drop(&n->source);
	for (unsigned i = 0; i < n->base.lanes; i++) {
		struct native_box *x = &n->boxes[i];

		x->state = SLOT_LOST;
		if (!x->busy || x->reported)
			continue;
		x->reported = true;
		x->facts.kill = KILL_BROKEN;
		x->facts.setup_errno = EPIPE;
		strcpy(x->facts.setup_step, "warden");
		pump_done(&x->out);
		pump_done(&x->err);
		pump_done(&x->artefact);
		pump_done(&x->files.pump);
		finish_if_over(x);
	}
}

/* What was told about the lanes changed: who waits for two may have to hear that there is one. */
static void call_idle(const struct native *n)
{
	if (n->idle_fn)
		n->idle_fn(n->idle_user);
}

static void on_zygote(struct native *n, const struct report *r)
{
	struct backend_runner *k = &n->base.runners[r->runner < RUNNER_KINDS ? r->runner : 0];

	if (r->error)
		k->error = r->error;
	else
		k->ready++;
	if (r->error || !k->error)
		snprintf(k->text, sizeof(k->text), "%.*s", (int)sizeof(r->text) - 1, r->text);
	call_idle(n);
}

/* Nobody is left who could write: the ends are there, or come without delay. */
static void drain(struct native_box *x)
{
	pump_drain(&x->out);
	pump_drain(&x->err);
	pump_drain(&x->artefact);
	pump_drain(&x->files.pump);
}

static void on_report(struct native *n, const struct report *r)
{
	struct native_box *x = &n->boxes[r->lane];

	switch (r->kind) {
	case REPORT_DONE:
		if (!x->busy || x->reported || r->box != x->id)
			return;
		x->facts = r->facts;
		x->reported = true;
		x->state = SLOT_CLEANING;
		sd_event_source_set_enabled(n->filler, SD_EVENT_ONESHOT);
		drain(x);
		finish_if_over(x);
		break;
	case REPORT_IDLE:
		x->state = SLOT_IDLE;
		if (!x->busy)
			call_idle(n);
		break;
	case REPORT_LOST:
		n->base.lost += x->state != SLOT_LOST;
		x->state = SLOT_LOST;
		call_idle(n);
		break;
	case REPORT_STUCK:
		n->base.stuck |= 1ull << r->lane;
		call_idle(n);
		break;
	case REPORT_FREED:
		n->base.stuck &= ~(1ull << r->lane);
		call_idle(n);
		break;
	case REPORT_ZYGOTE: on_zygote(n, r); break;
	}
}

static bool all_lost(const struct native *n)
{
	for (unsigned i = 0; i < n->base.lanes; i++)
		if (n->boxes[i].state != SLOT_LOST)
			return false;
	return true;
}

static int on_warden(sd_event_source *s, int fd, uint32_t revents, void *user)
{
	struct native *n = user;
	struct report r;
	int got = fd_recv_frame(fd, &r, sizeof(r), NULL, NULL);

	if (got == -EAGAIN)
		return 0;
	if (got <= 0 || r.lane >= n->base.lanes) {
		lose_warden(n);
	} else {
		on_report(n, &r);
		if (!n->warden_gone && all_lost(n))
			lose_warden(n);
	}
	if (n->warden_gone && n->idle_fn)
		n->idle_fn(n->idle_user);
	return 0;
}

/* Of lanes that wait for an order, or are cleaned up for the next one. */
static int on_fill(sd_event_source *s, void *user)
{
	struct native *n = user;

	for (unsigned i = 0; i < n->base.lanes; i++)
		if (n->boxes[i].state != SLOT_RUNNING && n->boxes[i].state != SLOT_LOST)
			native_spare_fill(&n->boxes[i].spare);
	return 0;
}

static int add_filler(struct native *n)
{
	int r = sd_event_add_defer(n->loop, &n->filler, on_fill, n);

	return r < 0 ? r : sd_event_source_set_priority(n->filler, SD_EVENT_PRIORITY_IDLE);
}

static void prepare_pumps(struct native_box *x)
{
	uint64_t keep = x->order.step->limits.output_bytes;

	x->out = (struct pump){
		.fd = -1, .keep_bytes = keep, .kill_bytes = keep, .on_data = on_out_data
	};
	x->err = (struct pump){ .fd = -1,
				.keep_bytes = keep,
				.keep_tail = true,
				.kill_bytes = keep * STDERR_KILL_FACTOR,
				.on_data = on_err_data };
	x->artefact = (struct pump){ .fd = -1,
				     .keep_bytes = x->order.step->limits.file_kb * 1024,
				     .kill_bytes = UINT64_MAX };
	taken_prepare(&x->files, x->order.step);
	x->out.on_flood = x->err.on_flood = x->artefact.on_flood = x->files.pump.on_flood =
		on_flood;
	x->out.on_eof = on_out_eof;
	x->err.on_eof = x->artefact.on_eof = x->files.pump.on_eof = on_eof;
	x->out.user = x->err.user = x->artefact.user = x->files.pump.user = x;
}

/* A lane where a program of this runner waits, else one where none does, else any. */
static struct native_box *idle_box(struct native *n, enum runner_kind runner)
{
	struct native_box *best = NULL;

	for (unsigned i = 0; i < n->base.lanes; i++) {
		struct native_box *x = &n->boxes[i];

		if (!is_idle(x))
			continue;
		if (x->ahead == (int)runner)
			return x;
		if (!best || (x->ahead < 0 && best->ahead >= 0))
			best = x;
	}
	return best;
}

static int native_submit(struct backend *b, const struct backend_order *order, uint64_t *ret_box,
			 struct err *err)
{
	struct native *n = native_of(b);
	struct native_box *x = idle_box(n, order->step->runner);
	int r;

	if (n->warden_gone || !x) {
		if (order->live_stdin_fd >= 0)
			close(order->live_stdin_fd);
		return n->warden_gone ? err_set(err, EPIPE, "the warden is gone")
				      : err_set(err, EAGAIN, "no lane is idle");
	}
	x->order = *order;
	x->id = ++n->last_box;
	x->reported = false;
	x->busy = true;
	memset(&x->facts, 0, sizeof(x->facts));
	prepare_pumps(x);
	r = native_order_send(x);
	if (r < 0) {
		clear_box(x);
		return err_set(err, r, "make a box");
	}
	x->state = SLOT_RUNNING;
	x->ahead = order->refill ? (int)order->step->runner : -1;
	*ret_box = x->id;
	return 0;
}

static void native_cancel(struct backend *b, uint64_t box, unsigned kill)
{
	struct native *n = native_of(b);

	for (unsigned i = 0; i < b->lanes; i++)
		if (n->boxes[i].busy && n->boxes[i].id == box)
			kill_box(&n->boxes[i], kill);
}

static void native_warm(struct backend *b, enum runner_kind runner, bool ahead)
{
	struct native *n = native_of(b);

	for (unsigned i = 0; i < b->lanes; i++) {
		struct order o = { .kind = ORDER_WARM,
				   .lane = i,
				   .runner = runner,
				   .flags = ahead ? ORDER_REFILL : 0 };

		if (n->warden_gone || fd_send_frame(n->sock, &o, sizeof(o), NULL, 0) < 0)
			continue;
		b->runners[runner].asked++;
		if (ahead)
			n->boxes[i].ahead = (int)runner;
	}
}

static void native_free(struct backend *b)
{
	struct native *n = native_of(b);

	loop_source_drop(&n->source);
	loop_source_drop(&n->filler);
	for (unsigned i = 0; i < b->lanes; i++) {
		clear_box(&n->boxes[i]);
		native_spare_close(&n->boxes[i].spare);
	}
	if (n->sock >= 0)
		close(n->sock);
	sd_event_unref(n->loop);
	free(n);
}

static const struct backend_ops native_ops = {
	.name = "native",
	.submit = native_submit,
	.cancel = native_cancel,
	.idle_lanes = native_idle_lanes,
	.on_idle = native_on_idle,
	.warm = native_warm,
	.free = native_free,
};

int native_new(sd_event *loop, int warden_sock, unsigned lanes, struct backend **ret,
	       struct err *err)
{
	struct native *n = calloc(1, sizeof(*n));
	int r;

	if (!n) {
		close(warden_sock);
		return err_set(err, ENOMEM, "make the native backend");
	}
	n->base.ops = &native_ops;
	n->base.lanes = lanes;
	n->sock = warden_sock;
	n->loop = sd_event_ref(loop);
	for (unsigned i = 0; i < WIRE_LANES_MAX; i++) {
		n->boxes[i] = (struct native_box){ .native = n,
						   .lane = i,
						   .ahead = -1,
						   .out.fd = -1,
						   .err.fd = -1,
						   .artefact.fd = -1,
						   .files.pump.fd = -1 };
		native_spare_init(&n->boxes[i].spare);
	}
	r = fd_set_nonblock(warden_sock, 1);
	if (r == 0)
		r = sd_event_add_io(loop, &n->source, warden_sock, EPOLLIN, on_warden, n);
	if (r >= 0)
		r = add_filler(n);
	if (r < 0) {
		native_free(&n->base);
		return err_set(err, r, "watch the warden");
	}
	*ret = &n->base;
	return 0;
}
