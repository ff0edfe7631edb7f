/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fake.h.  One deferred source ends one box per turn of the loop, the oldest that is not held,
 * so that everything which can come between two ends does.  Strict where a real backend is merely
 * unlucky: outputs are freed after on_done, and a misuse of the contract stops the test.
 */
#include "backend/fake.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

struct fake_box {
	bool busy;
	uint64_t id; /* grows: the smallest is the oldest */
	struct backend_order order;
	struct fake_end end;
};

struct fake {
	struct backend base;
	sd_event_source *turn; /* owned */
	fake_script script;
	void *script_user;
	void (*idle_fn)(void *user);
	void *idle_user;
	uint64_t last_box;
	bool in_submit;
	struct fake_box boxes[];
};

static struct fake *fake_of(struct backend *b)
{
	return (struct fake *)(void *)b;
}

static struct fake_box *oldest(struct fake *f, bool held)
{
	struct fake_box *found = NULL;

	for (unsigned i = 0; i < f->base.lanes; i++) {
		struct fake_box *x = &f->boxes[i];

		if (x->busy && x->end.hold == held && (!found || x->id < found->id))
			found = x;
	}
	return found;
}

static void wake(struct fake *f)
{
	if (oldest(f, false))
		sd_event_source_set_enabled(f->turn, SD_EVENT_ONESHOT);
}

static struct text copy_text(struct text t)
{
	char *copy = malloc(t.len + 1);

	assert(copy);
	if (t.len)
		memcpy(copy, t.data, t.len);
	return (struct text){ copy, t.len };
}

static void free_text(struct text t)
{
	free((void *)(uintptr_t)t.data);
}

static void end_box(struct fake *f, struct fake_box *x)
{
	struct box_outcome outcome = { .facts = x->end.facts,
				       .out = copy_text(x->end.out),
				       .err = copy_text(x->end.err) };
	struct text out = outcome.out, err = outcome.err;
	struct taken_file files[REQUEST_OUTPUTS_MAX];
	int artefact = -1;

	if (x->end.artefact) {
		artefact = fd_sealed_memfd("artefact", "made", 4);
		assert(artefact >= 0);
		outcome.facts.artefact = 1;
	}
	if (x->order.on_output && out.len)
		x->order.on_output(x->order.user, 1, out.data, out.len);
	if (x->order.on_output && err.len)
		x->order.on_output(x->order.user, 2, err.data, err.len);
	if (x->end.files) {
		for (size_t i = 0; i < x->order.step->noutputs; i++)
			files[i] = (struct taken_file){ x->end.files[i].state,
							copy_text(x->end.files[i].content) };
		outcome.files = files;
	}
	x->order.on_done(x->order.user, &outcome, artefact);
	for (size_t i = 0; x->end.files && i < x->order.step->noutputs; i++)
		free_text(files[i].content);
	free_text(out);
	free_text(err);
	x->busy = false;
	if (f->idle_fn)
		f->idle_fn(f->idle_user);
}

static int on_turn(sd_event_source *s, void *user)
{
	struct fake *f = user;
	struct fake_box *x = oldest(f, false);

	if (x)
		end_box(f, x);
	wake(f);
	return 0;
}

static unsigned fake_idle_lanes(struct backend *b)
{
	return b->lanes - fake_running(b);
}

static void fake_on_idle(struct backend *b, void (*fn)(void *user), void *user)
{
	fake_of(b)->idle_fn = fn;
	fake_of(b)->idle_user = user;
}

static struct fake_box *idle_box(struct fake *f)
{
	for (unsigned i = 0; i < f->base.lanes; i++)
		if (!f->boxes[i].busy)
			return &f->boxes[i];
	return NULL;
}

static int fake_submit(struct backend *b, const struct backend_order *order, uint64_t *ret_box,
		       struct err *err)
{
	struct fake *f = fake_of(b);
	struct fake_box *x = idle_box(f);
	struct fake_end end = { .facts = { .started = 1, .ended = 1, .wall_usec = 1000 } };

	assert(x);	       /* more orders than lanes */
	assert(!f->in_submit); /* a submit from within a submit */
	f->in_submit = true;
	f->script(f->script_user, order, &end);
	f->in_submit = false;
	if (order->live_stdin_fd >= 0)
		close(order->live_stdin_fd);
	if (end.refuse < 0)
		return err_set(err, end.refuse, "refused by the script");
	*x = (struct fake_box){ .busy = true, .id = ++f->last_box, .order = *order, .end = end };
	*ret_box = x->id;
	wake(f);
	return 0;
}

static void fake_cancel(struct backend *b, uint64_t box, unsigned kill)
{
	struct fake *f = fake_of(b);

	for (unsigned i = 0; i < b->lanes; i++) {
		struct fake_box *x = &f->boxes[i];

		if (!x->busy || x->id != box)
			continue;
		x->end.facts.kill = (uint8_t)kill;
		x->end.hold = false;
	}
	wake(f);
}

static void fake_free(struct backend *b)
{
	struct fake *f = fake_of(b);

	sd_event_source_disable_unref(f->turn);
	free(f);
}

bool fake_release(struct backend *b)
{
	struct fake *f = fake_of(b);
	struct fake_box *x = oldest(f, true);

	if (!x)
		return false;
	x->end.hold = false;
	wake(f);
	return true;
}

unsigned fake_running(struct backend *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->lanes; i++)
		n += fake_of(b)->boxes[i].busy;
	return n;
}

static const struct backend_ops fake_ops = {
	.name = "fake",
	.submit = fake_submit,
	.cancel = fake_cancel,
	.idle_lanes = fake_idle_lanes,
	.on_idle = fake_on_idle,
	.free = fake_free,
};

int fake_new(sd_event *loop, unsigned lanes, fake_script script, void *user, struct backend **ret)
{
	struct fake *f = calloc(1, sizeof(*f) + lanes * sizeof(f->boxes[0]));
	int r;

	if (!f)
		return -ENOMEM;
	f->base = (struct backend){ .ops = &fake_ops, .lanes = lanes };
	f->script = script;
	f->script_user = user;
	r = sd_event_add_defer(loop, &f->turn, on_turn, f);
	if (r >= 0)
		r = sd_event_source_set_enabled(f->turn, SD_EVENT_OFF);
	if (r < 0) {
		fake_free(&f->base);
		return r;
	}
	*ret = &f->base;
	return 0;
}
