/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See host.h.  /info says what the daemon believes it can enforce; whether it does is found by programs that try
 * (engine/probe).  What it merely warns of and goes on without (a limit that the kernel lacks) would be a box
 * without that limit: so it is asked before.
 */
#include "backend/docker/host.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "backend/docker/owner.h"
#include "base/cleanup.h"

const struct docker_fact_info docker_facts[DOCKER_FACTS_COUNT] = {
#define DOCKER_FACT_ROW(id, name, required, doc, cure) \
	[DOCKER_##id] = { name, required, doc, cure },
	DOCKER_FACTS(DOCKER_FACT_ROW)
};

static void found(struct docker_findings *f, enum docker_fact fact, bool ok, const char *detail)
{
	f->facts[fact].state = ok ? DOCKER_OK : DOCKER_MISSING;
	snprintf(f->facts[fact].detail, sizeof(f->facts[fact].detail), "%s", detail);
}

static bool has_security(const json_t *info, const char *name)
{
	json_t *options = json_object_get(info, "SecurityOptions"), *o;
	size_t i;

	json_array_foreach(options, i, o) {
		const char *text = json_string_value(o), *at = text ? strstr(text, name) : NULL;

		if (at && (at[strlen(name)] == '\0' || at[strlen(name)] == ','))
			return true;
	}
	return false;
}

static void find_limit(struct docker_findings *f, enum docker_fact fact, const json_t *info,
		       const char *key)
{
	const json_t *v = json_object_get(info, key);
	char detail[100] = "";

	if (!json_is_true(v))
		snprintf(detail, sizeof(detail), "the daemon's info says %s: %s", key,
			 v ? "false" : "nothing");
	found(f, fact, json_is_true(v), detail);
}

static void find_runtime(struct docker_findings *f, const json_t *info, const char *wanted,
			 struct host *h)
{
	const json_t *all = json_object_get(info, "Runtimes");
	const char *standard = json_string_value(json_object_get(info, "DefaultRuntime"));
	char detail[160];

	if (wanted && !json_object_get(all, wanted)) {
		snprintf(detail, sizeof(detail), "the daemon knows no runtime \"%.60s\"", wanted);
		found(f, DOCKER_RUNTIME, false, detail);
		return;
	}
	snprintf(h->runtime, sizeof(h->runtime), "%s", wanted ? wanted : "");
	h->spec.runtime = wanted ? h->runtime : NULL;
	found(f, DOCKER_RUNTIME, true, wanted ? wanted : standard ? standard : "");
}

/* The whole disk behind a path of this host, as the engine wants it named; rates are the disk's, not a partition's. */
static bool find_disk(const char *path, char *device, size_t size)
{
	char link[64], target[PATH_MAX], *last;
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	if (!realpath(link, target))
		return false;
	last = strrchr(target, '/');
	strncat(target, "/partition", sizeof(target) - strlen(target) - 1);
	if (access(target, F_OK) == 0) {
		*last = '\0';
		last = strrchr(target, '/');
	} else {
		target[strlen(target) - strlen("/partition")] = '\0';
	}
	snprintf(device, size, "/dev/%.50s", last + 1);
	return access(device, F_OK) == 0;
}

static void find_io(struct docker_findings *f, const json_t *info, const char *host, struct host *h)
{
	const char *root = json_string_value(json_object_get(info, "DockerRootDir"));
	bool ours = strncmp(host, "unix://", 7) == 0;
	bool ok = ours && root && find_disk(root, h->device, sizeof(h->device));

	h->spec.device = ok ? h->device : NULL;
	found(f, DOCKER_IO, ok,
	      ok      ? h->device
	      : !ours ? "the engine is on another host, whose disks are not known here"
		      : "its data lies on no disk that can be bounded");
}

static int find_image(struct api *a, const char *name, struct host *h, struct docker_findings *f,
		      struct err *err)
{
	struct err why = ERR_INIT;
	json_t *image = NULL;
	char path[300];
	const char *id;
	long status = 0;
	int r;

	if (strlen(name) > 200 || strpbrk(name, " ?#%\\\"")) {
		found(f, DOCKER_IMAGE, false, "that is no image's name");
		return 0;
	}
	snprintf(path, sizeof(path), "/images/%s/json", name);
	r = api_wait(a, "GET", path, NULL, &status, &image, &why);
	id = json_string_value(json_object_get(image, "Id"));
	if (r == 0 && id) {
		snprintf(h->image_id, sizeof(h->image_id), "%s", id);
		h->spec.image_id = h->image_id;
		found(f, DOCKER_IMAGE, true, h->image_id);
	} else if (status == 404) {
		found(f, DOCKER_IMAGE, false, "the engine has no such image");
	} else {
		json_decref(image);
		return err_set(err, 0, "look for the image: %s", why.text), r < 0 ? r : -EPROTO;
	}
	json_decref(image);
	return 0;
}

static void find_walls(struct docker_findings *f, const json_t *info, struct host *h)
{
	find_limit(f, DOCKER_MEMORY, info, "MemoryLimit");
	find_limit(f, DOCKER_SWAP, info, "SwapLimit");
	find_limit(f, DOCKER_PIDS, info, "PidsLimit");
	find_limit(f, DOCKER_CPU, info, "CpuCfsQuota");
	found(f, DOCKER_SECCOMP, has_security(info, "name=seccomp"),
	      has_security(info, "name=seccomp") ? "" : "the daemon's info lists no seccomp");
	h->spec.userns = has_security(info, "name=userns") || has_security(info, "name=rootless");
	found(f, DOCKER_USERNS, h->spec.userns,
	      h->spec.userns ? "" : "an escape would be a plain user of the engine's host");
	h->spec.apparmor = has_security(info, "name=apparmor");
	found(f, DOCKER_LSM, h->spec.apparmor,
	      h->spec.apparmor ? "" : "the daemon's info lists no AppArmor");
	h->spec.cgroup2 =
		!strcmp(json_string_value(json_object_get(info, "CgroupVersion")) ?: "1", "2");
}

int host_examine(struct api *a, const struct docker_config *c, struct host *ret,
		 struct docker_findings *findings, struct err *err)
{
	json_t *info = NULL;
	char detail[120];
	int r;

	snprintf(ret->engine, sizeof(ret->engine), "%s", api_engine_version(a));
	snprintf(detail, sizeof(detail), "Docker Engine %.60s", ret->engine);
	found(findings, DOCKER_ENGINE, true, detail);
	snprintf(detail, sizeof(detail), "1.%u", api_minor(a));
	found(findings, DOCKER_API, true, detail);
	r = api_wait(a, "GET", "/info", NULL, NULL, &info, err);
	if (r == 0) {
		find_walls(findings, info, ret);
		find_runtime(findings, info, c->runtime, ret);
		find_io(findings, info, c->host, ret);
		r = find_image(a, c->image, ret, findings, err);
	}
	json_decref(info);
	if (r < 0)
		return r;
	if ((r = owner_name(ret->owner, sizeof(ret->owner))) < 0)
		return err_set(err, r, "find out who we are");
	ret->spec.owner = ret->owner;
	ret->spec.api_minor = api_minor(a);
	ret->spec.programs = c->programs;
	return spec_profile(c->profile, (char **)(uintptr_t)&ret->spec.seccomp, err);
}

void host_done(struct host *h)
{
	free((char *)(uintptr_t)h->spec.seccomp);
	h->spec.seccomp = NULL;
}

int host_require(const struct docker_findings *f, struct err *err)
{
	for (size_t i = 0; i < DOCKER_FACTS_COUNT; i++)
		if (docker_facts[i].required && f->facts[i].state == DOCKER_MISSING) {
			err_set(err, 0, "%s: %s; to get it: %s", docker_facts[i].name,
				f->facts[i].detail, docker_facts[i].cure);
			return -ENOTSUP;
		}
	return 0;
}
