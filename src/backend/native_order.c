/* SPDX-License-Identifier: Apache-2.0 */
/* An order to the warden, and the descriptors that go with it: the sealed payload, a stdin of its own, its pipes. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/native_parts.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/payload.h"

/* Every box gets a stdin of its own: a sealed file, an ended pipe when empty, or the caller's pipe. */
static int make_stdin(struct native_box *x)
{
	const struct backend_order *o = &x->order;
	_cleanup_close_ int fd = -1;

	if (o->live_stdin_fd >= 0)
		return o->live_stdin_fd;
	if (o->step->stdin_text.len == 0)
		return native_spare_ended(&x->spare);
	fd = fd_sealed_memfd("stdin", o->step->stdin_text.data, o->step->stdin_text.len);
	if (fd < 0)
		return fd;
	fchmod(fd, 0444);
	return fd_reopen_readonly(fd);
}

static int make_output(struct native_box *x, struct pump *p, int *ret_write)
{
	int fds[2], r;

	r = native_spare_pipe(&x->spare, fds);
	if (r < 0)
		return r;
	*ret_write = fds[1];
	return pump_start(p, x->native->loop, fds[0]);
}

/* The descriptor that goes with the order: the pipe to harvest into, or the sealed artefact. */
static int make_artefact(struct native_box *x, int *ret_write, int *ret_send)
{
	const struct plan_step *step = x->order.step;
	int r = 0;

	*ret_send = x->order.artefact_fd;
	if (step->kind == STEP_COMPILE && step->artefact) {
		r = make_output(x, &x->artefact, ret_write);
		*ret_send = *ret_write;
	}
	return r;
}

int native_order_send(struct native_box *x)
{
	const struct plan_step *step = x->order.step;
	struct order o = { .kind = ORDER_RUN,
			   .lane = x->lane,
			   .box = x->id,
			   .runner = step->runner,
			   .flags = x->order.refill ? ORDER_REFILL : 0,
			   .wall_cap_ms = x->order.wall_cap_ms,
			   .limits = step->limits };
	_cleanup_close_ int payload = -1, in = -1, out = -1, err = -1, harvest = -1, files = -1;
	int fds[6], artefact, r;
	size_t n = 0;

	in = make_stdin(x);
	if (in < 0)
		return in;
	payload = payload_make(step);
	if (payload < 0)
		return payload;
	if ((r = make_output(x, &x->out, &out)) < 0 || (r = make_output(x, &x->err, &err)) < 0 ||
	    (r = make_artefact(x, &harvest, &artefact)) < 0 ||
	    (step->noutputs && (r = make_output(x, &x->files.pump, &files)) < 0))
		return r;
	for (const int *fd = (int[]){ payload, in, out, err, artefact, files, -2 }; *fd != -2; fd++)
		if (*fd >= 0)
			fds[n++] = *fd;
	if (artefact >= 0)
		o.flags |= step->kind == STEP_COMPILE ? ORDER_ARTEFACT_OUT : ORDER_ARTEFACT_IN;
	if (files >= 0)
		o.flags |= ORDER_FILES_OUT;
	return fd_send_frame(x->native->sock, &o, sizeof(o), fds, n);
}
