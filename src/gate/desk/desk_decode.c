/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See desk_decode.h.  The thread is started by the first large body, and shares with the loop what is below `lock`; a
 * job that it reads belongs to it alone.  It never logs, and blocks all signals: those are the loop's.
 */
#include "gate/desk/desk_decode.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "codec/request_json.h"

#define STACK_BYTES (8u << 20) /* the parser recurses, within a bound of its own */

struct reading {
	TAILQ_ENTRY(reading) link;
	struct local_job *job;
	int result;
	struct refusal refusal;
};

TAILQ_HEAD(readings, reading);

struct desk_decoder {
	desk_decoded *decoded;
	sd_event_source *source; /* owned */
	int event_fd;		 /* owned */
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under the lock */
	struct readings todo, done;
	bool stop;
};

static struct reading *take(struct desk_decoder *d)
{
	struct reading *r;

	pthread_mutex_lock(&d->lock);
	while (TAILQ_EMPTY(&d->todo) && !d->stop)
		pthread_cond_wait(&d->wake, &d->lock);
	r = d->stop ? NULL : TAILQ_FIRST(&d->todo);
	if (r)
		TAILQ_REMOVE(&d->todo, r, link);
	pthread_mutex_unlock(&d->lock);
	return r;
}

static void *run(void *user)
{
	struct desk_decoder *d = user;
	struct reading *r;

	while ((r = take(d))) {
		struct local_job *j = r->job;

		r->result = request_json_decode(j->body, j->body_len, &j->arena, &j->request,
						&r->refusal);
		pthread_mutex_lock(&d->lock);
		TAILQ_INSERT_TAIL(&d->done, r, link);
		pthread_mutex_unlock(&d->lock);
		eventfd_write(d->event_fd, 1);
	}
	return NULL;
}

static int start_thread(struct desk_decoder *d)
{
	sigset_t all, old;
	pthread_attr_t attr;
	int r;

	if (d->running)
		return 0;
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&d->thread, &attr, run, d);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	d->running = r == 0;
	return -r;
}

int desk_decoder_read(struct desk_decoder *d, struct local_job *j)
{
	struct reading *r = calloc(1, sizeof(*r));
	int rc = r ? start_thread(d) : -ENOMEM;

	if (rc < 0) {
		free(r);
		return rc;
	}
	r->job = j;
	pthread_mutex_lock(&d->lock);
	TAILQ_INSERT_TAIL(&d->todo, r, link);
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	return 0;
}

static int on_done(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct desk_decoder *d = user;
	struct readings done = TAILQ_HEAD_INITIALIZER(done);
	struct reading *r;
	eventfd_t value;

	eventfd_read(fd, &value);
	pthread_mutex_lock(&d->lock);
	TAILQ_CONCAT(&done, &d->done, link);
	pthread_mutex_unlock(&d->lock);
	while ((r = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, r, link);
		d->decoded(r->job, r->result, &r->refusal);
		free(r);
	}
	return 0;
}

int desk_decoder_new(sd_event *loop, desk_decoded *decoded, struct desk_decoder **ret)
{
	struct desk_decoder *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->decoded = decoded;
	TAILQ_INIT(&d->todo);
	TAILQ_INIT(&d->done);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	d->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = d->event_fd < 0 ? -errno
			    : sd_event_add_io(loop, &d->source, d->event_fd, EPOLLIN, on_done, d);
	if (r < 0) {
		desk_decoder_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

static void drop(struct readings *list)
{
	struct reading *r;

	while ((r = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, r, link);
		free(r);
	}
}

void desk_decoder_free(struct desk_decoder *d)
{
	if (!d)
		return;
	if (d->running) {
		pthread_mutex_lock(&d->lock);
		d->stop = true;
		pthread_cond_signal(&d->wake);
		pthread_mutex_unlock(&d->lock);
		pthread_join(d->thread, NULL);
	}
	drop(&d->todo);
	drop(&d->done);
	loop_source_drop(&d->source);
	if (d->event_fd >= 0)
		close(d->event_fd);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->wake);
	free(d);
}
