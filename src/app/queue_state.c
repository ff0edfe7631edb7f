/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See queue_state.h.  What waits is what is in a stream and in nobody's hands: acknowledged entries are deleted, so a
 * stream's length is the truth; the lag that Redis reckons is not, once entries were deleted.
 */
#include "app/queue_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_number(void *user, const redisReply *reply)
{
	*(long long *)user = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
}

/* [pending, first, last, [[consumer, count]…]] */
static void on_pending(void *user, const redisReply *reply)
{
	*(long long *)user = reply->type == REDIS_REPLY_ARRAY && reply->elements
				     ? reply->element[0]->integer
				     : 0;
}

/* [[entry, consumer, idle, deliveries]] of the first one. */
static void on_first(void *user, const redisReply *reply)
{
	*(long long *)user = -1;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements && reply->element[0]->elements == 4)
		*(long long *)user = reply->element[0]->element[2]->integer;
}

static long long counter(const redisReply *reply, const char *name)
{
	const redisReply *r = redis_field(reply, name);

	return r && r->str ? strtoll(r->str, NULL, 10) : 0;
}

static void on_stats(void *user, const redisReply *reply)
{
	struct queue_state *s = user;

#define QUEUE_COUNTER(name) s->name = counter(reply, #name);
	QUEUE_COUNTERS(QUEUE_COUNTER)
#undef QUEUE_COUNTER
}

struct scan {
	long long n;
	char cursor[32];
};

static void on_scan(void *user, const redisReply *reply)
{
	struct scan *s = user;

	strcpy(s->cursor, "0");
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return;
	s->n += (long long)reply->element[1]->elements;
	snprintf(s->cursor, sizeof(s->cursor), "%s", reply->element[0]->str);
}

/* Those that beat: their keys expire when they do not. */
static int count_workers(struct redis_once *o, const char *queue, long long *ret)
{
	struct queue_key pattern = queue_key(queue, "worker", "*");
	struct scan s = { .cursor = "0" };
	int r;

	do {
		r = redis_once_ask(o, on_scan, &s, "SCAN %s MATCH %s COUNT 1000 TYPE hash",
				   s.cursor, pattern.text);
	} while (r == 0 && strcmp(s.cursor, "0") != 0);
	*ret = s.n;
	return r;
}

/* No group yet is nothing pending. */
static void forgive(struct redis_once *o, int *r)
{
	if (*r == 0 || !strstr(o->err->text, "NOGROUP"))
		return;
	*r = 0;
	o->result = 0;
	*o->err = (struct err)ERR_INIT;
}

int queue_state_read(struct redis_once *o, const char *queue, struct queue_state *ret)
{
	int r = 0;

	*ret = (struct queue_state){ .letters = 0 };
	for (unsigned i = 0; r == 0 && i < QUEUE_PRIORITIES; i++) {
		struct queue_key key = queue_jobs(queue, i);

		ret->streams[i].oldest_ms = -1;
		r = redis_once_ask(o, on_pending, &ret->streams[i].pending, "XPENDING %s %s",
				   key.text, QUEUE_GROUP);
		if (r == 0)
			r = redis_once_ask(o, on_first, &ret->streams[i].oldest_ms,
					   "XPENDING %s %s - + 1", key.text, QUEUE_GROUP);
		forgive(o, &r);
		if (r == 0)
			r = redis_once_ask(o, on_number, &ret->streams[i].left, "XLEN %s",
					   key.text);
	}
	if (r == 0)
		r = redis_once_ask(o, on_number, &ret->letters, "XLEN %s",
				   queue_key(queue, "dead", NULL).text);
	if (r == 0)
		r = redis_once_ask(o, on_stats, ret, "HGETALL %s",
				   queue_key(queue, "stats", NULL).text);
	return r < 0 ? r : count_workers(o, queue, &ret->workers);
}

/* ---- printed ---- */

/* Two questions are not one moment: what was acknowledged between them does not wait. */
static long long waiting(const struct queue_state *s, unsigned i)
{
	long long n = s->streams[i].left - s->streams[i].pending;

	return n > 0 ? n : 0;
}

static void print_text(const struct queue_state *s, const char *queue)
{
	printf("queue %s: %lld workers, %lld dead letters\n\n", queue, s->workers, s->letters);
	printf("%-8s %10s %10s %16s\n", "priority", "waiting", "held", "silent for");
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++) {
		printf("%-8s %10lld %10lld ", queue_priorities[i].name, waiting(s, i),
		       s->streams[i].pending);
		if (s->streams[i].oldest_ms < 0)
			printf("%16s\n", "-");
		else
			printf("%14.1f s\n", (double)s->streams[i].oldest_ms / 1000);
	}
	printf("\nso far:");
#define QUEUE_COUNTER(name) printf(" " #name " %lld", s->name);
	QUEUE_COUNTERS(QUEUE_COUNTER)
#undef QUEUE_COUNTER
	printf("\n");
}

static void print_json(const struct queue_state *s, const char *queue)
{
	printf("{\"queue\":\"%s\",\"workers\":%lld,\"dead_letters\":%lld,\"streams\":{", queue,
	       s->workers, s->letters);
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++)
		printf("%s\"%s\":{\"waiting\":%lld,\"held\":%lld,\"silent_ms\":%lld}", i ? "," : "",
		       queue_priorities[i].name, waiting(s, i), s->streams[i].pending,
		       s->streams[i].oldest_ms);
	printf("},\"total\":{");
#define QUEUE_COUNTER(name) printf("\"" #name "\":%lld,", s->name);
	QUEUE_COUNTERS(QUEUE_COUNTER)
#undef QUEUE_COUNTER
	printf("\"done\":%lld}}\n", s->judged + s->refused + s->cancelled + s->dead);
}

static void print_metrics(const struct queue_state *s, const char *queue)
{
	printf("# HELP kodewar_queue_jobs Jobs that are not done.\n# TYPE kodewar_queue_jobs gauge\n");
	for (unsigned i = 0; i < QUEUE_PRIORITIES; i++) {
		const char *p = queue_priorities[i].name;

		printf("kodewar_queue_jobs{queue=\"%s\",priority=\"%s\",state=\"waiting\"} %lld\n",
		       queue, p, waiting(s, i));
		printf("kodewar_queue_jobs{queue=\"%s\",priority=\"%s\",state=\"held\"} %lld\n",
		       queue, p, s->streams[i].pending);
	}
	printf("# HELP kodewar_queue_workers Workers that beat within the last 20 seconds.\n"
	       "# TYPE kodewar_queue_workers gauge\nkodewar_queue_workers{queue=\"%s\"} %lld\n",
	       queue, s->workers);
	printf("# HELP kodewar_queue_dead_letters Dead letters that are there.\n"
	       "# TYPE kodewar_queue_dead_letters gauge\n"
	       "kodewar_queue_dead_letters{queue=\"%s\"} %lld\n",
	       queue, s->letters);
	printf("# HELP kodewar_queue_ended_total How jobs ended; twins are results that came second.\n"
	       "# TYPE kodewar_queue_ended_total counter\n");
#define QUEUE_COUNTER(name) \
	printf("kodewar_queue_ended_total{queue=\"%s\",how=\"" #name "\"} %lld\n", queue, s->name);
	QUEUE_COUNTERS(QUEUE_COUNTER)
#undef QUEUE_COUNTER
}

void queue_state_print(const struct queue_state *s, const char *queue, enum queue_format format)
{
	if (format == QUEUE_JSON)
		print_json(s, queue);
	else if (format == QUEUE_METRICS)
		print_metrics(s, queue);
	else
		print_text(s, queue);
}
