/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar submit`: a producer of the queue that waits for its result.  It only adds the entry that docs/QUEUE.md
 * describes, and needs no rights.  The id is said before anything can go wrong: who submits the same id again gets the
 * same result, so that an answer that was lost on the way costs nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/redis_once.h"
#include "app/worker.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "gate/cli/cli_input.h"
#include "gate/cli/exit_code.h"
#include "gate/desk/job_id.h"
#include "gate/redis/redis_queue.h"

#define BLOCK_SEC 5 /* less than a link waits for an answer */

struct submit {
	const struct settings *settings;
	struct redis_url url;
	const char *queue, *id;
	char made[JOB_ID_BYTES];
	char *body; /* owned */
	size_t len;
	struct redis_once redis;
	long long waiting;
	int answered; /* an exit code, or -1 */
};

static void on_length(void *user, const redisReply *reply)
{
	((struct submit *)user)->waiting = reply->integer;
}

static void on_result(void *user, const redisReply *reply)
{
	struct submit *x = user;

	if (reply->type != REDIS_REPLY_STRING)
		return;
	x->answered = answer_write(reply->str, reply->len, KODEWAR_EXIT_OK);
	if (x->answered == KODEWAR_EXIT_OK)
		x->answered = answer_write("\n", 1, KODEWAR_EXIT_OK);
}

static int add(struct submit *x)
{
	const struct worker_settings *s = &x->settings->worker;
	const char *tenant = s->tenant ? s->tenant : "";
	struct queue_key jobs = queue_jobs(x->queue, s->priority);
	int r = 0;

	if (s->max_waiting)
		r = redis_once_ask(&x->redis, on_length, x, "XLEN %s", jobs.text);
	if (r == 0 && s->max_waiting && x->waiting >= (long long)s->max_waiting) {
		err_set(x->redis.err, 0, "the queue is full: %lld jobs are not done", x->waiting);
		return -EAGAIN;
	}
	if (r == 0)
		r = redis_once_ask(&x->redis, NULL, NULL, "XADD %s * id %s tenant %s payload %b",
				   jobs.text, x->id, tenant, x->body, x->len);
	return r < 0 ? err_wrap(x->redis.err, "job %s", x->id) : 0;
}

/* The list is turned, not emptied: whoever else waits for the same job is told as well. */
static int await(struct submit *x, uint64_t end)
{
	struct queue_key result = queue_key(x->queue, "result", x->id),
			 done = queue_key(x->queue, "done", x->id);
	int r = redis_once_ask(&x->redis, on_result, x, "GET %s", result.text);

	while (r == 0 && x->answered < 0 && clock_now_nsec() < end) {
		r = redis_once_ask(&x->redis, NULL, NULL, "BLMOVE %s %s LEFT LEFT %d", done.text,
				   done.text, BLOCK_SEC);
		if (r == 0)
			r = redis_once_ask(&x->redis, on_result, x, "GET %s", result.text);
	}
	if (r < 0)
		return err_wrap(x->redis.err, "job %s", x->id);
	if (x->answered >= 0)
		return x->answered;
	err_set(x->redis.err, 0, "job %s has no result yet; submit the same --id to go on waiting",
		x->id);
	return -ETIMEDOUT;
}

static int converse(struct submit *x, struct err *err)
{
	uint64_t end = clock_now_nsec() + x->settings->worker.wait_sec * NSEC_PER_SEC;
	int r = redis_once_open(&x->redis, &x->url, x->settings->worker.redis_ca, x->queue, err);

	/* Whatever is said may be said twice: the id makes it one job. */
	x->redis.patience_nsec = end;
	if (r == 0)
		r = add(x);
	if (r < 0)
		return r;
	if (!x->settings->worker.detach)
		return await(x, end);
	printf("%s\n", x->id);
	return command_end_stdout();
}

static int read_body(struct submit *x, const char *name, struct refusal *refusal, struct err *err)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (strcmp(name, "-") != 0) {
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			refusal_set(refusal, "FILE", "cannot be opened: %s", strerror(errno));
			return 1;
		}
	}
	r = cli_input_read(fd < 0 ? STDIN_FILENO : fd, "FILE", x->settings->max_body_bytes,
			   &x->body, &x->len, refusal);
	return r < 0 ? err_set(err, r, "read %s", name) : r;
}

static int name_it(struct submit *x, struct err *err)
{
	const char *id = x->settings->worker.id;

	if (!id && job_id_make(x->made) < 0)
		return err_set(err, EIO, "name the job");
	x->id = id ? id : x->made;
	if (queue_id_ok(x->id, strlen(x->id)))
		return 0;
	err_set(err, 0, "--id: must be 1 to %d of A-Z a-z 0-9 . _ -", QUEUE_ID_MAX);
	return -EINVAL;
}

static int submit(const struct settings *settings, const struct option_words *words)
{
	struct submit x = { .settings = settings, .answered = -1 };
	struct err err = ERR_INIT;
	struct refusal refusal;
	int r;

	if (words->nwords != 1 || words->nrest)
		return command_usage_error("submit", "takes one FILE, or -");
	if (worker_url(settings, &x.url, &err) < 0 ||
	    worker_queue(settings, &x.url, &x.queue, &err) < 0 || name_it(&x, &err) < 0)
		return command_usage_error("submit", "%s", err.text);
	r = read_body(&x, words->words[0], &refusal, &err);
	if (r > 0) {
		r = answer_refusal("submit", false, &refusal);
	} else {
		if (r == 0)
			r = converse(&x, &err);
		if (r < 0)
			r = answer_failure("submit", false, NULL, &err);
	}
	redis_once_done(&x.redis);
	free(x.body);
	return r;
}

static const struct option_info options[] = {
	SETTINGS_OF_REDIS, SETTING_PRIORITY,	SETTING_JOB_ID,	  SETTING_TENANT, SETTING_DETACH,
	SETTING_WAIT,	   SETTING_MAX_WAITING, SETTING_MAX_BODY, SETTING_HELP,
};
static const char *const synopsis[] = { "[OPTION...] FILE", "[OPTION...] -", NULL };

const struct command command_submit = {
	.name = "submit",
	.synopsis = synopsis,
	.summary = "Give a job to a queue in Redis, and print its result",
	.details =
		"FILE, or stdin for -, holds a request's JSON, as `kodewar run -` takes it. The result's JSON is "
		"printed when a worker has judged it; with --detach the job's id at once. 0 whatever the verdict, 3 "
		"where Redis cannot be reached, the queue is full or no result came in time: the job's id is named "
		"then, and the same --id may be submitted again.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = submit,
};
