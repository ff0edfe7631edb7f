/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submissions and jobs.  Whatever is asked of the desk is answered later, from the loop; until then the call is the desk's
 * user (`asking`), and then perhaps watches a job.  http_jobs_end() undoes both when the exchange is over, so a
 * client that goes away leaves nothing behind, and a job that only he wanted is cancelled.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/parse.h"
#include "gate/http/http_call.h"

#define WAIT_SEC_MAX 60
#define DEADLINE_MS_MAX 86400000
#define KEY_BYTES_MAX 200		/* less than DESK_KEY_MAX: a batch adds its numbers */
#define EVENT_ID_MAX ((1ull << 53) - 1) /* what JSON numbers hold everywhere */

static const char *const state_names[] = {
	[DESK_WAITING] = "queued", [DESK_RUNNING] = "running", [DESK_OVER] = "done"
};

/* ---- one job, told ---- */

char *http_jobs_text(struct http_call *c, const struct desk_job *job, size_t *ret_len)
{
	unsigned position = 0;
	enum desk_state state = desk_job_state(job, &position);
	size_t len = 0;
	const char *result = desk_job_result(job, &len);
	char *text = NULL, place[16] = "null";
	int n;

	if (state == DESK_WAITING && position != DESK_PLACE_UNKNOWN)
		snprintf(place, sizeof(place), "%u", position);
	while (len > 0 && result[len - 1] == '\n')
		len--;
	n = asprintf(&text, "{\"id\":\"%s\",\"state\":\"%s\",\"position\":%s,\"result\":%.*s}",
		     desk_job_id(job), state_names[state], place, result ? (int)len : 4,
		     result ? result : "null");
	*ret_len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : text;
}

static void answer_job(struct http_call *c, unsigned status, const struct desk_job *job)
{
	size_t len;
	_cleanup_free_ char *text = http_jobs_text(c, job, &len);
	char location[64];

	if (!text) {
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
		return;
	}
	snprintf(location, sizeof(location), "/v1/jobs/%s", desk_job_id(job));
	http_set_header(c->request, "Location", location);
	http_set_header(c->request, "Cache-Control", "no-store");
	http_answer(c->request, status, "application/json", text, len);
}

/* Memory comes back; what else fails here is not known to. */
static void problem_of_failure(const struct err *err, struct problem *ret)
{
	*ret = PROBLEM(500, "this host failed");
	if (err->code != -ENOMEM)
		return;
	*ret = PROBLEM(503, "out of memory");
	ret->retry_after_sec = 1;
}

void http_jobs_problem(const struct desk_answer *a, struct problem *ret)
{
	switch (a->kind) {
	case DESK_CONFLICT:
		*ret = PROBLEM(
			409,
			"this Idempotency-Key was used for another body, or for a job that nobody was promised");
		break;
	case DESK_FULL:
		*ret = PROBLEM(429, "too many jobs wait");
		ret->position = (int)a->position;
		ret->retry_after_sec = a->retry_after_sec ? a->retry_after_sec : 1;
		break;
	case DESK_NO_STORE:
		*ret = PROBLEM(503, "no job can be kept safe now");
		ret->retry_after_sec = 10;
		break;
	case DESK_AWAY:
		*ret = PROBLEM(503, "where jobs are kept cannot be reached now");
		ret->retry_after_sec = 2;
		break;
	case DESK_NONE: *ret = PROBLEM(404, "there is no such job, or not any more"); break;
	case DESK_DRAINING:
		*ret = PROBLEM(503, "the service is about to end");
		ret->retry_after_sec = 5;
		break;
	default: problem_of_failure(&a->err, ret); break;
	}
}

/* What is wrong here is for the log, not for a stranger. */
static void answer_refusal(struct http_call *c, const struct desk_answer *a)
{
	struct problem p;

	if (a->kind == DESK_REFUSED) {
		problem_refuse(c->request, &a->refusal);
		return;
	}
	if (a->kind == DESK_NO_STORE || a->kind == DESK_AWAY || a->kind == DESK_FAILED)
		log_event(LOG_LEVEL_ERROR, "request failed request=%s: %s", http_id(c->request),
			  a->err.text);
	http_jobs_problem(a, &p);
	problem_answer(c->request, &p);
}

static void fail(struct http_call *c, const struct err *err)
{
	struct problem p;

	log_event(LOG_LEVEL_ERROR, "request failed request=%s: %s", http_id(c->request), err->text);
	problem_of_failure(err, &p);
	problem_answer(c->request, &p);
}

/* ---- what is asked ---- */

static int refuse_parameter(struct http_call *c, const char *name, const char *rule)
{
	char detail[160];
	struct problem p = PROBLEM(400, detail);

	snprintf(detail, sizeof(detail), "%s: %s", name, rule);
	p.field = name;
	p.rule = rule;
	problem_answer(c->request, &p);
	return 1;
}

/* 0 or 1 (answered). *ret stays as it is where nothing is said. */
static int read_number(struct http_call *c, const char *name, uint64_t min, uint64_t max,
		       uint64_t *ret)
{
	const char *word = http_query(c->request, name);
	uint64_t value;
	char rule[64];

	if (!word)
		return 0;
	if (parse_u64(word, &value) == 0 && value >= min && value <= max) {
		*ret = value;
		return 0;
	}
	snprintf(rule, sizeof(rule), "must be a whole number from %llu to %llu",
		 (unsigned long long)min, (unsigned long long)max);
	return refuse_parameter(c, name, rule);
}

static int read_priority(struct http_call *c, int *ret)
{
	const char *word = http_query(c->request, "priority");

	if (!word)
		return 0;
	*ret = *word == '-' ? -(word[1] - '0') : *word - '0';
	if (strlen(word) == 1 + (*word == '-') && *ret >= -9 && *ret <= 9 &&
	    word[*word == '-'] >= '0')
		return 0;
	return refuse_parameter(c, "priority", "must be a whole number from -9 to 9");
}

static int read_key(struct http_call *c, const char **ret)
{
	const char *key = http_header(c->request, "Idempotency-Key");
	size_t n = key ? strlen(key) : 0;

	*ret = key;
	if (key && (n == 0 || n > KEY_BYTES_MAX))
		return refuse_parameter(c, "Idempotency-Key", "must have 1 to 200 bytes");
	for (size_t i = 0; i < n; i++)
		if (key[i] <= ' ' || key[i] > '~')
			return refuse_parameter(c, "Idempotency-Key",
						"must be visible ASCII without blanks");
	return 0;
}

int http_jobs_ask(struct http_call *c, struct desk_tenant *tenant, struct desk_ask *ret)
{
	const struct auth_tenant *who = auth_by_name(c->gate->config.auth, c->tenant);
	struct refusal refusal = { 0 };

	*ret = (struct desk_ask){ .tenant = tenant, .trace = c->trace };
	if (!who) {
		problem_answer(c->request, &PROBLEM(401, "this token is no longer valid"));
		return 1;
	}
	*tenant = who->desk;
	ret->body = http_body(c->request, &ret->len);
	if (ret->len == 0) {
		refusal_set(&refusal, "", "is empty");
		problem_refuse(c->request, &refusal);
		return 1;
	}
	return read_number(c, "deadline_ms", 1, DEADLINE_MS_MAX, &ret->deadline_ms) ||
	       read_priority(c, &ret->priority) || read_key(c, &ret->key);
}

static void ask(struct http_call *c, const struct desk_ask *ask,
		void (*then)(void *user, const struct desk_answer *answer))
{
	struct err err = ERR_INIT;

	if (desk_submit(c->gate->config.desk, ask, then, c, &err) < 0)
		fail(c, &err);
	else
		c->asking = true;
}

static bool watch(struct http_call *c, struct desk_job *job, uint64_t after,
		  void (*on_event)(void *user, const struct desk_event *event))
{
	c->watch = desk_watch(job, after, on_event, c);
	if (!c->watch)
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
	return c->watch;
}

static void unwatch(struct http_call *c, bool cancel)
{
	if (c->watch)
		desk_unwatch(TAKE_PTR(c->watch), cancel);
}

void http_jobs_end(struct http_call *c, bool client_gone)
{
	if (c->asking)
		desk_forget(c->gate->config.desk, c);
	c->asking = false;
	unwatch(c, c->cancels && client_gone);
}

static bool taken(const struct desk_answer *a)
{
	return a->kind == DESK_ACCEPTED || a->kind == DESK_KNOWN;
}

/* ---- asynchronous ---- */

static void then_accepted(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;

	c->asking = false;
	if (taken(a))
		answer_job(c, 202, a->job);
	else
		answer_refusal(c, a);
}

void http_serve_submit(struct http_call *c)
{
	struct desk_tenant tenant;
	struct desk_ask a;

	if (http_jobs_ask(c, &tenant, &a))
		return;
	a.durable = true;
	a.tell_output = true;
	ask(c, &a, then_accepted);
}

/* ---- synchronous ---- */

static void on_result(void *user, const struct desk_event *e)
{
	struct http_call *c = user;

	if (e->kind != DESK_EV_RESULT)
		return;
	unwatch(c, false);
	http_set_header(c->request, "Cache-Control", "no-store");
	http_answer(c->request, 200, "application/json", e->json, e->len);
}

static void on_stream_event(void *user, const struct desk_event *e)
{
	struct http_call *c = user;

	if (e->kind == DESK_EV_RESULT)
		unwatch(c, false);
	http_sse_event(c, e);
}

static void then_wait(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;

	c->asking = false;
	if (taken(a))
		watch(c, a->job, DESK_RESULT_ONLY, on_result);
	else
		answer_refusal(c, a);
}

static void then_stream(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;

	c->asking = false;
	if (!taken(a))
		answer_refusal(c, a);
	else if (watch(c, a->job, 0, on_stream_event) && http_sse_begin(c) < 0)
		http_drop(c->request);
}

/* RFC 9110, 12.4.2: what weighs nothing is not acceptable. `params` begins behind the word. */
static bool weighs_nothing(const char *params)
{
	const char *end = params + strcspn(params, ",");

	while ((params = memchr(params, ';', (size_t)(end - params)))) {
		params += 1 + strspn(params + 1, " \t");
		if ((*params == 'q' || *params == 'Q') && params[1] == '=' && params[2] == '0') {
			params += 3;
			params += *params == '.';
			params += strspn(params, "0");
			return *params < '1' || *params > '9';
		}
	}
	return false;
}

/* One word of a comma-separated header, its parameters but for a weight of 0 left aside. */
static bool header_has(const struct http_call *c, const char *name, const char *word)
{
	const char *at = http_header(c->request, name);
	size_t n = strlen(word);

	while (at && *at) {
		at += strspn(at, ", \t");
		if (!strncasecmp(at, word, n) && (!at[n] || strchr(",; \t", at[n])))
			return !weighs_nothing(at + n);
		at += strcspn(at, ",");
	}
	return false;
}

void http_serve_execute(struct http_call *c)
{
	bool stream = header_has(c, "Accept", "text/event-stream");
	struct desk_tenant tenant;
	struct desk_ask a;

	if (header_has(c, "Prefer", "respond-async")) {
		http_set_header(c->request, "Preference-Applied", "respond-async");
		http_serve_submit(c);
		return;
	}
	if (http_jobs_ask(c, &tenant, &a))
		return;
	a.quiet = !stream;
	a.tell_output = stream;
	c->cancels = true;
	ask(c, &a, stream ? then_stream : then_wait);
}

/* ---- a job by its id ---- */

static void look_up(struct http_call *c, desk_then *then)
{
	struct err err = ERR_INIT;
	int r = desk_lookup(c->gate->config.desk, c->tenant, c->id, then, c);

	c->asking = r >= 0;
	if (r < 0) {
		err_set(&err, r, "look a job up");
		fail(c, &err);
	}
}

/* NULL: answered, why there is none. */
static struct desk_job *found(struct http_call *c, const struct desk_answer *a)
{
	c->asking = false;
	if (!taken(a)) {
		answer_refusal(c, a);
		return NULL;
	}
	return a->job;
}

static void then_look(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;
	const struct desk_job *job = found(c, a);

	if (job)
		answer_job(c, 200, job);
}

/* What was watched is in memory still, or over and perhaps only on disk. */
static void look_again(struct http_call *c)
{
	unwatch(c, false);
	loop_source_drop(&c->timer);
	look_up(c, then_look);
}

static void on_over(void *user, const struct desk_event *e)
{
	if (e->kind == DESK_EV_RESULT)
		look_again(user);
}

static int on_waited(sd_event_source *source, uint64_t usec, void *user)
{
	look_again(user);
	return 0;
}

static void then_wait_for(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;
	struct desk_job *job = found(c, a);
	uint64_t sec = 0;

	if (!job)
		return;
	read_number(c, "wait", 0, WAIT_SEC_MAX, &sec); /* was found good before */
	if (sec == 0 || desk_job_state(job, &(unsigned){ 0 }) == DESK_OVER) {
		answer_job(c, 200, job);
		return;
	}
	if (sd_event_add_time(c->gate->config.http.loop, &c->timer, CLOCK_MONOTONIC,
			      clock_now_nsec() / 1000 + sec * 1000000, 0, on_waited, c) < 0)
		problem_answer(c->request, &PROBLEM(503, "out of memory"));
	else
		watch(c, job, DESK_RESULT_ONLY, on_over);
}

void http_serve_job(struct http_call *c)
{
	uint64_t sec = 0;

	if (read_number(c, "wait", 0, WAIT_SEC_MAX, &sec) == 0)
		look_up(c, then_wait_for);
}

static void then_cancel(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;
	struct desk_job *job = found(c, a);
	bool over;

	if (!job)
		return;
	over = desk_job_state(job, &(unsigned){ 0 }) == DESK_OVER;
	if (!over)
		desk_cancel(job);
	answer_job(c, over ? 200 : 202, job);
}

void http_serve_cancel(struct http_call *c)
{
	look_up(c, then_cancel);
}

static void then_follow(void *user, const struct desk_answer *a)
{
	struct http_call *c = user;
	const char *last = http_header(c->request, "Last-Event-ID");
	struct desk_job *job = found(c, a);
	uint64_t after = 0;

	if (!job)
		return;
	if (last && (parse_u64(last, &after) < 0 || after > EVENT_ID_MAX)) {
		refuse_parameter(c, "Last-Event-ID", "must be the id of an event");
		return;
	}
	if (watch(c, job, after, on_stream_event) && http_sse_begin(c) < 0)
		http_drop(c->request);
}

void http_serve_events(struct http_call *c)
{
	look_up(c, then_follow);
}
