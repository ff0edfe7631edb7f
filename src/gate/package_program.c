/* SPDX-License-Identifier: Apache-2.0 */
/* See package_program.h.  Files go beside the source by their names; a folder in a program's folder has no place there. */
#include "gate/package_program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gate/package_parts.h"

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

static int refuse_ending(const struct package_program *program,
			 const struct language_set *languages, struct refusal *refusal)
{
	char known[160] = "";
	size_t n = 0;

	for (size_t i = 0; i < languages->len; i++) {
		const char *const *ending = languages->langs[i].extensions;

		for (; ending && *ending && n < sizeof(known); ending++)
			n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", *ending);
	}
	return refusal_set(refusal, program->path,
			   "has the ending of no language; known are:%s; --language names one",
			   known);
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

int package_program_read(const struct package_program *p, const char *asked,
			 const struct language_set *languages, struct arena *arena,
			 struct request *into, struct refusal *refusal)
{
	struct folder_file *main_file = NULL;
	int r = find_main(p, asked, languages, &main_file, refusal);

	if (r != 0)
		return r;
	if (!main_file)
		return refuse_ending(p, languages, refusal);
	into->language =
		asked ? asked : language_by_filename(languages, base_name(main_file->path))->name;
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
