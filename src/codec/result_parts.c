/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output as text or base64, sums of usage, unions of denied calls and of touched limits: nothing
 * here decides anything, it shows facts.
 */
#include "codec/result_parts.h"

#include <stdio.h>
#include <string.h>

#include "codec/utf8.h"

const struct plan_step *result_parts_step(const struct result *r, size_t i)
{
	return &r->plan->steps[i + (r->compiled ? 1 : 0)];
}

/* A cut may have split a character: what is left of it is dropped, since nobody wrote it. */
void result_parts_output(struct result_encoder *e, struct text bytes, bool cut)
{
	if (e->base64) {
		json_write_base64(&e->w, bytes);
		return;
	}
	if (cut)
		bytes.len = utf8_whole_len(bytes.data, bytes.len);
	if (json_write_text(&e->w, bytes))
		e->replaced = true;
}

void result_parts_exit_code(struct result_encoder *e, const struct case_result *c)
{
	int code;

	if (c && c->ran && facts_exit_code(&c->outcome.facts, &code))
		json_write_int(&e->w, code);
	else
		json_write_null(&e->w);
}

void result_parts_signal(struct result_encoder *e, const struct case_result *c)
{
	json_write_string(&e->w, c && c->ran ? facts_signal_name(&c->outcome.facts) : NULL);
}

const char *result_parts_runner(const struct case_result *c)
{
	unsigned start = c->outcome.facts.runner;

	return runner_start_names[start < STARTS ? start : START_COLD];
}

/* Rounded up: what went over a limit of 1000 ms must not be shown as 1000. */
void result_parts_usage(struct result_encoder *e, const struct result_usage *u)
{
	json_write_open(&e->w, '{');
	json_write_key(&e->w, "cpu_ms");
	json_write_uint(&e->w, (u->cpu_usec + 999) / 1000);
	json_write_key(&e->w, "wall_ms");
	json_write_uint(&e->w, (u->wall_usec + 999) / 1000);
	json_write_key(&e->w, "memory_kb");
	json_write_uint(&e->w, (u->memory_bytes + 1023) / 1024);
	json_write_close(&e->w, '}');
}

void result_parts_add_usage(struct result_usage *u, const struct case_result *c)
{
	if (!c->ran)
		return;
	u->cpu_usec += c->outcome.facts.cpu_usec;
	u->wall_usec += c->outcome.facts.wall_usec;
	if (u->memory_bytes < c->outcome.facts.memory_peak_bytes)
		u->memory_bytes = c->outcome.facts.memory_peak_bytes;
}

void result_parts_truncated(struct result_encoder *e, bool out, bool err)
{
	json_write_open(&e->w, '{');
	json_write_key(&e->w, "output");
	json_write_bool(&e->w, out);
	json_write_key(&e->w, "stderr");
	json_write_bool(&e->w, err);
	json_write_close(&e->w, '}');
}

static void add_denied_call(struct result_denied *d, const struct denied_call *call)
{
	for (size_t i = 0; i < d->ncalls; i++)
		if (d->calls[i].arch == call->arch && d->calls[i].nr == call->nr) {
			d->calls[i].count += call->count;
			return;
		}
	if (d->ncalls < FACTS_DENIED_MAX)
		d->calls[d->ncalls++] = *call;
	else
		d->other += call->count;
}

void result_parts_add_denied(struct result_denied *d, const struct case_result *c)
{
	const struct facts *f = &c->outcome.facts;

	if (!c->ran)
		return;
	if (f->started && !f->denied_known)
		d->known = false;
	for (uint32_t i = 0; i < f->ndenied && i < FACTS_DENIED_MAX; i++)
		add_denied_call(d, &f->denied[i]);
	d->other += f->denied_other;
}

static void write_denied_call(struct result_encoder *e, const char *name, uint64_t count)
{
	json_write_open(&e->w, '{');
	json_write_key(&e->w, "name");
	json_write_string(&e->w, name);
	json_write_key(&e->w, "count");
	json_write_uint(&e->w, count);
	json_write_close(&e->w, '}');
}

void result_parts_denied(struct result_encoder *e, const struct result_denied *d)
{
	char buf[32];

	if (!d->known) {
		json_write_null(&e->w);
		return;
	}
	json_write_open(&e->w, '[');
	for (size_t i = 0; i < d->ncalls; i++) {
		const char *name = buf;

		if (e->options && e->options->syscall_name)
			name = e->options->syscall_name(d->calls[i].nr, buf, sizeof(buf));
		else
			snprintf(buf, sizeof(buf), "syscall_%d", d->calls[i].nr);
		write_denied_call(e, name, d->calls[i].count);
	}
	if (d->other)
		write_denied_call(e, "other", d->other);
	json_write_close(&e->w, ']');
}

void result_parts_add_limits_hit(struct result_names *hit, const struct case_result *c,
				 const struct plan_step *step)
{
	const char *names[LIMITS_HIT_ROOM];
	size_t n;

	if (!c->ran)
		return;
	n = facts_limits_hit(&c->outcome.facts, &step->limits, names, LIMITS_HIT_ROOM);
	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (j < hit->n && strcmp(hit->names[j], names[i]) != 0)
			j++;
		if (j == hit->n && j < LIMITS_HIT_ROOM)
			hit->names[hit->n++] = names[i];
	}
}

void result_parts_names(struct result_encoder *e, const struct result_names *names)
{
	json_write_open(&e->w, '[');
	for (size_t i = 0; i < names->n; i++)
		json_write_string(&e->w, names->names[i]);
	json_write_close(&e->w, ']');
}
