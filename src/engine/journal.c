/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See journal.h.  Calls put an operation into a list; the thread takes all that are there, makes them one
 * transaction, and hands them back by an eventfd: while the disk writes one group the next one gathers, so that a
 * thousand jobs a second cost as few commits as the disk can do.
 *
 * A full disk refuses jobs but takes results: some bytes are set aside for them, and given back when they are needed.
 * A database that turns out to be corrupt is moved aside, and what can be read of it is taken over.
 *
 * The thread shares with the loop what is below `lock`, and nothing else; it never logs.
 */
#include "engine/journal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/journal_db.h"

#define BATCH_MAX 256u /* operations in one transaction */
#define STACK_BYTES (1u << 20)

enum op_kind { OP_ACCEPT, OP_BEGIN, OP_END, OP_FIND };

struct op {
	TAILQ_ENTRY(op) link;
	enum op_kind kind;
	struct journal_entry *entry; /* owned */
	journal_done *done;
	void *user;
	int result;
	struct journal_entry *found; /* owned */
};

TAILQ_HEAD(ops, op);

struct journal {
	struct journal_config config;
	struct journal_db *db;	 /* owned; the thread's, once it runs */
	sd_event_source *source; /* owned */
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under the lock */
	struct ops todo, done;
	bool stop;
	struct journal_counts counts;
	struct journal_db_story story;
	int event_fd; /* owned */
};

/* ---- entries and operations ---- */

static size_t room_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *put(char **at, const char *from, size_t len)
{
	char *to = *at;

	if (!from)
		return NULL;
	memcpy(to, from, len);
	to[len] = '\0';
	*at += len + 1;
	return to;
}

/* One block; everything that it points to is in it. */
static struct journal_entry *copy_entry(const struct journal_entry *e)
{
	size_t room = sizeof(*e) + room_of(e->id) + room_of(e->tenant) + room_of(e->key) +
		      room_of(e->trace) + e->body_len + 1 + e->result_len + 1;
	struct journal_entry *c = malloc(room);
	char *at;

	if (!c)
		return NULL;
	*c = *e;
	at = (char *)(c + 1);
	c->id = put(&at, e->id, room_of(e->id) ? strlen(e->id) : 0);
	c->tenant = put(&at, e->tenant, e->tenant ? strlen(e->tenant) : 0);
	c->key = put(&at, e->key, e->key ? strlen(e->key) : 0);
	c->trace = put(&at, e->trace, e->trace ? strlen(e->trace) : 0);
	c->body = put(&at, e->body, e->body_len);
	c->result = put(&at, e->result, e->result_len);
	return c;
}

static void op_free(struct op *op)
{
	free(op->entry);
	free(op->found);
	free(op);
}

/* ---- the thread ---- */

static int keep_found(struct op *op, const struct journal_entry *e)
{
	op->found = copy_entry(e);
	return op->found ? 0 : -ENOMEM;
}

static int find(struct journal *j, struct op *op, const struct journal_entry *what)
{
	struct journal_entry e;
	int r = journal_db_find(j->db, what, &e);

	if (r > 0)
		r = keep_found(op, &e);
	else if (r == 0)
		r = -ENOENT;
	return r;
}

/* The key is taken: by whom. */
static int find_holder(struct journal *j, struct op *op)
{
	const struct journal_entry what = { .tenant = op->entry->tenant, .key = op->entry->key };
	int r = find(j, op, &what);

	return r < 0 ? r : -EEXIST;
}

static int write_one(struct journal *j, struct op *op)
{
	int r = 0;

	switch (op->kind) {
	case OP_ACCEPT:
		r = journal_db_accept(j->db, op->entry);
		return r == -EEXIST ? find_holder(j, op) : r;
	case OP_BEGIN: return journal_db_count_try(j->db, op->entry->id);
	case OP_END: return journal_db_end(j->db, op->entry);
	case OP_FIND: break;
	}
	return r;
}

/* What is an answer, and no failure of the whole group. */
static bool is_answer(int r)
{
	return r == 0 || r == -EEXIST || r == -ENOENT;
}

static bool counts_in(const struct op *op, bool accepts)
{
	return op->kind != OP_FIND && (accepts || op->kind != OP_ACCEPT);
}

/* All or nothing. Without accepts: those keep the result that they have. */
static int write_group(struct journal *j, struct ops *group, bool accepts)
{
	int r = journal_db_begin(j->db);
	struct op *op;

	for (op = TAILQ_FIRST(group); op && r == 0; op = TAILQ_NEXT(op, link)) {
		if (!counts_in(op, accepts))
			continue;
		free(op->found);
		op->found = NULL;
		op->result = write_one(j, op);
		r = is_answer(op->result) ? 0 : op->result;
	}
	if (r == 0)
		r = journal_db_commit(j->db);
	if (r < 0)
		journal_db_rollback(j->db);
	return r;
}

static void set_results(struct ops *group, enum op_kind only, bool all, int result)
{
	struct op *op;

	for (op = TAILQ_FIRST(group); op; op = TAILQ_NEXT(op, link))
		if (op->kind != OP_FIND && (all || op->kind == only))
			op->result = result;
}

static int renew(struct journal *j)
{
	struct journal_db_story story = { "" };
	int r = journal_db_renew(j->db, &story);

	pthread_mutex_lock(&j->lock);
	j->story = story;
	pthread_mutex_unlock(&j->lock);
	return r;
}

/* A full disk: results come first, at last by what was set aside for them. */
static int write_what_fits(struct journal *j, struct ops *group)
{
	int r;

	set_results(group, OP_ACCEPT, false, -ENOSPC);
	r = write_group(j, group, false);
	if (r == -ENOSPC && journal_db_spend_reserve(j->db))
		r = write_group(j, group, false);
	return r;
}

static unsigned count_writes(const struct ops *group)
{
	const struct op *op;
	unsigned n = 0;

	for (op = TAILQ_FIRST(group); op; op = TAILQ_NEXT(op, link))
		n += op->kind != OP_FIND;
	return n;
}

static void write_all(struct journal *j, struct ops *group)
{
	unsigned n = count_writes(group);
	bool full = false;
	int r;

	if (n == 0)
		return;
	r = journal_db_reserve(j->db);
	if (r == 0)
		r = write_group(j, group, true);
	if (r == -EUCLEAN && renew(j) == 0)
		r = write_group(j, group, true);
	if (r == -ENOSPC) {
		full = true;
		r = write_what_fits(j, group);
	}
	if (r < 0)
		set_results(group, OP_END, true, r);
	pthread_mutex_lock(&j->lock);
	j->counts.commits += r == 0;
	j->counts.operations += n;
	j->counts.failures += r < 0 || full;
	j->counts.takes = r == 0 && !full;
	j->counts.bytes = journal_db_kept_bytes(j->db);
	pthread_mutex_unlock(&j->lock);
}

static void work(struct journal *j, struct ops *group)
{
	struct op *op;

	write_all(j, group);
	for (op = TAILQ_FIRST(group); op; op = TAILQ_NEXT(op, link))
		if (op->kind == OP_FIND)
			op->result = find(j, op, op->entry);
}

/* Takes what is there; false: nothing came for a while, or never will. */
static bool take(struct journal *j, struct ops *group)
{
	struct timespec until;
	struct op *op;
	unsigned n = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)journal_db_prune_sec(j->db);
	while (TAILQ_EMPTY(&j->todo) && !j->stop)
		if (pthread_cond_timedwait(&j->wake, &j->lock, &until) == ETIMEDOUT)
			break;
	while (n < BATCH_MAX && (op = TAILQ_FIRST(&j->todo))) {
		TAILQ_REMOVE(&j->todo, op, link);
		TAILQ_INSERT_TAIL(group, op, link);
		n++;
	}
	return n > 0;
}

static void *run(void *user)
{
	struct journal *j = user;
	bool stop = false;

	while (!stop) {
		struct ops group = TAILQ_HEAD_INITIALIZER(group);
		bool any;

		pthread_mutex_lock(&j->lock);
		any = take(j, &group);
		journal_db_keep(j->db, j->config.keep_sec, j->config.keep_bytes);
		pthread_mutex_unlock(&j->lock);
		work(j, &group);
		journal_db_tidy(j->db);
		pthread_mutex_lock(&j->lock);
		TAILQ_CONCAT(&j->done, &group, link);
		stop = j->stop && TAILQ_EMPTY(&j->todo);
		pthread_mutex_unlock(&j->lock);
		if (any)
			eventfd_write(j->event_fd, 1);
	}
	return NULL;
}

static int start_thread(struct journal *j)
{
	sigset_t all, old;
	pthread_attr_t attr;
	int r;

	if (j->running)
		return 0;
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the loop's */
	r = pthread_create(&j->thread, &attr, run, j);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	j->running = r == 0;
	return -r;
}

/* ---- the loop's side ---- */

static int ask(struct journal *j, enum op_kind kind, const struct journal_entry *e,
	       journal_done *done, void *user)
{
	struct op *op = start_thread(j) < 0 ? NULL : calloc(1, sizeof(*op));

	if (!op)
		return -ENOMEM;
	*op = (struct op){ .kind = kind, .entry = copy_entry(e), .done = done, .user = user };
	if (!op->entry) {
		free(op);
		return -ENOMEM;
	}
	pthread_mutex_lock(&j->lock);
	TAILQ_INSERT_TAIL(&j->todo, op, link);
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
	return 0;
}

int journal_accept(struct journal *j, const struct journal_entry *e, journal_done *done, void *user)
{
	return ask(j, OP_ACCEPT, e, done, user);
}

int journal_begin(struct journal *j, const char *id, journal_done *done, void *user)
{
	return ask(j, OP_BEGIN, &(struct journal_entry){ .id = id }, done, user);
}

int journal_end(struct journal *j, const char *id, const char *result, size_t len,
		journal_done *done, void *user)
{
	const struct journal_entry e = { .id = id, .result = result, .result_len = len };

	return ask(j, OP_END, &e, done, user);
}

int journal_find(struct journal *j, const char *tenant, const char *id, journal_done *done,
		 void *user)
{
	return ask(j, OP_FIND, &(struct journal_entry){ .id = id, .tenant = tenant }, done, user);
}

static int on_done(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct journal *j = user;
	struct ops done = TAILQ_HEAD_INITIALIZER(done);
	struct journal_db_story story;
	eventfd_t value;
	struct op *op;

	eventfd_read(fd, &value);
	pthread_mutex_lock(&j->lock);
	TAILQ_CONCAT(&done, &j->done, link);
	story = j->story;
	j->story.text[0] = '\0';
	pthread_mutex_unlock(&j->lock);
	if (*story.text)
		log_event(LOG_LEVEL_ERROR, "%s", story.text);
	while ((op = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, op, link);
		if (op->done)
			op->done(op->user, op->result, op->found);
		op_free(op);
	}
	return 0;
}

int journal_each_open(struct journal *j, int (*fn)(void *user, const struct journal_entry *entry),
		      void *user, struct err *err)
{
	int r = j->running ? -EBUSY : journal_db_each_open(j->db, fn, user);

	return r < 0 ? err_set(err, r, "read the journal %s", j->config.path) : 0;
}

void journal_count(struct journal *j, struct journal_counts *ret)
{
	pthread_mutex_lock(&j->lock);
	*ret = j->counts;
	pthread_mutex_unlock(&j->lock);
}

/* ---- birth and end ---- */

static int init_threads(struct journal *j)
{
	pthread_condattr_t attr;
	int r = pthread_mutex_init(&j->lock, NULL);

	if (r == 0)
		r = pthread_condattr_init(&attr);
	if (r == 0)
		r = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (r == 0)
		r = pthread_cond_init(&j->wake, &attr);
	return -r;
}

int journal_open(const struct journal_config *c, struct journal **ret, struct err *err)
{
	const struct journal_db_config db = { c->path, c->keep_sec, c->keep_bytes,
					      c->reserve_bytes };
	struct journal *j = calloc(1, sizeof(*j));
	struct journal_db_story story = { "" };
	int r;

	if (!j || init_threads(j) < 0) {
		free(j);
		return err_set(err, ENOMEM, "open the journal");
	}
	j->config = *c;
	j->counts.takes = true;
	TAILQ_INIT(&j->todo);
	TAILQ_INIT(&j->done);
	j->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = j->event_fd < 0 ? err_set(err, errno, "make an eventfd")
			    : journal_db_open(&db, &j->db, &story, err);
	if (r == 0) {
		r = sd_event_add_io(c->loop, &j->source, j->event_fd, EPOLLIN, on_done, j);
		if (r < 0)
			err_set(err, r, "watch the journal");
	}
	if (r < 0) {
		journal_close(j);
		return r;
	}
	if (*story.text)
		log_event(LOG_LEVEL_ERROR, "%s", story.text);
	j->counts.bytes = journal_db_kept_bytes(j->db);
	*ret = j;
	return 0;
}

void journal_keep(struct journal *j, uint64_t keep_sec, uint64_t keep_bytes)
{
	pthread_mutex_lock(&j->lock);
	j->config.keep_sec = keep_sec;
	j->config.keep_bytes = keep_bytes;
	pthread_mutex_unlock(&j->lock);
}

void journal_close(struct journal *j)
{
	struct op *op;

	if (!j)
		return;
	if (j->running) {
		pthread_mutex_lock(&j->lock);
		j->stop = true;
		pthread_cond_signal(&j->wake);
		pthread_mutex_unlock(&j->lock);
		pthread_join(j->thread, NULL);
	}
	while ((op = TAILQ_FIRST(&j->done))) {
		TAILQ_REMOVE(&j->done, op, link);
		op_free(op);
	}
	loop_source_drop(&j->source);
	if (j->event_fd >= 0)
		close(j->event_fd);
	journal_db_close(j->db);
	pthread_mutex_destroy(&j->lock);
	pthread_cond_destroy(&j->wake);
	free(j);
}
