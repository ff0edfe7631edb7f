/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See owner.h.  A container whose owner died ends by itself, since its stdin ends; what is left is a name and a
 * layer on the engine's disk.  Where we see the same processes as its owner, it is removed if that is dead and left alone
 * if it lives; else it is left while it runs, and for a minute after.
 */
#include "backend/docker/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/docker/spec.h"
#include "base/cleanup.h"
#include "base/fd.h"

#define YOUNG_SEC 60 /* another instance may be about to start it, or to remove it */
#define FILTER "%7B%22label%22%3A%5B%22" SPEC_LABEL "%3D1%22%5D%7D" /* {"label":["…=1"]} */

static int read_text(const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : fd_read_text(fd, text, size);

	if (n < 0)
		return (int)n;
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/* Field 22 of /proc/PID/stat, behind the name, which may hold anything. */
static int start_time(long pid, unsigned long long *ret)
{
	char path[64], text[1024];
	const char *at;
	int r;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	r = read_text(path, text, sizeof(text));
	if (r < 0)
		return r;
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	*ret = at ? strtoull(at + 1, NULL, 10) : 0;
	return at ? 0 : -EPROTO;
}

/* "BOOT/PIDNS", which two processes share that see each other. */
static int world(char *text, size_t size)
{
	char boot[64], ns[64];
	ssize_t n = readlink("/proc/self/ns/pid", ns, sizeof(ns) - 1);
	int r = read_text("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));

	if (n < 0 || r < 0)
		return n < 0 ? -errno : r;
	ns[n] = '\0';
	snprintf(text, size, "%s/%s", boot, ns);
	return 0;
}

int owner_name(char *text, size_t size)
{
	unsigned long long started;
	int r = start_time(getpid(), &started);

	if (r == 0)
		r = world(text, size);
	if (r < 0)
		return r;
	snprintf(text + strlen(text), size - strlen(text), "/%ld/%llu", (long)getpid(), started);
	return 0;
}

static bool is_dead(const char *owner)
{
	unsigned long long then, now;
	char ours[160];
	size_t len;
	long pid;

	if (world(ours, sizeof(ours)) < 0)
		return false;
	len = strlen(ours);
	if (strncmp(owner, ours, len) != 0 || sscanf(owner + len, "/%ld/%llu", &pid, &then) != 2)
		return false;
	/* What hidepid hides is no less alive. */
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return true;
	return start_time(pid, &now) == 0 && now != then;
}

static bool is_ours_to_see(const char *owner)
{
	char ours[160];

	return world(ours, sizeof(ours)) == 0 && strncmp(owner, ours, strlen(ours)) == 0;
}

/* How long ago it ended, or, where it never ran, was made; 0 where that cannot be told. */
static long rest_sec(struct api *a, const char *id, json_int_t created)
{
	struct err ignored = ERR_INIT;
	json_t *all = NULL;
	struct tm tm = { 0 };
	const char *text;
	char path[128];
	time_t at = 0;

	snprintf(path, sizeof(path), "/containers/%s/json", id);
	if (api_wait(a, "GET", path, NULL, NULL, &all, &ignored) < 0)
		return 0;
	text = json_string_value(json_object_get(json_object_get(all, "State"), "FinishedAt"));
	if (text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) && tm.tm_year > 100)
		at = timegm(&tm);
	json_decref(all);
	return (long)(time(NULL) - (at ? at : (time_t)created));
}

static bool is_left(struct api *a, const json_t *c, const char *id, const char *us)
{
	const char *state = json_string_value(json_object_get(c, "State"));
	const char *owner =
		json_string_value(json_object_get(json_object_get(c, "Labels"), SPEC_LABEL_OWNER));
	json_int_t created = json_integer_value(json_object_get(c, "Created"));

	if (!state || !owner || strcmp(owner, us) == 0)
		return false;
	if (is_dead(owner))
		return true;
	if (is_ours_to_see(owner) || strcmp(state, "running") == 0)
		return false; /* its owner lives, and will remove it */
	return rest_sec(a, id, created) > YOUNG_SEC;
}

int owner_remove_leftovers(struct api *a, const char *us, unsigned *ret_removed, struct err *err)
{
	json_t *list = NULL, *c;
	size_t i;
	int r = api_wait(a, "GET", "/containers/json?all=1&filters=" FILTER, NULL, NULL, &list,
			 err);

	*ret_removed = 0;
	if (r < 0)
		return r;
	json_array_foreach(list, i, c) {
		const char *id = json_string_value(json_object_get(c, "Id"));
		struct err ignored = ERR_INIT;
		char path[128];

		if (!id || strlen(id) != 64 || !is_left(a, c, id, us))
			continue;
		snprintf(path, sizeof(path), "/containers/%s?force=1&v=1", id);
		/* Somebody else may be removing the same one. */
		if (api_wait(a, "DELETE", path, NULL, NULL, NULL, &ignored) == 0)
			++*ret_removed;
	}
	json_decref(list);
	return 0;
}
