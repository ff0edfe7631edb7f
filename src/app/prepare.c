/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See prepare.h.  The order is that of a start (service.h), and so is every check; two are added.  What nobody changed is not
 * made anew, and a tree that has a manifest is read whole: a service that runs has more to lose than one that starts.
 */
#include "app/prepare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "tree/manifest.h"

#define PREPARE_NICE 10
#define ARENA_BYTES (4u << 20)

struct preparing {
	const struct prepare *prepare;
	struct service service;
	struct settings settings;
	struct arena arena; /* of the settings */
	struct handover h;
	int fds[HANDOVER_FDS];
	size_t nfds;
};

/* ---- as root ---- */

static int read_settings(struct preparing *x, struct err *err)
{
	const struct keeper_config *c = x->prepare->config;

	x->settings = *c->settings;
	return c->tree ? c->tree(c->user, &x->arena, &x->settings.tree, err) : 0;
}

/* Frames have no version: launchers and zygotes must be those that the service's warden was built with. */
static int check_build(const struct preparing *x, struct err *err)
{
	struct identity now;

	identity_of_build(&x->service.paths, &now);
	if (identity_same(&now, &x->prepare->build))
		return 0;
	return err_set(err, 0,
		       "kodewar itself is another one on disk by now: that takes a restart"),
	       -ESTALE;
}

static int check_tree(const struct preparing *x, struct err *err)
{
	const struct service *s = &x->service;
	char why[ERR_TEXT_BYTES / 2] = "";
	FILE *to;
	int r;

	if (s->tree.fd < 0 || !*s->tree.digest)
		return 0;
	to = fmemopen(why, sizeof(why), "w");
	if (!to)
		return err_set(err, errno, "verify %s", s->tree.path);
	r = manifest_verify(s->tree.path, NULL, to, err);
	fclose(to);
	why[strcspn(why, "\n")] = '\0';
	if (r > 0)
		return err_set(err, 0, "tree: %s is not as its manifest says: %s", s->tree.path,
			       why),
		       -EBADMSG;
	return r;
}

static void describe(struct preparing *x)
{
	const struct service *s = &x->service;
	struct handover *h = &x->h;

	h->identity = s->identity;
	identity_of_languages(&s->languages, &h->languages);
	h->nlanguages = (uint32_t)s->languages.len;
	for (size_t i = 0; i < s->languages.len; i++)
		h->absent[i] = s->languages.langs[i].absent;
	h->tree_dev = s->tree.dev;
	h->tree_ino = s->tree.ino;
	snprintf(h->tree, sizeof(h->tree), "%s", s->tree.path);
	snprintf(h->tree_digest, sizeof(h->tree_digest), "%s", s->tree.digest);
}

/* 0, or 1: nothing changed; or a negative errno. */
static int look(struct preparing *x, struct err *err)
{
	struct service *s = &x->service;
	int r = read_settings(x, err);

	if (r == 0)
		r = service_load(s, &x->settings, err);
	if (r == 0)
		r = service_look(s, err);
	if (r < 0)
		return r;
	if (identity_same(&s->identity, &x->prepare->have))
		return 1;
	if (s->languages.len > HANDOVER_LANGUAGES_MAX)
		return err_set(err, E2BIG, "languages: more than %d", HANDOVER_LANGUAGES_MAX);
	describe(x);
	r = check_build(x, err);
	return r < 0 ? r : check_tree(x, err);
}

static int start(struct preparing *x, struct err *err)
{
	struct service *s = &x->service;
	int r = service_start(s, x->prepare->config->lanes, err);

	if (r < 0)
		return r;
	if (write(x->prepare->keeper, &s->warden.pid, sizeof(s->warden.pid)) < 0)
		return err_set(err, errno, "tell the warden's number");
	s->prepared = true;
	return service_enter(s, err);
}

/* ---- without rights ---- */

static int prove_layers(struct preparing *x, struct err *err)
{
	char missing[ERR_TEXT_BYTES - 64];
	int r = service_probe(&x->service, &x->h.layers, err);

	if (r < 0)
		return r;
	if (probe_required_ok(&x->h.layers, missing, sizeof(missing)))
		return 0;
	return err_set(err, 0, "required layers do not hold there: %s", missing), -ENOTSUP;
}

static int prove_runner(struct preparing *x, size_t language, struct err *err)
{
	struct service *s = &x->service;
	const struct language *l = &s->languages.langs[language];
	enum runner_mode mode = x->settings.runner;
	struct warm_report *report;
	int r;

	if (x->h.nrunners >= HANDOVER_RUNNERS_MAX)
		return err_set(err, E2BIG, "languages: more than %d with a warm runner",
			       HANDOVER_RUNNERS_MAX);
	report = &x->h.runners[x->h.nrunners].report;
	x->h.runners[x->h.nrunners++].language = (uint32_t)language;
	r = warm_try(s->loop, s->engine, s->backend, &s->planner, l, mode != RUNNER_MODE_WARM,
		     report, err);
	if (r < 0)
		return r;
	if (report->state == WARM_OK) {
		s->planner.cold &= ~(1u << l->runner);
		return 0;
	}
	if (!x->prepare->config->strict || (mode != RUNNER_MODE_WARM && mode != RUNNER_MODE_POOLED))
		return 0;
	return err_set(err, 0, "no warm %s there: %s", l->name, report->text), -ENOTSUP;
}

static int prove_runners(struct preparing *x, struct err *err)
{
	struct service *s = &x->service;
	enum runner_mode mode = x->settings.runner;
	int r = 0;

	if (mode == RUNNER_MODE_COLD)
		return 0;
	engine_set_pool(s->engine, mode != RUNNER_MODE_WARM);
	for (size_t i = 0; r == 0 && i < s->languages.len; i++)
		if (s->languages.langs[i].runner != RUNNER_EXEC)
			r = prove_runner(x, i, err);
	return r;
}

/* At a start nobody asks for this, since there is nothing to lose. The host's own languages are what they were. */
static int prove_languages(struct preparing *x, struct err *err)
{
	struct service *s = &x->service;
	struct warm_report report;
	int r = 0;

	for (size_t i = 0; r == 0 && s->tree.fd >= 0 && i < s->languages.len; i++) {
		const struct language *l = &s->languages.langs[i];

		if (l->absent)
			continue;
		r = warm_greet(s->loop, s->engine, &s->planner, l, &report, err);
		if (r == 0 && report.state != WARM_OK)
			return err_set(err, 0, "%s does not work there: %s", language_id(l),
				       report.text),
			       -ENOTSUP;
	}
	return r;
}

static int give(struct preparing *x, struct err *err)
{
	struct service *s = &x->service;
	int sock = native_give(s->backend, &x->h.native);

	if (sock < 0)
		return err_set(err, sock, "hand the boxes over");
	if (x->h.native.lost || x->h.native.stuck)
		return err_set(err, 0, "a lane was lost there"), -EIO;
	x->h.cold = s->planner.cold;
	x->h.kind = HANDOVER_READY;
	x->fds[HANDOVER_WARDEN] = sock;
	x->fds[HANDOVER_PIDFD] = s->warden.pidfd;
	x->fds[HANDOVER_TREE] = s->tree.fd;
	x->nfds = s->tree.fd >= 0 ? HANDOVER_FDS : HANDOVER_TREE;
	return 0;
}

int prepare_run(const struct prepare *p)
{
	static struct preparing x = { .service = SERVICE_INIT };
	struct err err = ERR_INIT;
	int r;

	x.prepare = p;
	setpriority(PRIO_PROCESS, 0, PREPARE_NICE);
	arena_init(&x.arena, ARENA_BYTES);
	r = look(&x, &err);
	if (r == 0) {
		r = start(&x, &err);
		if (r == 0)
			r = prove_layers(&x, &err);
		if (r == 0)
			r = prove_languages(&x, &err);
		if (r == 0)
			r = prove_runners(&x, &err);
		if (r == 0)
			r = give(&x, &err);
	} else if (r > 0) {
		x.h.kind = HANDOVER_SAME;
		r = 0;
	}
	if (r < 0) {
		x.h.kind = HANDOVER_FAILED;
		snprintf(x.h.text, sizeof(x.h.text), "%s", err.text);
	}
	return fd_send_frame(p->sock, &x.h, sizeof(x.h), x.fds, x.nfds);
}
