/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar tree`: what boxes see as their root, made, looked at and removed.  Each action is one row of a table.  What
 * makes a tree works beside the others and puts the whole of it in place at the end (tree/make.h).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "app/answer.h"
#include "app/command.h"
#include "app/privilege.h"
#include "app/service.h"
#include "app/tree_progress.h"
#include "base/cleanup.h"
#include "tree/build.h"
#include "tree/import.h"

#define TREES_MAX 1000

struct job {
	const struct settings *settings;
	struct service service; /* its files and languages */
	const char *trees, *name, *file;
};

/* ---- making ---- */

static int finish(struct tree_make *m, struct progress *p, const char *made, struct err *err)
{
	struct manifest_head head;
	int r;

	progress_stage(p, "digest of every file");
	r = make_finish(m, made, &p->tell, &head, err);
	progress_end(p);
	if (r == 0)
		printf("%s/%s: %" PRIu64 " files, %" PRIu64 " MiB, digest %s\n", m->trees, m->name,
		       head.files, head.bytes >> 20, head.digest);
	return r;
}

static int build_in(struct tree_make *m, struct job *j, const struct tree_declaration *d,
		    struct err *err)
{
	struct progress p;
	char made[200];
	int r = 0;

	progress_init(&p, 2, j->settings->quiet);
	if (make_done(m, "packages")) {
		progress_skip(&p, "packages");
	} else {
		progress_stage(&p, "packages");
		progress_end(&p);
		r = build_packages(m, d, err);
		if (r == 0)
			r = make_mark(m, "packages", err);
	}
	snprintf(made, sizeof(made), "%s", d->aim);
	return r < 0 ? r : finish(m, &p, made, err);
}

/* What a language is made of its file says. */
static int add_languages(struct job *j, struct tree_declaration *d, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && d->languages[i]; i++) {
		const struct language *l = language_find(&j->service.languages, d->languages[i]);

		if (l && l->packages)
			r = build_add(d, l->packages, &j->service.arena, err);
		else
			r = (err_set(err, 0, "%s: languages: %s: %s",
				     j->settings->trees.declaration, d->languages[i],
				     l ? "no package is known for it"
				       : "there is no such language"),
			     -EINVAL);
	}
	return r;
}

static int build(struct job *j, struct err *err)
{
	struct tree_declaration d;
	struct tree_make m = { .lock_fd = -1 };
	int r = build_read(j->settings->trees.declaration, &j->service.arena, &d, err);

	if (r == 0)
		r = add_languages(j, &d, err);
	if (r == 0)
		r = privilege_require(err);
	if (r == 0)
		r = make_begin(&m, j->trees, j->name, d.aim, j->settings->trees.replace, err);
	if (r == 0)
		r = build_in(&m, j, &d, err);
	make_end(&m);
	return r;
}

static int import_in(struct tree_make *m, struct job *j, int fd, struct err *err)
{
	const struct tree_settings *s = &j->settings->trees;
	struct progress p;
	struct tree_import import = { j->service.paths.unpack, fd, s->max_bytes, s->max_files,
				      &p.tell };
	struct tree_imported got;
	char made[200];
	int r;

	progress_init(&p, 2, j->settings->quiet);
	progress_stage(&p, "unpack");
	r = import_archive(m, &import, &got, err);
	progress_end(&p);
	if (r < 0)
		return r;
	if (got.skipped && !j->settings->quiet)
		fprintf(stderr,
			"left out, since a tree has none: %" PRIu64 " devices or the like\n",
			got.skipped);
	snprintf(made, sizeof(made), "import of %s", got.image ? "an image" : "files");
	return finish(m, &p, made, err);
}

static int import(struct job *j, struct err *err)
{
	_cleanup_close_ int fd =
		strcmp(j->file, "-") == 0 ? dup(0) : open(j->file, O_RDONLY | O_CLOEXEC);
	struct tree_make m = { .lock_fd = -1 };
	int r = fd < 0 ? err_set(err, errno, "%s", j->file)
		       : make_begin(&m, j->trees, j->name, "import", j->settings->trees.replace,
				    err);

	if (r == 0)
		r = import_in(&m, j, fd, err);
	make_end(&m);
	return r;
}

/* ---- looking ---- */

static int only_trees(const struct dirent *e)
{
	return place_name_ok(e->d_name);
}

/* A part of one is told as that; a directory without a manifest has no digest. */
static int list_one(const struct job *j, const char *name, json_t *all)
{
	struct manifest_head head = { 0 };
	struct tree_place place = TREE_PLACE_INIT;
	struct err why = ERR_INIT;
	int r = place_open(j->trees, name, &place, &why);

	if (r == 0)
		manifest_read_head(place.path, &head, NULL);
	place_done(&place);
	if (r == -ENOTDIR || r == -ELOOP)
		return 0;
	if (j->settings->json)
		return json_array_append_new(
			all, json_pack("{s:s, s:s, s:I, s:I, s:s, s:s}", "name", name, "digest",
				       head.digest, "files", (json_int_t)head.files, "bytes",
				       (json_int_t)head.bytes, "made", head.made, "error",
				       r < 0 ? why.text : ""));
	if (r < 0)
		printf("%-16s %s\n", name, why.text);
	else
		printf("%-16s %8" PRIu64 " %6" PRIu64 " MiB  %-16.16s  %s\n", name, head.files,
		       head.bytes >> 20, *head.digest ? head.digest : "(no manifest)", head.made);
	return 0;
}

static int list(struct job *j, struct err *err)
{
	struct dirent **names = NULL;
	json_t *all = json_array();
	int n = scandir(j->trees, &names, only_trees, alphasort), r = 0;

	if (n < 0 && errno != ENOENT)
		r = err_set(err, errno, "%s", j->trees);
	if (r == 0 && !j->settings->json)
		printf("%-16s %8s %10s  %-16s  %s\n", "NAME", "FILES", "SIZE", "DIGEST", "MADE");
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = list_one(j, names[i]->d_name, all);
		free(names[i]);
	}
	free(names);
	if (r == 0 && j->settings->json) {
		json_dumpf(all, stdout, JSON_COMPACT);
		printf("\n");
	}
	json_decref(all);
	return r;
}

static int verify(struct job *j, struct err *err)
{
	struct tree_place place;
	struct progress p;
	int r = place_open(j->trees, j->name, &place, err);

	if (r < 0)
		return r;
	progress_init(&p, 1, j->settings->quiet);
	progress_stage(&p, "digest of every file");
	r = manifest_verify(place.path, &p.tell, stdout, err);
	progress_end(&p);
	if (r == 0)
		printf("%s: as it was made, digest %s\n", place.path, place.digest);
	place_done(&place);
	return r;
}

static int drop(struct job *j, struct err *err)
{
	int r = make_remove(j->trees, j->name, err);

	if (r == 0)
		printf("%s/%s: removed\n", j->trees, j->name);
	return r;
}

/* ---- the table ---- */

static const struct action {
	const char *name;
	size_t words; /* behind its name */
	int (*run)(struct job *j, struct err *err);
} actions[] = {
	{ "build", 1, build },	 { "import", 2, import }, { "list", 0, list },
	{ "verify", 1, verify }, { "remove", 1, drop },
};

static const struct action *find(const struct option_words *words)
{
	for (size_t i = 0; words->nwords > 0 && i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, words->words[0]) &&
		    words->nwords == actions[i].words + 1 && words->nrest == 0)
			return &actions[i];
	return NULL;
}

/* What they said or gave us is wrong, or this host is. */
static int answer(int r, const struct err *err)
{
	if (r != -EINVAL && r != -EEXIST && r != -EBADMSG && r != -EFBIG && r != -EBUSY)
		return answer_failure("tree", false, NULL, err);
	fprintf(stderr, "kodewar tree: %s\n", err->text);
	return KODEWAR_EXIT_REFUSED;
}

static int tree(const struct settings *settings, const struct option_words *words)
{
	struct job j = { .settings = settings, .service = SERVICE_INIT };
	const struct action *action = find(words);
	struct err err = ERR_INIT;
	int r;

	if (!action)
		return command_usage_error(
			"tree",
			"needs build NAME, import NAME FILE, list, verify NAME or remove NAME");
	j.name = action->words > 0 ? words->words[1] : NULL;
	j.file = action->words > 1 ? words->words[2] : NULL;
	r = service_load(&j.service, settings, &err);
	j.trees = j.service.paths.trees_dir;
	if (r == 0)
		r = action->run(&j, &err);
	if (r < 0)
		r = answer(r, &err);
	service_done(&j.service);
	return r ? r : command_end_stdout();
}

static const struct option_info options[] = {
	SETTING_DECLARATION, SETTING_REPLACE,	    SETTING_MAX_BYTES,
	SETTING_MAX_FILES,   SETTING_TREES_DIR,	    SETTING_JSON,
	SETTING_QUIET,	     SETTING_LANGUAGES_DIR, SETTING_HELP,
};
static const char *const synopsis[] = { "build [--replace] [--declaration FILE] NAME",
					"import [--replace] NAME FILE|-",
					"list [--json]",
					"verify NAME",
					"remove NAME",
					NULL };

const struct command command_tree = {
	.name = "tree",
	.synopsis = synopsis,
	.summary = "Make trees of one's own, which boxes see instead of the host's files",
	.details =
		"build makes a tree of Debian packages (with mmdebstrap, from where this system's own packages come "
		"from), import makes one of an archive: a root file system, or an image as docker save writes it; - "
		"is stdin. Both work beside the other trees and put the whole tree in place at the end; build goes on "
		"where it was interrupted. With --replace a tree of that name gives way, and a service that runs moves to the new one "
		"at its next SIGHUP. list shows them; verify reads every file and says what is not as it was "
		"made; remove takes away one that nobody uses.\n\n"
		"--tree NAME of run, serve, worker, bench, judge and doctor then uses it. docs/TREES.md has more.\n\nEnds "
		"with 0, 1 where verify found a difference, 2 where a name or a declaration is wrong, 3 where this host "
		"could not do it.",
	.options = options,
	.noptions = ARRAY_SIZE(options),
	.run = tree,
};
