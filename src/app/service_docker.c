/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See service_docker.h.  Whoever reaches an engine's socket can be root of its host, so dropping root for the socket's
 * group does not make this process harmless; it does take from it everything else that root could do by mistake.
 */
#include "app/service_docker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/service.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/profile_json.h"
#include "sandbox/runner/container/inbox.h"
#include "sandbox/slot.h"

#define STANDARD_HOST "unix:///var/run/docker.sock"
#define STANDARD_IMAGE "kodewar-sandbox"
#define FILE_MAX_BYTES (1u << 20)

void service_docker_load(struct service_docker *d, const struct settings *settings)
{
	d->on = settings->backend == BACKEND_DOCKER;
	d->tls_dir = settings->docker_tls;
	d->config.host = settings->docker_host ? settings->docker_host : STANDARD_HOST;
	d->config.image = settings->docker_image ? settings->docker_image : STANDARD_IMAGE;
	d->config.runtime = settings->docker_runtime;
}

static int read_file(struct service *s, const char *path, struct text *ret, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", path);
	if (st.st_size > FILE_MAX_BYTES)
		return err_set(err, EFBIG, "%s", path);
	text = arena_alloc(&s->arena, (size_t)st.st_size + 1);
	if (!text)
		return err_set(err, ENOMEM, "%s", path);
	n = fd_read_full(fd, text, (size_t)st.st_size);
	if (n < 0)
		return err_set(err, (int)n, "%s", path);
	*ret = (struct text){ text, (size_t)n };
	return 0;
}

static int read_profile(struct service *s, struct err *err)
{
	struct service_docker *d = &s->docker;
	struct profile profile;
	int r = profile_json_load(s->paths.profile, &s->arena, &profile, err);

	if (r == 0)
		r = seccomp_compile(&profile, SECCOMP_WHOLE_QUIET, &d->filter, err);
	if (r == 0)
		r = read_file(s, s->paths.profile, &d->config.profile, err);
	d->config.filter = d->filter.insns;
	d->config.filter_len = d->filter.len;
	return r < 0 ? err_wrap(err, "the seccomp profile") : 0;
}

static int read_tls(struct service *s, struct err *err)
{
	struct docker_config *c = &s->docker.config;
	const struct {
		const char *name;
		struct text *into;
	} files[] = { { "ca.pem", &c->ca }, { "cert.pem", &c->cert }, { "key.pem", &c->key } };
	int r = 0;

	for (size_t i = 0; s->docker.tls_dir && r == 0 && i < ARRAY_SIZE(files); i++) {
		const char *path =
			arena_printf(&s->arena, "%s/%s", s->docker.tls_dir, files[i].name);

		r = path ? read_file(s, path, files[i].into, err) : err_set(err, ENOMEM, "TLS");
	}
	return r < 0 ? err_wrap(err, "--docker-tls") : 0;
}

static bool is_listed(const char **list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* What languages start by its path; hello tells which of them an image has. */
static int list_programs(struct service *s, struct err *err)
{
	const char **all = arena_alloc_array(&s->arena, INBOX_PROGRAMS_MAX + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return err_set(err, ENOMEM, "list the languages' programs");
	for (size_t i = 0; i < s->languages.len; i++) {
		const struct language *l = &s->languages.langs[i];
		const char *const own[] = { l->version_argv[0],
					    l->compile_argv ? l->compile_argv[0] : NULL,
					    l->run_argv[0] };

		for (size_t k = 0; k < ARRAY_SIZE(own) && n < INBOX_PROGRAMS_MAX; k++)
			if (own[k] && own[k][0] == '/' && !is_listed(all, n, own[k]))
				all[n++] = own[k];
	}
	s->docker.config.programs = all;
	return 0;
}

/* Of root nothing is kept but the group that the socket belongs to. */
static void choose_identity(struct service *s)
{
	const char *path = s->docker.config.host + strlen("unix://");
	struct stat st;

	s->gate_uid = s->gate_gid = getuid();
	if (geteuid() != 0)
		return;
	s->gate_uid = s->gate_gid = SLOT_GATE_UID;
	if (strncmp(s->docker.config.host, "unix://", 7) == 0 && stat(path, &st) == 0)
		s->gate_gid = st.st_gid;
}

static void on_trouble(const char *job, const char *why)
{
	log_event(LOG_LEVEL_ERROR, "container not made job=%s error=%s", job, why);
}

int service_docker_start(struct service *s, unsigned lanes, struct err *err)
{
	int r = read_profile(s, err);

	if (r < 0) {
		s->docker.findings.facts[DOCKER_PROFILE].state = DOCKER_MISSING;
		snprintf(s->docker.findings.facts[DOCKER_PROFILE].detail,
			 sizeof(s->docker.findings.facts[0].detail), "%.199s", err->text);
		return r;
	}
	s->docker.config.on_trouble = on_trouble;
	r = read_tls(s, err);
	if (r == 0)
		r = list_programs(s, err);
	if (r == 0)
		r = service_load_probe(s, err);
	if (r < 0)
		return r;
	choose_identity(s);
	s->lanes = s->docker.config.lanes = lanes;
	s->docker.config.spares = s->unprobed ? 0 : lanes;
	s->probe.container = true;
	s->probe.limits = s->docker.config.ahead;
	return 0;
}

int service_docker_enter(struct service *s, struct err *err)
{
	return docker_new(s->loop, &s->docker.config, &s->backend, &s->docker.findings, err);
}

int service_docker_probed(struct service *s, int r, struct err *err)
{
	const struct docker_findings *f = &s->docker.findings;

	docker_tell_container(s->backend, &s->docker.findings);
	if (r < 0 || f->facts[DOCKER_CONTAINER].state == DOCKER_OK)
		return r;
	err_set(err, 0, "no container of %.100s could be started: %s; to get it: %s",
		s->docker.config.image, f->facts[DOCKER_CONTAINER].detail,
		docker_facts[DOCKER_CONTAINER].cure);
	return -ENOTSUP;
}

void service_docker_done(struct service_docker *d)
{
	seccomp_program_done(&d->filter);
}

/* What the image lacks of it, NULL: nothing that we know of. */
static const char *first_missing(const struct service *s, const struct language *l)
{
	const char *const own[] = { l->compile_argv ? l->compile_argv[0] : l->run_argv[0],
				    l->run_argv[0], l->version_argv[0] };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (docker_has(s->backend, own[i]) == 0)
			return own[i];
	return NULL;
}

bool service_docker_has(const struct service *s, const struct language *l)
{
	return !first_missing(s, l);
}

static int check_programs(const struct service *s, const struct plan *plan, const char *field,
			  struct refusal *refusal)
{
	const char *missing = first_missing(s, plan->language);

	if (!missing)
		return 0;
	return refusal_set(refusal, field, "%s needs %s, which the image %.100s does not have",
			   plan->language->name, missing, docker_image(s->backend));
}

int service_docker_check(const struct service *s, const struct plan *plan, struct refusal *refusal)
{
	int r = s->docker.on ? check_programs(s, plan, "language", refusal) : 0;

	if (r == 0 && s->docker.on && plan->checker)
		r = check_programs(s, plan->checker, "checker.language", refusal);
	if (r == 0 && s->docker.on && plan->interactor)
		r = check_programs(s, plan->interactor, "interactor.language", refusal);
	return r;
}
