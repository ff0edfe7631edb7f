/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See package.h.  What of a folder is opened at all is decided here, by a table of places that both formats put things in;
 * statements, generators and whatever else lies about are not looked at.
 */
#include "gate/judge/package.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/utf8.h"
#include "gate/judge/package_parts.h"

#define NAME_BYTES 200

/* Everything below these folders is wanted. */
static const char *const folders[] = {
	"data/sample/",	     "data/secret/", "output_validator/", "output_validators/",
	"input_validators/", "submissions/", "include/",	  "tests/",
	"pretests/",	     "files/",	     "solutions/"
};
static const char *const files[] = { "problem.yaml",	   "problem.xml",
				     ".timelimit",	   "domjudge-problem.ini",
				     "data/testdata.yaml", "data/test_group.yaml" };
/* Of what is below data/, these. */
static const char *const endings[] = { ".in",	 ".ans",	   ".args",
				       ".files", "/testdata.yaml", "/test_group.yaml" };

static bool hidden(const char *path)
{
	const char *slash = strrchr(path, '/');

	return *(slash ? slash + 1 : path) == '.';
}

static bool ends_with(const char *path, const char *ending)
{
	size_t n = strlen(path), k = strlen(ending);

	return n >= k && !strcmp(path + n - k, ending);
}

/* A folder on the way to a wanted one, or below it. */
static bool wants_dir(const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		size_t k = strlen(folders[i]) - 1;

		if (!strncmp(path, folders[i], n < k ? n : k) &&
		    (n < k ? folders[i][n] == '/' : n == k || path[k] == '/'))
			return !hidden(path);
	}
	return false;
}

static bool wants_file(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(path, files[i]))
			return true;
	if (hidden(path) || ends_with(path, "~"))
		return false;
	if (!strncmp(path, "check.", 6) || !strncmp(path, "checker.", 8))
		return !strchr(path, '/');
	if (!strncmp(path, "data/", 5)) {
		for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
			if (ends_with(path, endings[i]))
				return true;
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}

bool package_wants(void *user, const char *path, bool dir)
{
	const bool *submissions = user;

	if (!*submissions && (!strncmp(path, "submissions", 11) || !strncmp(path, "solutions", 9)))
		return false;
	return dir ? wants_dir(path) : wants_file(path);
}

int package_text(struct package *p, const char *path, struct text *ret, struct refusal *refusal)
{
	struct folder_file *file = folder_find(p->folder, path);

	*ret = (struct text){ NULL, 0 };
	return file ? folder_read(p->folder, file, ret, refusal) : 0;
}

const char *package_printable(struct package *p, const char *text)
{
	size_t len = utf8_whole_len(text, strnlen(text, NAME_BYTES));
	char *copy = arena_strndup(p->arena, text, len);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return copy;
}

int package_refuse_err(struct package *p, int r, const struct err *err, const char *path,
		       struct refusal *refusal)
{
	const char *rule = err->text;
	size_t n = strlen(path);

	if (r != -EINVAL && r != -EFBIG)
		return r;
	if (!strncmp(rule, path, n) && rule[n] == ':')
		rule += n + 1;
	if (r == -EFBIG)
		return folder_refuse(p->folder, path, refusal, "is too large");
	return folder_refuse(p->folder, path, refusal, "line %s", rule);
}

/* ---- flags of the default validator ---- */

struct flag {
	const char *name;
	bool number;
	int (*set)(struct compare_spec *spec, double value);
};

static int set_case(struct compare_spec *spec, double value)
{
	return spec->icpc.case_sensitive = true;
}

static int set_space(struct compare_spec *spec, double value)
{
	return spec->icpc.space_change_sensitive = true;
}

static int set_abs(struct compare_spec *spec, double value)
{
	spec->abs = value;
	return 1;
}

static int set_rel(struct compare_spec *spec, double value)
{
	spec->rel = value;
	return 1;
}

static int set_both(struct compare_spec *spec, double value)
{
	return set_abs(spec, value) && set_rel(spec, value);
}

static const struct flag flag_table[] = {
	{ "case_sensitive", false, set_case },
	{ "space_change_sensitive", false, set_space },
	{ "float_absolute_tolerance", true, set_abs },
	{ "float_relative_tolerance", true, set_rel },
	{ "float_tolerance", true, set_both },
};

static const struct flag *find_flag(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_table); i++)
		if (!strcmp(flag_table[i].name, name))
			return &flag_table[i];
	return NULL;
}

/* Zero or more; strtod() takes more than a decimal number. */
static bool parse_tolerance(const char *word, double *ret)
{
	char *end;

	if (!word || !*word || word[strspn(word, "0123456789+-.eE")])
		return false;
	*ret = strtod(word, &end);
	return !*end && isfinite(*ret) && *ret >= 0;
}

int package_flags_parse(struct package *p, const char *where, const char *flags,
			struct compare_spec *into, struct refusal *refusal)
{
	struct compare_spec spec = { .mode = COMPARE_ICPC, .abs = -1, .rel = -1 };
	char *rest = arena_strndup(p->arena, flags, strlen(flags)), *save = NULL;
	static const char blanks[] = " \t\r\n";

	if (!rest)
		return -ENOMEM;
	for (char *word = strtok_r(rest, blanks, &save); word;
	     word = strtok_r(NULL, blanks, &save)) {
		const struct flag *flag = find_flag(word);
		double value = 0;

		if (!flag)
			return folder_refuse(
				p->folder, where, refusal,
				"validator flags: \"%.60s\" is no flag of the default validator",
				word);
		if (flag->number && !parse_tolerance(strtok_r(NULL, blanks, &save), &value))
			return folder_refuse(
				p->folder, where, refusal,
				"validator flags: %s must be followed by a number from 0",
				flag->name);
		flag->set(&spec, value);
	}
	*into = spec;
	return 0;
}

const char *const *package_split(struct package *p, const char *words, size_t *ret_n)
{
	static const char blanks[] = " \t\r\n";
	char *rest = arena_strndup(p->arena, words, strlen(words)), *save = NULL;
	const char **list = arena_alloc_array(p->arena, strlen(words) / 2 + 2, sizeof(*list));

	*ret_n = 0;
	if (!rest || !list)
		return NULL;
	for (char *word = strtok_r(rest, blanks, &save); word; word = strtok_r(NULL, blanks, &save))
		list[(*ret_n)++] = word;
	return list;
}

int package_add_unpromised(struct package *p, const char *what, size_t len)
{
	const char *one = arena_strndup(p->arena, what, len);

	one = one ? package_printable(p, one) : NULL;
	if (one)
		p->unpromised = arena_printf(p->arena, "%s%s%s", p->unpromised,
					     *p->unpromised ? ", " : "", one);
	return one && p->unpromised ? 0 : -ENOMEM;
}

int package_flags_group(struct package *p, struct package_group *g, const char *where,
			struct refusal *refusal)
{
	const char *all = arena_printf(p->arena, "%s %s", p->flags, g->flags);
	struct package_checker *own = p->interactor.there ? &p->interactor
				      : p->checker.there  ? &p->checker
							  : NULL;

	if (!all)
		return -ENOMEM;
	if (own && !*g->path) { /* of all data: the same for every test */
		own->args = package_split(p, all, &own->nargs);
		return own->args ? 0 : -ENOMEM;
	}
	if (own && g->flags[strspn(g->flags, " \t\r\n")])
		return folder_refuse(
			p->folder, where, refusal,
			"flags of a group are not supported beside a validator of the package's own");
	return own ? 0 : package_flags_parse(p, where, all, &g->compare, refusal);
}

/* ---- the whole ---- */

int package_read(struct package *p, struct folder *folder, struct arena *arena,
		 struct refusal *refusal)
{
	bool yaml = folder_find(folder, "problem.yaml"), xml = folder_find(folder, "problem.xml");

	*p = (struct package){
		.folder = folder, .arena = arena, .name = folder->shown, .unpromised = ""
	};
	p->format = yaml ? PACKAGE_ICPC : PACKAGE_POLYGON;
	if (!yaml && !xml)
		return folder_refuse(
			folder, "", refusal,
			"is no problem package: it has neither problem.yaml nor problem.xml");
	return yaml ? package_icpc_read(p, refusal) : package_polygon_read(p, refusal);
}
