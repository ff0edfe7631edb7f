/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to a job is noted when it happens and told from the desk's own turn of the loop: whoever watches may
 * then do anything, also end his watch or begin another one.  Notes are kept for those who come late, within a bound;
 * what is beyond it passes: it is told to those who watch now, and gone.  Output may take half of the
 * bound only, so that there is room for what is worth more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_write.h"
#include "codec/utf8.h"
#include "gate/desk/desk_parts.h"

/* ---- noting ---- */

void desk_events_dirty(struct local_job *j)
{
	if (!j->is_dirty)
		TAILQ_INSERT_TAIL(&j->desk->dirty, j, dirty);
	j->is_dirty = true;
	desk_wake(j->desk);
}

static bool keeps(const struct local_job *j, enum desk_event_kind kind, size_t bytes)
{
	uint64_t bound = j->desk->config.history_bytes;

	if (kind == DESK_EV_QUEUED)
		return !j->told_queued; /* the first; where it stands later passes */
	if (kind == DESK_EV_OUTPUT)
		bound /= 2;
	else if (kind != DESK_EV_CASE)
		return true; /* small, and few */
	return j->notes_bytes + bytes <= bound;
}

static void drop_note(struct local_job *j, struct desk_note *n)
{
	TAILQ_REMOVE(&j->notes, n, link);
	if (!n->passing)
		j->notes_bytes -= sizeof(*n) + n->len;
	free(n);
}

void desk_events_add(struct local_job *j, enum desk_event_kind kind, const char *json, size_t len)
{
	bool kept = keeps(j, kind, sizeof(struct desk_note) + len);
	struct desk_note *n;

	if (j->quiet || (!kept && TAILQ_EMPTY(&j->watches)))
		return;
	n = malloc(sizeof(*n) + len + 1);
	if (!n)
		return; /* the result will tell it all */
	*n = (struct desk_note){ .kind = kind, .passing = !kept, .seq = ++j->last_seq, .len = len };
	memcpy(n->json, json, len);
	n->json[len] = '\0';
	TAILQ_INSERT_TAIL(&j->notes, n, link);
	if (kept)
		j->notes_bytes += sizeof(*n) + len;
	desk_events_dirty(j);
}

void desk_events_position(struct local_job *j)
{
	unsigned position = engine_position(j->desk->config.engine, j->job);
	char json[48];
	int n;

	if (j->quiet || (j->told_queued && position == j->told_position))
		return;
	n = snprintf(json, sizeof(json), "{\"position\":%u}", position);
	desk_events_add(j, DESK_EV_QUEUED, json, (size_t)n);
	j->told_position = position;
	j->told_queued = true;
}

static void add_output(struct local_job *j, int test, int stream, struct text data)
{
	struct json_writer w;
	size_t len;
	char *json;

	json_write_init(&w, JSON_WRITE_MAX_BYTES);
	json_write_open(&w, '{');
	json_write_key(&w, "case");
	if (test < 0)
		json_write_null(&w);
	else
		json_write_uint(&w, (uint64_t)test);
	json_write_key(&w, "stream");
	json_write_string(&w, stream == 1 ? "stdout" : "stderr");
	json_write_key(&w, "data");
	if (j->request.output_encoding == ENCODING_BASE64)
		json_write_base64(&w, data);
	else
		json_write_text(&w, data);
	json_write_close(&w, '}');
	if (json_write_take(&w, &json, &len) == 0) {
		desk_events_add(j, DESK_EV_OUTPUT, json, len - 1);
		free(json);
	}
	json_write_done(&w);
}

/* A chunk may end within a character: its beginning waits for the next one. */
void desk_events_output(struct local_job *j, int test, int stream, const char *data, size_t len)
{
	struct desk_carry *c = &j->carries[2 * (test < 0 ? 0 : test) + (stream == 2)];
	char *joined;
	size_t whole;

	if (j->request.output_encoding == ENCODING_BASE64) {
		add_output(j, test, stream, (struct text){ data, len });
		return;
	}
	joined = malloc(c->len + len + 1);
	if (!joined)
		return;
	memcpy(joined, c->bytes, c->len);
	memcpy(joined + c->len, data, len);
	len += c->len;
	whole = utf8_whole_len(joined, len);
	c->len = 0;
	if (len - whole <= sizeof(c->bytes)) {
		c->len = (unsigned char)(len - whole);
		memcpy(c->bytes, joined + whole, c->len);
		len = whole;
	}
	if (len)
		add_output(j, test, stream, (struct text){ joined, len });
	free(joined);
}

/* ---- telling ---- */

static void tell_watch(struct local_job *j, struct local_watch *w)
{
	const struct desk_note *n;
	struct desk_event event;

	for (n = TAILQ_FIRST(&j->notes); n && !w->ended; n = TAILQ_NEXT(n, link)) {
		if (n->seq <= w->seq)
			continue;
		w->seq = n->seq;
		event = (struct desk_event){ n->kind, n->seq, n->json, n->len };
		w->on_event(w->user, &event);
	}
	if (j->stage != STAGE_OVER || w->ended)
		return;
	w->ended = true;
	event = (struct desk_event){ DESK_EV_RESULT, j->result_seq, j->result, j->result_len };
	w->on_event(w->user, &event);
}

static void sweep(struct local_job *j)
{
	struct local_watch *w, *next_watch;
	struct desk_note *n, *next;

	for (w = TAILQ_FIRST(&j->watches); w; w = next_watch) {
		next_watch = TAILQ_NEXT(w, link);
		if (!w->dead)
			continue;
		TAILQ_REMOVE(&j->watches, w, link);
		free(w);
	}
	for (n = TAILQ_FIRST(&j->notes); n; n = next) {
		next = TAILQ_NEXT(n, link);
		if (n->passing)
			drop_note(j, n);
	}
}

void desk_events_tell(struct local_desk *d)
{
	struct local_watch *w;
	struct local_job *j;

	while ((j = TAILQ_FIRST(&d->dirty))) {
		TAILQ_REMOVE(&d->dirty, j, dirty);
		j->is_dirty = false;
		for (w = TAILQ_FIRST(&j->watches); w; w = TAILQ_NEXT(w, link))
			tell_watch(j, w);
		sweep(j);
	}
}

/* ---- watching ---- */

struct desk_watch *desk_events_watch(struct desk_job *job, uint64_t after_seq,
				     void (*on_event)(void *user, const struct desk_event *event),
				     void *user)
{
	struct local_job *j = (struct local_job *)job;
	struct local_watch *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	*w = (struct local_watch){
		.base.ops = job->ops, .job = j, .on_event = on_event, .user = user
	};
	/* Numbers of another life are lower (desk_recover.c), so a higher one was never given. */
	w->seq =
		after_seq <= j->last_seq || after_seq == DESK_RESULT_ONLY ? after_seq : j->last_seq;
	TAILQ_INSERT_TAIL(&j->watches, w, link);
	j->desk->nwatches++;
	desk_events_dirty(j);
	return &w->base;
}

static bool is_watched(const struct local_job *j)
{
	const struct local_watch *w;

	for (w = TAILQ_FIRST(&j->watches); w; w = TAILQ_NEXT(w, link))
		if (!w->dead)
			return true;
	return false;
}

void desk_events_unwatch(struct desk_watch *watch, bool cancel)
{
	struct local_watch *w = (struct local_watch *)watch;
	struct local_job *j = w->job;

	w->ended = w->dead = true;
	j->desk->nwatches--;
	desk_events_dirty(j); /* frees it */
	if (cancel && !j->durable && !is_watched(j)) {
		desk_store_free_key(j);
		desk_life_cancel(j);
	}
}

void desk_events_done(struct local_job *j)
{
	struct local_watch *w;
	struct desk_note *n;

	if (j->is_dirty)
		TAILQ_REMOVE(&j->desk->dirty, j, dirty);
	while ((w = TAILQ_FIRST(&j->watches))) {
		TAILQ_REMOVE(&j->watches, w, link);
		j->desk->nwatches -= !w->dead;
		free(w);
	}
	while ((n = TAILQ_FIRST(&j->notes)))
		drop_note(j, n);
}
