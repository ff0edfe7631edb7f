/* SPDX-License-Identifier: Apache-2.0 */
/* See package_program.h.  Files go beside the source by their names; a folder in a program's folder has no place there. */
#include "gate/judge/package_program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gate/judge/package_parts.h"

#define TRANSCRIPT_BYTES 4096 /* of each test's dialogue, for who debugs it */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int refuse(const struct package_program *program, struct refusal *refusal, const char *rule)
{
	return refusal_set(refusal, program->path, "%s", rule);
}

static bool is_source(const struct folder_file *f, const struct language_set *languages)
{
	return language_by_filename(languages, base_name(f->path)) != NULL;
}

static bool is_main(const struct folder_file *f)
{
	const char *name = base_name(f->path);

	return !strncmp(name, "main.", 5) || !strncmp(name, "Main.", 5) ||
	       !strcmp(name, "__main__.py");
}

/* The one source among the files, NULL where there is none: 0, or 1 (refused). */
static int find_main(const struct package_program *p, const char *asked,
		     const struct language_set *languages, struct folder_file **ret,
		     struct refusal *refusal)
{
	size_t sources = 0, mains = 0;

	for (size_t i = 0; i < p->nfiles; i++) {
		bool source = asked || is_source(p->files[i], languages);

		sources += source;
		mains += source && is_main(p->files[i]);
		if (source && (sources == 1 || (is_main(p->files[i]) && mains == 1)))
			*ret = p->files[i];
	}
	if (sources > 1 && mains != 1)
		return refuse(p, refusal,
			      "holds more than one source, and not one that is called main");
	return 0;
}

static int take_files(const struct package_program *p, const struct folder_file *except,
		      struct arena *arena, struct request *into, struct refusal *refusal)
{
	struct request_file *files = arena_alloc_array(arena, p->nfiles + 1, sizeof(*files));
	size_t n = 0;

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < p->nfiles; i++) {
		int r;

		if (p->files[i] == except)
			continue;
		files[n].name = base_name(p->files[i]->path);
		if (files[n].name - p->files[i]->path != base_name(except->path) - except->path)
			return refuse(p, refusal,
				      "holds folders, which have no place beside a source");
		r = folder_read(p->folder, p->files[i], &files[n++].content, refusal);
		if (r != 0)
			return r;
	}
	into->files = files;
	into->nfiles = n;
	return 0;
}

static int find_language(const struct package_program *p, const char *asked,
			 const struct folder_file *source, const struct language_set *languages,
			 struct request *into, struct refusal *refusal)
{
	const struct language *l = asked ? language_find(languages, asked)
					 : language_by_filename(languages, base_name(source->path));

	if (!l)
		return refusal_set(refusal, "--language", "no language is called \"%.60s\"", asked);
	if (l->absent)
		return refusal_set(refusal, p->path, "is in %s, which is not here: %s", l->title,
				   l->absent);
	into->language = asked ? asked : l->name;
	return 0;
}

int package_program_read(const struct package_program *p, const char *asked,
			 const struct language_set *languages, struct arena *arena,
			 struct request *into, struct refusal *refusal)
{
	struct folder_file *main_file = NULL;
	int r = find_main(p, asked, languages, &main_file, refusal);

	if (r != 0)
		return r;
	if (!main_file)
		return refuse(
			p, refusal,
			"has the ending of no language (kodewar languages lists them); --language names one");
	r = find_language(p, asked, main_file, languages, into, refusal);
	if (r != 0)
		return r;
	r = folder_read(p->folder, main_file, &into->code, refusal);
	return r == 0 ? take_files(p, main_file, arena, into, refusal) : r;
}

int package_program_of(struct folder *folder, const char *path, struct arena *arena,
		       struct package_program *ret)
{
	struct folder_file **files =
		arena_alloc_array(arena, folder->len + 1, sizeof(struct folder_file *));

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < folder->len; i++)
		files[i] = &folder->files[i];
	*ret = (struct package_program){ path, folder, files, folder->len };
	return 0;
}

int package_checker_read(const struct package *p, const struct package_checker *c,
			 const struct language_set *languages, struct arena *arena,
			 struct request_checker *ret, struct refusal *refusal)
{
	bool talks = c == &p->interactor;
	struct request as = { .language = NULL };
	int r = package_program_read(&c->program, NULL, languages, arena, &as, refusal);

	if (r != 0)
		return r;
	*ret = (struct request_checker){ .code = as.code,
					 .language = as.language,
					 .protocol = c->protocol,
					 .args = c->args,
					 .nargs = c->nargs,
					 .files = as.files,
					 .nfiles = as.nfiles };
	ret->transcript_bytes = talks ? TRANSCRIPT_BYTES : 0;
	ret->output_judged = talks && p->format == PACKAGE_POLYGON;
	ret->limits.cpu_ms = p->limits.checker_ms;
	ret->limits.wall_ms = 2 * p->limits.checker_ms;
	ret->limits.memory_kb = p->limits.checker_kb;
	return 0;
}

/* "accepted/sum.py", or "accepted/two" for all of "accepted/two/…"; 0: not below `prefix`. */
static size_t program_length(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(path, prefix, n) != 0 || path[n] != '/')
		return 0;
	return n + 1 + strcspn(path + n + 1, "/");
}

static int add_program(struct package *p, struct folder_file *files, size_t n, size_t name_len,
		       unsigned promised)
{
	struct package_submission *s = &p->submissions[p->nsubmissions++];
	const char *from = strchr(files->path, '/') + 1; /* without "submissions" */

	*s = (struct package_submission){ .promised = promised };
	s->program.folder = p->folder;
	s->program.nfiles = n;
	s->program.path = arena_strndup(p->arena, from, name_len - (size_t)(from - files->path));
	s->program.files = arena_alloc_array(p->arena, n, sizeof(struct folder_file *));
	if (!s->program.path || !s->program.files)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		s->program.files[i] = &files[i];
	return 0;
}

int package_program_below(struct package *p, const char *prefix, bool flat,
			  struct package_program *ret, struct refusal *refusal)
{
	struct folder_file *f = p->folder->files;
	size_t first = p->folder->len, n = 0, len = 0, nested = 0, programs = 0;

	for (size_t i = 0; i < p->folder->len; i++) {
		size_t one = program_length(f[i].path, prefix);

		if (!one)
			continue;
		first = n++ ? first : i;
		nested += f[i].path[one] == '/';
		programs += len != one || strncmp(f[i].path, f[first].path, one) != 0;
		len = programs == 1 ? one : len;
	}
	if (n == 0)
		return folder_refuse(p->folder, prefix, refusal, "holds no validator");
	if (programs > 1 && (!flat || nested))
		return folder_refuse(
			p->folder, prefix, refusal,
			"holds more than one validator, of which only one is supported");
	*ret = (struct package_program){ .folder = p->folder, .nfiles = n };
	ret->path = programs > 1 ? arena_strndup(p->arena, prefix, strlen(prefix))
				 : arena_strndup(p->arena, f[first].path, len);
	ret->files = arena_alloc_array(p->arena, n, sizeof(struct folder_file *));
	if (!ret->path || !ret->files)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ret->files[i] = &f[first + i];
	return 0;
}

int package_gather(struct package *p, const char *prefix, unsigned promised,
		   struct refusal *refusal)
{
	struct folder_file *f = p->folder->files;

	if (!p->submissions)
		p->submissions =
			arena_alloc_array(p->arena, p->folder->len + 1, sizeof(*p->submissions));
	if (!p->submissions)
		return -ENOMEM;
	for (size_t i = 0, end; i < p->folder->len; i = end) {
		size_t len = program_length(f[i].path, prefix);

		for (end = i + 1; len && end < p->folder->len &&
				  program_length(f[end].path, prefix) == len &&
				  !strncmp(f[end].path, f[i].path, len);)
			end++;
		if (len && add_program(p, &f[i], end - i, len, promised) < 0)
			return -ENOMEM;
	}
	return 0;
}
