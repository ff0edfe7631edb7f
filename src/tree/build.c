/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See build.h.  Where packages come from is apt's configuration here: its sources of the suite, of the suite's updates
 * and of its security fixes; another suite is looked for where this system's own comes from.  mmdebstrap checks all
 * signatures, as apt does.  What was downloaded is kept beside the tree until that is whole, so that the next try does
 * not load it again.  mmdebstrap runs in mount and pid namespaces of its own: whatever it leaves mounted or running
 * ends with it, and it with us.
 */
#include "tree/build.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/yaml_read.h"

#define MMDEBSTRAP "/usr/bin/mmdebstrap"
#define WORDS_MAX 1000u
#define SOURCES_MAX 16u
#define LINE_BYTES 1024
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789+-."

/* ---- the declaration ---- */

struct yaml_tree {
	const char *suite, **packages, **languages;
	unsigned packages_count, languages_count;
};

static const cyaml_schema_value_t word = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, 128) };
static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("suite", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_tree,
			       suite, 1, 64),
	CYAML_FIELD_SEQUENCE("packages", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_tree,
			     packages, &word, 0, WORDS_MAX),
	CYAML_FIELD_SEQUENCE("languages", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			     struct yaml_tree, languages, &word, 0, WORDS_MAX),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t top = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_tree, fields),
};

/* A word that can be no option, no path and no pattern of apt's. */
static bool name_ok(const char *name)
{
	return strspn(name, NAME_CHARS) == strlen(name) && strlen(name) > 1 &&
	       !strchr("+-.", name[0]);
}

static const char *const *terminated(struct arena *arena, const char **list, unsigned n)
{
	const char **copy = arena_alloc_array(arena, n + 1, sizeof(*copy));

	if (copy && n)
		memcpy(copy, list, n * sizeof(*copy));
	return copy;
}

/* VERSION_CODENAME of this system. */
static const char *own_suite(struct arena *arena)
{
	FILE *f = fopen("/etc/os-release", "re");
	char line[LINE_BYTES], name[64];
	const char *found = NULL;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "VERSION_CODENAME=%63[a-z0-9.-]", name) == 1)
			found = arena_strndup(arena, name, strlen(name));
	if (f)
		fclose(f);
	return found;
}

static int check(const struct tree_declaration *d, const struct yaml_source *source,
		 struct err *err)
{
	if (!name_ok(d->suite))
		return yaml_broken_key(err, source, "suite", "must be the name of a Debian suite");
	for (size_t i = 0; d->packages[i]; i++)
		if (!name_ok(d->packages[i]))
			return yaml_broken_key(
				err, source, "packages",
				"must be names of Debian packages, without versions");
	return 0;
}

static const char *spell_aim(const struct tree_declaration *d, struct arena *arena)
{
	char *aim = arena_printf(arena, "build %s", d->suite);

	for (size_t i = 0; aim && d->packages[i]; i++)
		aim = arena_printf(arena, "%s %s", aim, d->packages[i]);
	return aim;
}

static int read_text(const char *path, struct arena *arena, struct yaml_source *ret,
		     struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = arena_alloc(arena, YAML_FILE_MAX + 1);
	ssize_t n;

	if (fd < 0 || !text)
		return err_set(err, fd < 0 ? errno : ENOMEM, "%s", path);
	n = fd_read_full(fd, text, YAML_FILE_MAX + 1);
	if (n < 0)
		return err_set(err, (int)n, "%s", path);
	*ret = (struct yaml_source){ path, text, (size_t)n };
	return 0;
}

int build_read(const char *path, struct arena *arena, struct tree_declaration *ret, struct err *err)
{
	struct yaml_source source = { .path = path };
	struct yaml_tree none = { 0 }, *y = &none;
	int r = path ? read_text(path, arena, &source, err) : 0;

	if (r == 0 && path)
		r = yaml_read(&source, &top, arena, (void **)&y, NULL, err);
	if (r < 0)
		return r;
	ret->suite = y->suite ? y->suite : own_suite(arena);
	ret->packages = terminated(arena, y->packages, y->packages_count);
	ret->languages = terminated(arena, y->languages, y->languages_count);
	if (!ret->packages || !ret->languages)
		return err_set(err, ENOMEM, "read the declaration");
	if (!ret->suite)
		return err_set(err, 0, "suite: must be said, as this system does not say its own"),
		       -EINVAL;
	r = check(ret, &source, err);
	return r < 0 ? r : build_add(ret, NULL, arena, err);
}

int build_add(struct tree_declaration *d, const char *const *packages, struct arena *arena,
	      struct err *err)
{
	size_t had = 0, more = 0;
	const char **all;

	while (d->packages[had])
		had++;
	while (packages && packages[more])
		more++;
	all = arena_alloc_array(arena, had + more + 1, sizeof(*all));
	if (!all)
		return err_set(err, ENOMEM, "list the packages");
	memcpy(all, d->packages, had * sizeof(*all));
	for (size_t i = 0; i < more; i++) {
		if (!name_ok(packages[i]))
			return err_set(err, 0, "\"%.80s\" is no name of a Debian package",
				       packages[i]),
			       -EINVAL;
		all[had++] = packages[i];
	}
	d->packages = all;
	d->aim = spell_aim(d, arena);
	return d->aim ? 0 : err_set(err, ENOMEM, "list the packages");
}

/* ---- where packages come from ---- */

struct sources {
	char *lines[SOURCES_MAX]; /* owned: "deb URI SUITE COMPONENT" */
	size_t n;
};

static void sources_done(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->lines[i]);
}

static int add_source(struct sources *s, const char *uri, const char *suite, const char *component)
{
	char *line;

	if (asprintf(&line, "deb %s %s %s", uri, suite, component) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->lines[i], line)) {
			free(line);
			return 0;
		}
	if (s->n == SOURCES_MAX) {
		free(line);
		return -E2BIG;
	}
	s->lines[s->n++] = line;
	return 0;
}

/* SUITE, SUITE-updates, SUITE-security. */
static bool is_of(const char *release, const char *suite)
{
	size_t len = strlen(suite);

	return strncmp(release, suite, len) == 0 &&
	       (!release[len] || !strcmp(release + len, "-updates") ||
		!strcmp(release + len, "-security"));
}

/* Lines of apt's own targets: URI RELEASE COMPONENT. Where the suite is not among them: beside the system's own. */
static int take_targets(FILE *f, const char *suite, const char *own, struct sources *ret)
{
	char line[LINE_BYTES], uri[512], release[128], component[128];
	struct sources beside = { .n = 0 };
	int r = 0;

	while (r == 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%511s %127s %127s", uri, release, component) != 3)
			continue;
		if (is_of(release, suite))
			r = add_source(ret, uri, release, component);
		else if (own && !strcmp(release, own))
			r = add_source(&beside, uri, suite, component);
	}
	if (r == 0 && ret->n == 0)
		*ret = beside;
	else
		sources_done(&beside);
	return r;
}

static int find_sources(const char *suite, struct arena *arena, struct sources *ret,
			struct err *err)
{
	FILE *f = popen("/usr/bin/apt-get indextargets --format "
			"'$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null",
			"re");
	int r = f ? take_targets(f, suite, own_suite(arena), ret) : -errno;

	if (f)
		pclose(f);
	if (r < 0)
		return err_set(err, r, "ask apt for its sources");
	if (ret->n == 0)
		return err_set(err, 0,
			       "suite: apt's configuration has no source of %s, nor of this "
			       "system's own suite",
			       suite),
		       -ENOENT;
	return 0;
}

/* ---- mmdebstrap ---- */

#define ARGS_MAX (WORDS_MAX + SOURCES_MAX + 32u)

static char *list_packages(const struct tree_declaration *d, struct arena *arena)
{
	char *text = arena_printf(arena, "--include=");

	for (size_t i = 0; text && d->packages[i]; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? "," : "", d->packages[i]);
	return text;
}

/* Packages are kept in a directory of ours, which stands in the place of apt's own while the tree is made. */
static const char *const fixed[] = {
	MMDEBSTRAP,
	"--mode=root",
	"--variant=essential",
	"--format=directory",
	"--skip=essential/unlink",
	"--skip=download/empty",
	"--skip=cleanup/apt/cache",
	"--dpkgopt=force-unsafe-io", /* all of it is synced when it is done */
	"--dpkgopt=path-exclude=/usr/share/doc/*",
	"--dpkgopt=path-exclude=/usr/share/man/*",
	"--dpkgopt=path-exclude=/usr/share/locale/*",
	"--aptopt=Acquire::Languages \"none\"",
	"--aptopt=APT::Install-Recommends \"false\"",
	"--setup-hook=mkdir -p \"$1/var/cache/apt/archives\"",
	"--setup-hook=mount --bind \"$KODEWAR_DEBS\" \"$1/var/cache/apt/archives\"",
	"--customize-hook=umount \"$1/var/cache/apt/archives\"",
};

static void execute(const char *const *argv, const char *debs, int log) __attribute__((noreturn));

static void execute(const char *const *argv, const char *debs, int log)
{
	setenv("KODEWAR_DEBS", debs, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(log >= 0 ? log : 2, 1);
	if (log >= 0)
		dup2(log, 2);
	execv(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* What a shell would say: mmdebstrap's own children are reaped on the way. */
static int await(pid_t pid)
{
	int status = 0;
	pid_t ended;

	do
		ended = wait(&status);
	while (ended != pid && (ended > 0 || errno == EINTR));
	return ended != pid	   ? 126
	       : WIFEXITED(status) ? WEXITSTATUS(status)
				   : 128 + WTERMSIG(status);
}

/* pid 1 of a namespace: when it dies, everything that mmdebstrap started does. */
static void init(const char *const *argv, const char *debs, int log) __attribute__((noreturn));

static void init(const char *const *argv, const char *debs, int log)
{
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		_exit(126);
	pid = fork();
	if (pid == 0)
		execute(argv, debs, log);
	_exit(pid < 0 ? 126 : await(pid));
}

static void child(const char *const *argv, const char *debs, int log) __attribute__((noreturn));

static void child(const char *const *argv, const char *debs, int log)
{
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(126);
	pid = fork();
	if (pid == 0)
		init(argv, debs, log);
	_exit(pid < 0 ? 126 : await(pid));
}

/* The last line that mmdebstrap or apt marked as an error. */
static void last_words(const char *log, char *to, size_t size)
{
	FILE *f = fopen(log, "re");
	char line[LINE_BYTES];

	to[0] = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "E: ", 3))
			snprintf(to, size, "%.*s", (int)strcspn(line, "\n"), line);
	if (f)
		fclose(f);
}

static int run(const char *const *argv, const char *debs, const char *log, struct err *err)
{
	bool terminal = isatty(2);
	_cleanup_close_ int fd =
		terminal ? -1 : open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char words[256];
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return err_set(err, errno, "start mmdebstrap");
	if (pid == 0)
		child(argv, debs, fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(err, 0, "mmdebstrap is not installed: apt-get install mmdebstrap"),
		       -ENOENT;
	last_words(log, words, sizeof(words));
	return err_set(err, 0, "mmdebstrap failed%s%s%s%s", *words ? ": " : "", words,
		       terminal ? " (see above)" : "; all that it said is in ",
		       terminal ? "" : log),
	       -EIO;
}

int build_packages(const struct tree_make *m, const struct tree_declaration *d, struct err *err)
{
	_cleanup_(sources_done) struct sources sources = { .n = 0 };
	const char *argv[ARGS_MAX];
	char debs[PATH_MAX + 16], log[PATH_MAX + 16];
	struct arena arena;
	size_t n = 0;
	int r;

	snprintf(debs, sizeof(debs), "%s/debs", m->part);
	snprintf(log, sizeof(log), "%s/mmdebstrap.log", m->part);
	if (mkdir(debs, 0755) < 0 && errno != EEXIST)
		return err_set(err, errno, "make %s", debs);
	if ((r = make_clear(m, err)) < 0)
		return r;
	arena_init(&arena, 16u << 20);
	r = find_sources(d->suite, &arena, &sources, err);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		argv[n++] = fixed[i];
	if (r == 0 && d->packages[0])
		argv[n++] = list_packages(d, &arena);
	argv[n++] = d->suite;
	argv[n++] = m->root;
	for (size_t i = 0; i < sources.n; i++)
		argv[n++] = sources.lines[i];
	argv[n] = NULL;
	if (r == 0)
		r = run(argv, debs, log, err);
	arena_done(&arena);
	return r;
}
