/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See paths.h.  The binary's own place is asked of the kernel, not of argv[0] or the environment, which
 * a caller of a privileged program may choose.
 */
#include "app/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Directory of the running binary. */
static int own_dir(char dir[static PATH_MAX], struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return err_set(err, errno, "find our own binary (is /proc mounted?)");
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (!slash)
		return err_set(err, ENOENT, "find our own binary");
	*slash = '\0';
	return 0;
}

/* dir is TREE/build*, and TREE has our languages: *ret_tree is TREE. */
static bool in_source_tree(const char *dir, struct arena *arena, char **ret_tree)
{
	const char *slash = strrchr(dir, '/');
	const char *probe;

	if (!slash || strncmp(slash + 1, "build", 5) != 0)
		return false;
	*ret_tree = arena_strndup(arena, dir, (size_t)(slash - dir));
	probe = *ret_tree ? arena_printf(arena, "%s/languages", *ret_tree) : NULL;
	return probe && access(probe, X_OK) == 0;
}

static void choose(const struct settings *s, struct paths *p)
{
	if (s->languages_dir)
		p->languages_dir = s->languages_dir;
	if (s->profile)
		p->profile = s->profile;
	if (s->log_dir)
		p->log_dir = s->log_dir;
	if (s->serve.state_dir)
		p->state_dir = s->serve.state_dir;
}

/* Every part of its path is looked at, from the root on. */
static int absolute(const char *path, struct arena *arena, const char **ret, struct err *err)
{
	char cwd[PATH_MAX];

	if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return err_set(err, errno, "find the current directory");
	*ret = path[0] == '/' ? path : arena_printf(arena, "%s/%s", cwd, path);
	return *ret ? 0 : err_set(err, ENOMEM, "find our files");
}

static int find_helpers(const char *dir, struct arena *arena, struct paths *p)
{
	const struct {
		const char **to, *name;
	} helpers[] = {
		{ &p->launcher, "kodewar-launcher" },
		{ &p->probe, "kodewar-probe" },
		{ &p->unpack, "kodewar-unpack" },
		{ &p->python, "kodewar-python" },
		{ &p->node_addon, "kodewar-node.node" },
		{ &p->node_preload, "kodewar-node.js" },
		{ &p->node_place, "kodewar-node-place.so" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		if (!(*helpers[i].to = arena_printf(arena, "%s/%s", dir, helpers[i].name)))
			return -ENOMEM;
	return 0;
}

int paths_find(const struct settings *s, struct arena *arena, struct paths *ret, struct err *err)
{
	char dir[PATH_MAX], *tree;
	const char *helpers = KODEWAR_LIBEXECDIR;
	struct paths p = {
		.languages_dir = KODEWAR_DATADIR "/languages",
		.profile = KODEWAR_DATADIR "/profiles/seccomp.json",
		.log_dir = KODEWAR_LOGDIR,
		.state_dir = KODEWAR_STATEDIR,
		.trees_dir = KODEWAR_TREESDIR,
	};
	int r = own_dir(dir, err);

	if (r < 0)
		return r;
	if (in_source_tree(dir, arena, &tree)) {
		p.languages_dir = arena_printf(arena, "%s/languages", tree);
		p.profile = arena_printf(arena, "%s/profiles/seccomp.json", tree);
		p.log_dir = arena_printf(arena, "%s/backend/logs", tree);
		p.state_dir = arena_printf(arena, "%s/state", dir);
		p.trees_dir = arena_printf(arena, "%s/trees", dir);
		helpers = dir;
	}
	r = find_helpers(helpers, arena, &p);
	if (r < 0 || !p.languages_dir || !p.profile || !p.log_dir || !p.state_dir || !p.trees_dir)
		return err_set(err, ENOMEM, "find our files");
	choose(s, &p);
	if (s->trees_dir && (r = absolute(s->trees_dir, arena, &p.trees_dir, err)) < 0)
		return r;
	*ret = p;
	return 0;
}
