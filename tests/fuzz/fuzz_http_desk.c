/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is behind the gate: a desk that reads each body as the real one does, and then answers as the input says.  It
 * keeps the contract of desk.h, and checks that its callers do: nothing is told from within a call, nobody who forgot or
 * ended his watch is called again, and at the end nobody waits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "codec/request_json.h"
#include "fuzz_http.h"

#define MANY (HTTP_BATCH_MAX + 8)
#define ARENA_BYTES ((size_t)16 << 20)
#define TURNS_TO_THE_END 3

const char *const desk_event_names[] = {
	[DESK_EV_QUEUED] = "queued",   [DESK_EV_COMPILING] = "compiling",
	[DESK_EV_RUNNING] = "running", [DESK_EV_CASE] = "case",
	[DESK_EV_OUTPUT] = "output",   [DESK_EV_RESULT] = "result",
};

struct desk_job {
	char id[DESK_ID_BYTES];
	unsigned age; /* turns */
	bool cancelled;
};

struct desk_watch {
	struct desk_job *job;
	uint64_t after;
	unsigned told;
	void (*on_event)(void *user, const struct desk_event *event);
	void *user;
	bool on;
};

static struct pending {
	desk_then *then;
	void *user;
	struct desk_answer answer;
	bool due;
} pendings[MANY];
static struct desk_job jobs[MANY];
static struct desk_watch watches[MANY];
static size_t npendings, njobs, nwatches;
static unsigned kind_of_answer;
static bool telling;

static struct desk_job *make_job(void)
{
	must(njobs < MANY);
	jobs[njobs] = (struct desk_job){ .age = 0 };
	snprintf(jobs[njobs].id, DESK_ID_BYTES, "%032zx", njobs);
	return &jobs[njobs++];
}

/* ---- asking ---- */

static void check_ask(const struct desk_ask *a)
{
	must(a->body && a->tenant && a->tenant->name);
	must(a->priority >= -DESK_PRIORITY_MAX && a->priority <= DESK_PRIORITY_MAX);
	must(a->deadline_ms <= 86400000);
	if (a->key)
		must(*a->key && strlen(a->key) <= DESK_KEY_MAX);
	for (const char *k = a->key; k && *k; k++)
		must(*k > ' ' && *k <= '~');
	if (a->trace)
		must(strlen(a->trace) == 55 &&
		     strspn(a->trace, "0123456789abcdef-") == strlen(a->trace));
}

static void answer_to(const struct desk_ask *ask, struct desk_answer *a)
{
	struct request request = { .ntests = 0 };
	struct arena arena;
	int r;

	arena_init(&arena, ARENA_BYTES);
	r = request_json_decode(ask->body, ask->len, &arena, &request, &a->refusal);
	arena_done(&arena);
	must(r == 0 || r == 1 || r == -ENOMEM);
	if (r == 1) {
		a->kind = DESK_REFUSED;
	} else if (r < 0) {
		a->kind = DESK_FAILED;
		err_set(&a->err, r, "take the job");
	} else {
		a->kind = kind_of_answer;
		if (a->kind == DESK_REFUSED)
			refusal_set(&a->refusal, "limits.cpu_ms", "must be \"less\" \x01");
		if (a->kind == DESK_FAILED)
			err_set(&a->err, EIO, "take the job");
		a->position = a->retry_after_sec = 7;
		a->job = make_job();
	}
}

int desk_submit(struct desk *d, const struct desk_ask *ask, desk_then *then, void *user,
		struct err *err)
{
	struct pending *p = &pendings[npendings];

	check_ask(ask);
	if (kind_of_answer > DESK_FAILED)
		return err_set(err, ENOMEM, "ask the desk");
	must(npendings++ < MANY);
	*p = (struct pending){ .then = then, .user = user, .due = true };
	answer_to(ask, &p->answer);
	return 0;
}

int desk_lookup(struct desk *d, const char *tenant, const char *id, desk_then *then, void *user)
{
	struct pending *p = &pendings[npendings];

	must(tenant && strlen(id) < HTTP_ROUTE_ID_BYTES);
	if (kind_of_answer > DESK_FAILED)
		return -ENOMEM;
	must(npendings++ < MANY);
	*p = (struct pending){ .then = then, .user = user, .due = true };
	p->answer.kind = kind_of_answer == DESK_AWAY ? DESK_AWAY : DESK_NONE;
	if (kind_of_answer != DESK_ACCEPTED && kind_of_answer != DESK_KNOWN)
		return 0;
	p->answer.kind = DESK_KNOWN;
	p->answer.job = njobs ? &jobs[0] : make_job();
	return 0;
}

void desk_forget(struct desk *d, void *user)
{
	for (size_t i = 0; i < npendings; i++)
		if (pendings[i].user == user)
			pendings[i].due = false;
}

/* ---- jobs ---- */

static bool is_over(const struct desk_job *j)
{
	return j->cancelled || j->age >= TURNS_TO_THE_END || kind_of_answer == DESK_KNOWN;
}

const char *desk_job_id(const struct desk_job *j)
{
	return j->id;
}

enum desk_state desk_job_state(const struct desk_job *j, unsigned *ret_position)
{
	*ret_position = 3;
	return is_over(j) ? DESK_OVER : j->age ? DESK_RUNNING : DESK_WAITING;
}

const char *desk_job_result(const struct desk_job *j, size_t *ret_len)
{
	static const char result[] = "{\"status\":\"success\"}";

	if (!is_over(j))
		return NULL;
	*ret_len = sizeof(result) - 1;
	return result;
}

void desk_cancel(struct desk_job *j)
{
	j->cancelled = true;
}

/* ---- watching ---- */

struct desk_watch *desk_watch(struct desk_job *j, uint64_t after,
			      void (*on_event)(void *user, const struct desk_event *event),
			      void *user)
{
	struct desk_watch *w = &watches[nwatches++];

	must(nwatches <= MANY);
	*w = (struct desk_watch){
		.job = j, .after = after, .on_event = on_event, .user = user, .on = true
	};
	return w;
}

void desk_unwatch(struct desk_watch *w, bool cancel)
{
	must(w->on);
	w->on = false;
	w->job->cancelled = w->job->cancelled || cancel;
}

static bool tell_watch(struct desk_watch *w)
{
	static const char output[] =
		"{\"case\":0,\"stream\":\"stdout\",\"data\":\"event: x\\n\\n\"}";
	const struct desk_event told[] = {
		{ DESK_EV_QUEUED, 1, "{\"position\":0}", 14 },
		{ DESK_EV_OUTPUT, 2, output, sizeof(output) - 1 },
		{ DESK_EV_RESULT, 3, "{}", 2 },
	};

	if (!w->on || w->told == 3)
		return false;
	w->job->age++;
	w->told++;
	if (w->told == 3 || w->told > w->after)
		w->on_event(w->user, &told[w->told - 1]);
	return true;
}

bool fuzz_desk_turn(void)
{
	bool any = false;

	must(!telling);
	telling = true;
	for (size_t i = 0; i < npendings; i++) {
		struct pending *p = &pendings[i];

		if (!p->due)
			continue;
		any = true;
		p->due = false;
		p->then(p->user, &p->answer);
	}
	for (size_t i = 0; i < nwatches; i++)
		any = tell_watch(&watches[i]) || any;
	telling = false;
	return any;
}

void fuzz_desk_begin(unsigned kind)
{
	npendings = njobs = nwatches = 0;
	kind_of_answer = kind;
}

void fuzz_desk_check(void)
{
	for (size_t i = 0; i < npendings; i++)
		must(!pendings[i].due);
	for (size_t i = 0; i < nwatches; i++)
		must(!watches[i].on);
}
