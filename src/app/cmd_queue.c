/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar queue`: what is in a queue, what died of it, and what to do about either.  Each change is one transaction, so
 * that a letter that is given back is either dead or a job again, and never both.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/queue_state.h"
#include "app/worker.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define LETTERS_AT_ONCE 100
#define PATIENCE_SEC 5	   /* where reading is held up by something that passes */
#define CANCEL_MS 86400000 /* for which a cancellation is remembered */

struct queue {
	const struct settings *settings;
	const struct option_words *words;
	const char *name;
	struct redis_url url;
	struct redis_once redis;
	char last[48]; /* entry of the letter that was seen last */
	size_t seen, taken;
	struct redis_batch batch;
};

/* ---- letters ---- */

static const char *text_of(const redisReply *fields, const char *name)
{
	const redisReply *r = redis_field(fields, name);

	return r && r->str ? r->str : "";
}

static bool named(const struct queue *q, const char *id)
{
	if (q->settings->worker.all)
		return true;
	for (size_t i = 1; i < q->words->nwords; i++)
		if (strcmp(q->words->words[i], id) == 0)
			return true;
	return false;
}

/* What a gate knew of it, which may be forgotten by now. */
static void give_back_gate(struct queue *q, const char *id, const redisReply *fields)
{
	const char *tenant = text_of(fields, "tenant");

	redis_batch_add(&q->batch, "HSET %s tenant %s kind async state queued watchers 1 events %d",
			queue_key(q->name, "job", id).text, tenant,
			*text_of(fields, "events") != '\0');
	redis_batch_add(&q->batch, "PEXPIRE %s %llu", queue_key(q->name, "job", id).text,
			QUEUE_HOLD_MS);
	if (*tenant)
		redis_batch_add(&q->batch, "SADD %s %s", queue_key(q->name, "live", tenant).text,
				id);
}

/* A job again, within the same bounds, and nothing left of how it ended. */
static void give_back(struct queue *q, const char *entry, const redisReply *fields)
{
	static const char *const kept[] = { "result", "done", "cancel", "events" };
	const redisReply *payload = redis_field(fields, "payload");
	const char *id = text_of(fields, "id");
	unsigned priority = queue_priority_by_name(text_of(fields, "priority"));

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		redis_batch_add(&q->batch, "DEL %s", queue_key(q->name, kept[i], id).text);
	if (*text_of(fields, "gate"))
		give_back_gate(q, id, fields);
	redis_batch_add(&q->batch,
			"XADD %s * id %s tenant %s gate %s caps %s limits %s boxes %s events %s "
			"payload %b",
			queue_jobs(q->name, priority < QUEUE_PRIORITIES ? priority : 1).text, id,
			text_of(fields, "tenant"), text_of(fields, "gate"), text_of(fields, "caps"),
			text_of(fields, "limits"), text_of(fields, "boxes"),
			text_of(fields, "events"), payload ? payload->str : "",
			payload ? payload->len : 0);
	redis_batch_add(&q->batch, "XDEL %s %s", queue_key(q->name, "dead", NULL).text, entry);
}

static void print_letter(const char *entry, const redisReply *fields)
{
	printf("%s\t%s\t%s\t%s\t%s\n", text_of(fields, "id"), text_of(fields, "deliveries"),
	       text_of(fields, "priority"), entry, text_of(fields, "reason"));
}

static void on_letters(void *user, const redisReply *reply)
{
	struct queue *q = user;
	const char *what = q->words->words[0];

	q->seen = reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
	for (size_t i = 0; i < q->seen; i++) {
		const redisReply *entry = reply->element[i]->element[0],
				 *fields = reply->element[i]->element[1];

		snprintf(q->last, sizeof(q->last), "%s", entry->str);
		if (strcmp(what, "dead") == 0) {
			print_letter(entry->str, fields);
			continue;
		}
		if (!named(q, text_of(fields, "id")))
			continue;
		q->taken++;
		if (strcmp(what, "requeue") == 0)
			give_back(q, entry->str, fields);
		else
			redis_batch_add(&q->batch, "XDEL %s %s",
					queue_key(q->name, "dead", NULL).text, entry->str);
	}
}

static void on_exec(void *user, const redisReply *reply)
{
	*(bool *)user = reply->type == REDIS_REPLY_ARRAY;
}

static int walk_letters(struct queue *q)
{
	bool done = true;
	int r = 0;

	strcpy(q->last, "0");
	do {
		redis_batch_add(&q->batch, "MULTI");
		r = redis_once_ask(&q->redis, on_letters, q, "XRANGE %s (%s + COUNT %d",
				   queue_key(q->name, "dead", NULL).text, q->last, LETTERS_AT_ONCE);
		redis_batch_add(&q->batch, "EXEC");
		if (r == 0)
			r = redis_once_batch(&q->redis, &q->batch, on_exec, &done);
	} while (r == 0 && done && q->seen > 0);
	free(q->batch.data);
	return r == 0 && !done ? err_set(q->redis.err, EIO, "change the dead letters") : r;
}

static int letters(struct queue *q)
{
	const char *what = q->words->words[0];
	int r;

	if (strcmp(what, "dead") != 0 && !q->settings->worker.all && q->words->nwords < 2)
		return command_usage_error("queue", "%s needs an ID, or --all", what);
	r = walk_letters(q);
	if (r < 0)
		return r;
	if (strcmp(what, "dead") != 0)
		printf("%zu\n", q->taken);
	return command_end_stdout();
}

/* ---- the others ---- */

static int status(struct queue *q)
{
	struct queue_state state;
	int r;

	q->redis.patience_nsec = clock_now_nsec() + PATIENCE_SEC * NSEC_PER_SEC;
	r = queue_state_read(&q->redis, q->name, &state);
	if (r < 0)
		return r;
	queue_state_print(&state, q->name,
			  q->settings->json		? QUEUE_JSON
			  : q->settings->worker.metrics ? QUEUE_METRICS
							: QUEUE_TEXT);
	return command_end_stdout();
}

/* The key for whoever begins it later, the message for whoever runs it now. */
static int cancel(struct queue *q)
{
	int r = 0;

	if (q->words->nwords < 2)
		return command_usage_error("queue", "cancel needs an ID");
	for (size_t i = 1; r == 0 && i < q->words->nwords; i++) {
		const char *id = q->words->words[i];

		if (!queue_id_ok(id, strlen(id)))
			return command_usage_error("queue", "%s is no ID", id);
		r = redis_once_ask(&q->redis, NULL, NULL, "SET %s 1 PX %d",
				   queue_key(q->name, "cancel", id).text, CANCEL_MS);
		if (r == 0)
			r = redis_once_ask(&q->redis, NULL, NULL, "PUBLISH %s %s",
					   queue_key(q->name, "cancel", NULL).text, id);
	}
	return r;
}

static int (*verb_of(const char *word))(struct queue *q)
{
	static const struct {
		const char *word;
		int (*fn)(struct queue *q);
	} verbs[] = {
		{ "status", status }, { "dead", letters },  { "requeue", letters },
		{ "purge", letters }, { "cancel", cancel },
	};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].word, word) == 0)
			return verbs[i].fn;
	return NULL;
}

static int queue(const struct settings *settings, const struct option_words *words)
{
	static const char *status_word[] = { "status" };
	const struct option_words none = { .words = status_word, .nwords = 1 };
	struct queue q = { .settings = settings, .words = words->nwords ? words : &none };
	int (*verb)(struct queue * q) = verb_of(q.words->words[0]);
	struct err err = ERR_INIT;
	int r;

	if (!verb || words->nrest)
		return command_usage_error("queue",
					   "knows status, dead, requeue, purge and cancel");
	if (worker_url(settings, &q.url, &err) < 0 ||
	    worker_queue(settings, &q.url, &q.name, &err) < 0)
		return command_usage_error("queue", "%s", err.text);
	r = redis_once_open(&q.redis, &q.url, settings->worker.redis_ca, q.name, &err);
	if (r == 0)
		r = verb(&q);
	if (r < 0)
		r = answer_failure("queue", false, NULL, &err);
	redis_once_done(&q.redis);
	return r;
}

static const struct option_info options[] = {
	SETTINGS_OF_REDIS, SETTING_JSON, SETTING_METRICS, SETTING_ALL, SETTING_HELP,
};
static const char *const synopsis[] = {
	"[OPTION...] [status]",
	"[OPTION...] dead",
	"[OPTION...] requeue ID...|--all",
	"[OPTION...] purge ID...|--all",
	"[OPTION...] cancel ID...",
	NULL,
};

const struct command command_queue = {
	.name = "queue",
	.synopsis = synopsis,
	.summary = "Look into a queue in Redis: what waits, what is held, what died",
	.details =
		"status (when nothing is said) tells per priority how many jobs wait and how many are in workers' hands, for "
		"people, as --json or as --metrics. dead lists dead letters: id, deliveries, priority, entry, reason. requeue "
		"makes jobs of them again, purge deletes them; each prints how many. cancel ends jobs, wherever they are.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = queue,
};
