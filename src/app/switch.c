/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See switch.h.  What a job was planned with must outlive it: each set of languages has an arena of its own, which is gone
 * when neither the boxes that it came with nor any plan needs it (struct language_use).  Those of the start stay.
 *
 * A warden that is left is told so by the end of its socket.  Its death is waited for on the loop, and only then is the lock
 * on its tree given up.
 */
#include "app/switch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/installed.h"
#include "app/privilege.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/language_yaml.h"

#define LANGUAGES_BYTES (16u << 20)

/* ---- languages ---- */

struct switch_languages {
	struct arena arena;
	struct language_set set;
	struct language_use use;
};

static void languages_free(void *user)
{
	struct switch_languages *l = user;

	arena_done(&l->arena);
	free(l);
}

/* By their path; where that is closed to who we are now, by the directory that was open before. */
static int load_languages(const struct tree_switch *w, struct switch_languages *l, struct err *err)
{
	const char *dir = w->service->paths.languages_dir;
	char kept[32];
	int r;

	if (access(dir, R_OK | X_OK) == 0)
		return language_yaml_load_dir(dir, &l->arena, &l->set, err);
	snprintf(kept, sizeof(kept), "/proc/self/fd/%d", w->languages_fd);
	r = language_yaml_load_dir(kept, &l->arena, &l->set, err);
	return r < 0 ? err_wrap(err, "%s", dir) : 0;
}

static int make_languages(const struct tree_switch *w, const struct handover *h,
			  const struct tree_place *tree, struct switch_languages *l,
			  struct err *err)
{
	struct identity got;
	int r = load_languages(w, l, err);

	if (r < 0)
		return r;
	identity_of_languages(&l->set, &got);
	if (!identity_same(&got, &h->languages) || h->nlanguages != l->set.len)
		return err_set(err, 0, "the languages' files changed while they were looked at"),
		       -EAGAIN;
	r = installed_mark(&l->set, tree->fd >= 0 ? tree : NULL, &l->arena, err);
	if (r == 0)
		r = installed_agree(&l->set, h->absent, &l->arena, err);
	l->set.use = &l->use;
	return r;
}

static struct switch_languages *languages_new(const struct tree_switch *w, const struct handover *h,
					      const struct tree_place *tree, struct err *err)
{
	struct switch_languages *l = calloc(1, sizeof(*l));

	if (!l) {
		err_set(err, ENOMEM, "load the languages");
		return NULL;
	}
	arena_init(&l->arena, LANGUAGES_BYTES);
	l->use = (struct language_use){ .holders = 1, .last = languages_free, .user = l };
	if (make_languages(w, h, tree, l, err) == 0)
		return l;
	languages_free(l);
	return NULL;
}

/* ---- what is left ---- */

struct switch_left {
	TAILQ_ENTRY(switch_left) link;
	struct tree_switch *owner;
	struct backend *backend; /* owned; NULL: its last job has ended */
	struct warden warden;
	struct tree_place tree;
	struct switch_languages *languages; /* NULL: of the start, or no longer needed */
	sd_event_source *dead;
};

static void left_free(struct switch_left *l)
{
	TAILQ_REMOVE(&l->owner->left, l, link);
	loop_source_drop(&l->dead);
	if (l->backend)
		l->backend->ops->free(l->backend);
	warden_stop(&l->warden);
	place_done(&l->tree);
	if (l->languages)
		language_drop(&l->languages->use);
	free(l);
}

static int on_left_dead(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct switch_left *l = user;

	log_event(LOG_LEVEL_INFO, "the boxes of the tree before are gone");
	left_free(l);
	return 0;
}

/* The warden ends by this, which may take it a moment. */
static void on_left(void *user)
{
	struct switch_left *l = user;
	struct backend *backend = TAKE_PTR(l->backend);

	backend->ops->free(backend);
	if (sd_event_add_io(l->owner->service->loop, &l->dead, l->warden.pidfd, EPOLLIN,
			    on_left_dead, l) < 0)
		left_free(l);
}

/* ---- what is taken ---- */

static int watch_warden(struct tree_switch *w)
{
	const struct service *s = w->service;

	loop_source_drop(&w->warden);
	if (s->warden.pidfd < 0)
		return 0;
	return sd_event_add_io(s->loop, &w->warden, s->warden.pidfd, EPOLLIN, w->hooks.on_warden,
			       w->hooks.user);
}

static void tell(const struct tree_switch *w, const struct handover *h)
{
	const struct service *s = w->service;

	for (size_t i = 0; i < probe_layers_len; i++)
		if (!probe_required(&h->layers, i) && h->layers.layers[i].state == PROBE_MISSING)
			log_event(LOG_LEVEL_WARNING, "layer missing: %s: %s", probe_layers[i].name,
				  h->layers.layers[i].detail);
	for (uint32_t i = 0; i < h->nrunners; i++)
		if (h->runners[i].report.state != WARM_OK)
			log_event(LOG_LEVEL_WARNING, "%s starts cold: %s",
				  s->languages.langs[h->runners[i].language].name,
				  h->runners[i].report.text);
	log_event(LOG_LEVEL_INFO, "boxes see the tree %s from now on%s%s",
		  s->tree.fd >= 0 ? s->tree.path : "host", *s->tree.digest ? ", digest " : "",
		  s->tree.digest);
}

/* The service's own are now the new ones; what it had goes to who is left. */
static void exchange(struct tree_switch *w, struct switch_left *old, struct backend *backend,
		     struct warden *warden, struct tree_place *tree, struct switch_languages *l,
		     const struct handover *h)
{
	struct service *s = w->service;

	old->owner = w;
	old->backend = s->backend;
	old->warden = s->warden;
	old->tree = s->tree;
	old->languages = w->now;
	TAILQ_INSERT_TAIL(&w->left, old, link);
	s->backend = backend;
	s->warden = *warden;
	*warden = (struct warden)WARDEN_INIT;
	s->tree = *tree;
	*tree = (struct tree_place)TREE_PLACE_INIT;
	s->identity = h->identity;
	s->languages = l->set;
	s->planner.cold = h->cold;
	w->now = l;
}

static bool cache_config(const struct tree_switch *w, const struct tree_place *tree,
			 struct cache_config *ret)
{
	*ret = w->cache;
	ret->host = tree->fd < 0;
	ret->tree = ret->host ? "host" : tree->digest;
	return *ret->tree;
}

static int move_to(struct tree_switch *w, const struct handover *h, struct warden *warden,
		   struct tree_place *tree, struct switch_left *old, struct switch_languages *l,
		   struct err *err)
{
	struct service *s = w->service;
	struct engine_home home = { .languages = &l->set, .cold = h->cold };
	struct cache_config cache;
	int r = native_take(s->loop, TAKE_FD(warden->sock), &h->native, &home.backend, err);

	if (r < 0)
		return r;
	home.cache = cache_config(w, tree, &cache) ? &cache : NULL;
	r = engine_switch(s->engine, &home, on_left, old);
	if (r < 0) {
		home.backend->ops->free(home.backend);
		return err_set(err, r, "move the engine");
	}
	exchange(w, old, home.backend, warden, tree, l, h);
	return 0;
}

static int move(struct tree_switch *w, const struct handover *h, struct warden *warden,
		struct tree_place *tree, struct err *err)
{
	struct switch_left *old = calloc(1, sizeof(*old));
	struct switch_languages *l;
	int r = -EIO;

	if (!old)
		return err_set(err, ENOMEM, "move");
	l = languages_new(w, h, tree, err);
	if (l)
		r = move_to(w, h, warden, tree, old, l, err);
	if (r == 0)
		return 0;
	if (l)
		languages_free(l);
	free(old);
	return r;
}

static int take(struct tree_switch *w, const struct handover *h, const int *fds, struct err *err)
{
	struct warden warden = { .sock = fds[HANDOVER_WARDEN], .pidfd = fds[HANDOVER_PIDFD] };
	struct tree_place tree = TREE_PLACE_INIT;
	int r;

	warden.gate_uid = w->service->warden.gate_uid;
	if (*h->tree) {
		snprintf(tree.path, sizeof(tree.path), "%s", h->tree);
		memcpy(tree.digest, h->tree_digest, sizeof(tree.digest));
		tree.fd = fds[HANDOVER_TREE];
		tree.dev = h->tree_dev;
		tree.ino = h->tree_ino;
	}
	r = move(w, h, &warden, &tree, err);
	place_done(&tree);
	fd_drop(&warden.sock);
	fd_drop(&warden.pidfd);
	if (r < 0)
		return r;
	r = watch_warden(w);
	if (r >= 0)
		r = w->hooks.taken(w->hooks.user, h, &w->now->arena);
	if (r < 0)
		log_event(LOG_LEVEL_ERROR, "the new boxes are not told of in full: %s",
			  strerror(-r));
	tell(w, h);
	return 0;
}

/* ---- the keeper ---- */

static void ask(struct tree_switch *w)
{
	int r = keeper_ask(&w->keeper, &w->service->identity);

	w->again = false;
	w->asked = r == 0;
	if (r < 0)
		log_event(LOG_LEVEL_ERROR, "boxes stay as they are: the keeper is gone");
}

static void heard(struct tree_switch *w, const struct handover *h, int *fds, size_t nfds)
{
	struct err err = ERR_INIT;
	int r = -EPROTO;

	if (h->kind == HANDOVER_READY && nfds == (*h->tree ? HANDOVER_FDS : HANDOVER_TREE))
		r = take(w, h, fds, &err);
	else
		while (nfds > 0)
			close(fds[--nfds]);
	if (h->kind == HANDOVER_SAME)
		log_event(LOG_LEVEL_INFO, "boxes are as they were");
	else if (h->kind == HANDOVER_FAILED)
		log_event(LOG_LEVEL_ERROR, "boxes stay as they are: %s", h->text);
	else if (h->kind == HANDOVER_READY && r < 0)
		log_event(LOG_LEVEL_ERROR, "boxes stay as they are: %s",
			  *err.text ? err.text : "the keeper is not understood");
	w->asked = false;
	if (w->again)
		ask(w);
	if (!w->asked)
		w->hooks.over(w->hooks.user);
}

static int on_keeper(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct tree_switch *w = user;
	static struct handover h;
	int fds[HANDOVER_FDS];
	size_t nfds;
	int r = keeper_hear(&w->keeper, &h, fds, &nfds);

	if (r == -EAGAIN)
		return 0;
	if (r > 0) {
		heard(w, &h, fds, nfds);
		return 0;
	}
	log_event(LOG_LEVEL_ERROR, "the keeper is gone: another tree takes a restart");
	switch_hush(w);
	if (w->asked)
		w->hooks.over(w->hooks.user);
	w->asked = false;
	return 0;
}

bool switch_can(const struct tree_switch *w)
{
	return w->keeper.sock >= 0;
}

void switch_ask(struct tree_switch *w)
{
	if (switch_can(w) && w->asked)
		w->again = true;
	else if (switch_can(w))
		ask(w);
	if (!w->asked)
		w->hooks.over(w->hooks.user);
}

/* ---- birth and end ---- */

int switch_open(struct tree_switch *w, struct service *service, const struct keeper_config *config,
		struct err *err)
{
	char missing[256];

	w->service = service;
	TAILQ_INIT(&w->left);
	if (service->docker.on || !privilege_enough(missing, sizeof(missing)))
		return 0;
	w->languages_fd = open(service->paths.languages_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->languages_fd < 0)
		return err_set(err, errno, "open %s", service->paths.languages_dir);
	return keeper_start(config, &w->keeper, err);
}

int switch_watch(struct tree_switch *w, const struct switch_hooks *hooks,
		 const struct cache_config *cache, struct err *err)
{
	int r;

	w->hooks = *hooks;
	w->cache = *cache;
	r = watch_warden(w);
	if (r >= 0 && switch_can(w))
		r = sd_event_add_io(w->service->loop, &w->source, w->keeper.sock, EPOLLIN,
				    on_keeper, w);
	return r < 0 ? err_set(err, r, "watch the warden") : 0;
}

void switch_hush(struct tree_switch *w)
{
	loop_source_drop(&w->source);
	keeper_hush(&w->keeper);
}

void switch_close(struct tree_switch *w)
{
	switch_hush(w);
	loop_source_drop(&w->warden);
}

void switch_done(struct tree_switch *w)
{
	struct switch_left *l;

	while (w->service && (l = TAILQ_FIRST(&w->left)))
		left_free(l);
	if (w->now)
		language_drop(&w->now->use);
	fd_drop(&w->languages_fd);
	keeper_stop(&w->keeper);
	*w = (struct tree_switch)SWITCH_INIT;
}
