/* SPDX-License-Identifier: Apache-2.0 */
/* See counters.h.  Buckets double: from 0.25 ms to 8 s for times, from 1 MiB to 32 GiB for memory. */
#include "engine/counters.h"

#include <stdio.h>
#include <string.h>

#include "kernel/seccomp_compile.h"

#define FIRST_USEC 250u
#define FIRST_KB 1024u
#define LABELS_BYTES 160

static const char *const stage_names[] = { "queue", "compile", "run", "check", "around" };

/* ---- counting ---- */

static void observe(struct counters_histogram *h, uint64_t first, uint64_t value)
{
	uint64_t bound = first;
	size_t i = 0;

	while (i < COUNTERS_BUCKETS && value > bound) {
		bound *= 2;
		i++;
	}
	h->buckets[i]++;
	h->sum += value;
	h->count++;
}

void counters_stage(struct counters *c, enum counters_stage stage, uint64_t usec)
{
	observe(&c->stages[stage], FIRST_USEC, usec);
}

static struct counters_language *language_of(struct counters *c, const char *name)
{
	for (size_t i = 0; i < LANGUAGE_LIST_MAX; i++) {
		struct counters_language *l = &c->languages[i];

		if (!*l->name)
			snprintf(l->name, sizeof(l->name), "%s", name);
		if (strncmp(l->name, name, sizeof(l->name) - 1) == 0)
			return l;
	}
	return &c->languages[LANGUAGE_LIST_MAX - 1];
}

void counters_language(struct counters *c, const char *name)
{
	language_of(c, name);
}

static void count_denied(struct counters *c, const struct facts *f)
{
	for (uint32_t i = 0; i < f->ndenied && i < FACTS_DENIED_MAX; i++) {
		const struct denied_call *d = &f->denied[i];

		if (d->nr >= 0 && d->nr < COUNTERS_SYSCALLS &&
		    !seccomp_call_is_foreign(d->arch, d->nr))
			c->denied[d->nr] += d->count;
		else
			c->denied_others += d->count;
	}
	c->denied_others += f->denied_other;
}

void counters_box(struct counters *c, const char *language, enum step_kind kind, enum verdict v,
		  const struct facts *f, uint64_t order_to_answer_usec)
{
	static const enum counters_stage stages[] = { [STEP_COMPILE] = COUNTERS_COMPILE,
						      [STEP_RUN] = COUNTERS_RUN,
						      [STEP_CHECK] = COUNTERS_CHECK,
						      [STEP_TALK] = COUNTERS_CHECK };

	/* What a checker or an interactor says is a verdict on another program. */
	if (kind == STEP_COMPILE || kind == STEP_RUN)
		language_of(c, language)->boxes[f->kill == KILL_CANCEL ? COUNTERS_CANCELLED : v]++;
	counters_stage(c, stages[kind], f->wall_usec);
	if (order_to_answer_usec >= f->wall_usec)
		counters_stage(c, COUNTERS_AROUND, order_to_answer_usec - f->wall_usec);
	observe(&c->cpu_usec, FIRST_USEC, f->cpu_usec);
	observe(&c->memory_kb, FIRST_KB, f->memory_peak_bytes / 1024);
	count_denied(c, f);
}

/* ---- telling ---- */

struct walk {
	void (*each)(void *user, const struct counters_sample *sample);
	void *user;
	struct counters_sample sample;
};

static void tell(struct walk *w, const char *suffix, const char *labels, double value)
{
	w->sample.suffix = suffix;
	w->sample.labels = labels;
	w->sample.value = value;
	w->each(w->user, &w->sample);
}

static void family(struct walk *w, const char *name, const char *type, const char *help)
{
	w->sample = (struct counters_sample){ .family = name, .type = type, .help = help };
}

/* scale: of the unit that is told, in units that were counted. */
static void tell_histogram(struct walk *w, const struct counters_histogram *h, uint64_t first,
			   double scale, const char *labels)
{
	const char *comma = *labels ? "," : "";
	uint64_t bound = first, total = 0;
	char text[LABELS_BYTES];

	for (size_t i = 0; i <= COUNTERS_BUCKETS; i++, bound *= 2) {
		total += h->buckets[i];
		if (i < COUNTERS_BUCKETS)
			snprintf(text, sizeof(text), "%s%sle=\"%.10g\"", labels, comma,
				 (double)bound * scale);
		else
			snprintf(text, sizeof(text), "%s%sle=\"+Inf\"", labels, comma);
		tell(w, "_bucket", text, (double)total);
	}
	tell(w, "_sum", labels, (double)h->sum * scale);
	tell(w, "_count", labels, (double)h->count);
}

static const char *end_name(size_t end)
{
	return end == COUNTERS_CANCELLED ? "cancelled" : verdict_names[end];
}

static void tell_boxes(struct walk *w, const struct counters *c)
{
	char labels[LABELS_BYTES];

	family(w, "kodewar_boxes_total", "counter",
	       "Boxes that ended, by language and verdict; cancelled: its client did not want it any more.");
	for (size_t i = 0; i < LANGUAGE_LIST_MAX && *c->languages[i].name; i++)
		for (size_t v = 0; v < COUNTERS_ENDS; v++) {
			if (!c->languages[i].boxes[v] && v != VERDICT_ACCEPTED)
				continue;
			snprintf(labels, sizeof(labels), "language=\"%s\",verdict=\"%s\"",
				 c->languages[i].name, end_name(v));
			tell(w, "", labels, (double)c->languages[i].boxes[v]);
		}
}

static void tell_jobs(struct walk *w, const struct counters *c)
{
	char labels[LABELS_BYTES];

	family(w, "kodewar_jobs_total", "counter",
	       "Submissions that ended, each once, by verdict; cancelled: its client did not want it any more.");
	for (size_t v = 0; v < COUNTERS_ENDS; v++) {
		snprintf(labels, sizeof(labels), "verdict=\"%s\"", end_name(v));
		tell(w, "", labels, (double)c->jobs[v]);
	}
	family(w, "kodewar_compile_cache_total", "counter",
	       "Compile steps that looked into the cache, by what they found.");
	tell(w, "", "found=\"yes\"", (double)c->cache_hits);
	tell(w, "", "found=\"no\"", (double)c->cache_misses);
}

static void tell_denied(struct walk *w, const struct counters *c)
{
	char labels[LABELS_BYTES], name[32];

	family(w, "kodewar_denied_calls_total", "counter",
	       "System calls that the tripwires denied, by name.");
	for (int nr = 0; nr < COUNTERS_SYSCALLS; nr++) {
		if (!c->denied[nr])
			continue;
		snprintf(labels, sizeof(labels), "syscall=\"%s\"",
			 seccomp_syscall_name(nr, name, sizeof(name)));
		tell(w, "", labels, (double)c->denied[nr]);
	}
	tell(w, "", "syscall=\"other\"", (double)c->denied_others);
}

void counters_walk(const struct counters *c,
		   void (*each)(void *user, const struct counters_sample *sample), void *user)
{
	struct walk w = { .each = each, .user = user };
	char labels[LABELS_BYTES];

	tell_boxes(&w, c);
	tell_jobs(&w, c);
	tell_denied(&w, c);
	family(&w, "kodewar_stage_seconds", "histogram",
	       "Time by stage: queue (of a job), compile, run and check (wall time of a box), around (its set-up and tear-down).");
	for (size_t i = 0; i < COUNTERS_STAGES; i++) {
		snprintf(labels, sizeof(labels), "stage=\"%s\"", stage_names[i]);
		tell_histogram(&w, &c->stages[i], FIRST_USEC, 1e-6, labels);
	}
	family(&w, "kodewar_box_cpu_seconds", "histogram", "Cpu time of a box.");
	tell_histogram(&w, &c->cpu_usec, FIRST_USEC, 1e-6, "");
	family(&w, "kodewar_box_memory_bytes", "histogram", "Peak memory of a box.");
	tell_histogram(&w, &c->memory_kb, FIRST_KB, 1024, "");
}
