/* SPDX-License-Identifier: Apache-2.0 */
/* See desk.h: which desk it is, is the object's own to know. */
#include "gate/desk/desk_ops.h"

const char *const desk_event_names[] = {
	[DESK_EV_QUEUED] = "queued",   [DESK_EV_COMPILING] = "compiling",
	[DESK_EV_RUNNING] = "running", [DESK_EV_CASE] = "case",
	[DESK_EV_OUTPUT] = "output",   [DESK_EV_RESULT] = "result",
};
const size_t desk_event_names_len = sizeof(desk_event_names) / sizeof(*desk_event_names);

void desk_drain(struct desk *d, void (*on_empty)(void *user), void *user)
{
	d->ops->drain(d, on_empty, user);
}

void desk_free(struct desk *d)
{
	if (d)
		d->ops->free(d);
}

int desk_submit(struct desk *d, const struct desk_ask *ask, desk_then *then, void *user,
		struct err *err)
{
	return d->ops->submit(d, ask, then, user, err);
}

void desk_forget(struct desk *d, void *user)
{
	d->ops->forget(d, user);
}

int desk_lookup(struct desk *d, const char *tenant, const char *id, desk_then *then, void *user)
{
	return d->ops->lookup(d, tenant, id, then, user);
}

const char *desk_job_id(const struct desk_job *j)
{
	return j->ops->job_id(j);
}

enum desk_state desk_job_state(const struct desk_job *j, unsigned *ret_position)
{
	return j->ops->job_state(j, ret_position);
}

const char *desk_job_result(const struct desk_job *j, size_t *ret_len)
{
	return j->ops->job_result(j, ret_len);
}

struct desk_watch *desk_watch(struct desk_job *j, uint64_t after_seq,
			      void (*on_event)(void *user, const struct desk_event *event),
			      void *user)
{
	return j->ops->watch(j, after_seq, on_event, user);
}

void desk_unwatch(struct desk_watch *w, bool cancel)
{
	if (w)
		w->ops->unwatch(w, cancel);
}

void desk_cancel(struct desk_job *j)
{
	j->ops->cancel(j);
}

void desk_count(const struct desk *d, struct desk_counts *ret)
{
	d->ops->count(d, ret);
}

void desk_print_metrics(const struct desk *d, FILE *to)
{
	d->ops->print_metrics(d, to);
}

const char *desk_not_ready(const struct desk *d)
{
	return d->ops->not_ready(d);
}
