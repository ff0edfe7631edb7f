/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `kodewar plan --explain` shows what would be run, in the words of an operator: argv, environment,
 * files, limits, and what a box is made of.  Words of a request end on a terminal here, so they are
 * quoted and everything that a terminal could obey is escaped.  Contents are not shown, sizes are;
 * a step that differs from the one before it only in its stdin says just that.
 */
#include "codec/plan_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/json_write.h"
#include "codec/utf8.h"

static const char *const kind_names[] = {
	[STEP_COMPILE] = "compile",
	[STEP_RUN] = "run",
	[STEP_CHECK] = "check",
	[STEP_TALK] = "talk",
};

static const struct {
	const char *name, *doc;
} layers[] = {
	{ "namespaces", "user (made last), pid, mount, net (empty), ipc, uts, cgroup" },
	{ "filesystem",
	  "read-only tree; one fresh tmpfs as /box, /tmp, /dev/shm; own /proc; five devices" },
	{ "identity", "a uid of the lane's own, no group, no capability, no_new_privs" },
	{ "cgroup", "memory without swap, pids, cpu, disk I/O" },
	{ "rlimits", "open files, file size, locked memory, no core" },
	{ "Landlock", "paths; signals and abstract sockets where the kernel has them" },
	{ "seccomp", "default deny; tripwires are logged, a flood of them ends the box" },
};

/* ---- for people ---- */

static bool bare_word(const char *word)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_@%+=:,./{}-";

	return word[0] && word[strspn(word, good)] == '\0';
}

static void print_word(FILE *out, const char *word)
{
	size_t len = strlen(word), n;
	bool valid;

	if (bare_word(word)) {
		fputs(word, out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)word[i];

		n = utf8_step(word + i, len - i, &valid);
		/* U+0080 to U+009F are control characters too: they start with the byte C2. */
		if (!valid || c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)word[i + 1] < 0xa0))
			for (size_t j = 0; j < n; j++)
				fprintf(out, "\\x%02x", (unsigned char)word[i + j]);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fwrite(word + i, 1, n, out);
	}
	fputc('"', out);
}

static void print_label(FILE *out, const char *label)
{
	fprintf(out, "  %-10s", label);
}

static void print_words(FILE *out, const char *label, const char *const *words)
{
	print_label(out, label);
	for (size_t i = 0; words && words[i]; i++) {
		fputs(i ? " " : "", out);
		print_word(out, words[i]);
	}
	fputc('\n', out);
}

static void print_env(FILE *out, const char *const *envp)
{
	for (size_t i = 0; envp && envp[i]; i++) {
		print_label(out, i ? "" : "env");
		print_word(out, envp[i]);
		fputc('\n', out);
	}
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_files(FILE *out, const struct plan_step *s)
{
	for (size_t i = 0; i < s->nfiles; i++) {
		print_label(out, i ? "" : "files");
		print_word(out, s->files[i].name);
		fprintf(out, " (%zu byte%s, mode %04o)\n", s->files[i].content.len,
			plural(s->files[i].content.len), s->files[i].mode);
	}
}

static void print_outputs(FILE *out, const struct plan_step *s)
{
	for (size_t i = 0; i < s->noutputs; i++) {
		bool judged = s->answer && strcmp(s->answer, s->outputs[i]) == 0;

		print_label(out, i ? "" : "outputs");
		print_word(out, s->outputs[i]);
		fputs(judged ? " is judged\n" : "\n", out);
	}
}

static void print_stdin(FILE *out, const struct plan *p, const struct plan_step *s)
{
	print_label(out, "stdin");
	if (p->live_stdin && s->kind == STEP_RUN)
		fputs("the caller's own\n", out);
	else
		fprintf(out, "%zu byte%s\n", s->stdin_text.len, plural(s->stdin_text.len));
}

static void print_limits(FILE *out, const struct limits *limits)
{
	struct limits l = *limits;

	for (size_t i = 0, shown = 0; i < limit_table_len; i++) {
		if (limit_table[i].offset == offsetof(struct limits, total_wall_ms))
			continue;
		if (shown % 3 == 0)
			print_label(out, shown ? "" : "limits");
		fprintf(out, "%-12s %10" PRIu64, limit_table[i].name,
			*limits_at(&l, &limit_table[i]));
		fputs(++shown % 3 == 0 || i + 2 >= limit_table_len ? "\n" : "   ", out);
	}
}

static bool same_words(const char *const *a, const char *const *b)
{
	size_t i = 0;

	if (!a || !b)
		return a == b;
	while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
		i++;
	return a[i] == b[i];
}

static bool same_outputs(const struct plan_step *a, const struct plan_step *b)
{
	if (a->noutputs != b->noutputs || a->answer != b->answer)
		return false;
	for (size_t i = 0; i < a->noutputs; i++)
		if (strcmp(a->outputs[i], b->outputs[i]) != 0)
			return false;
	return true;
}

/* All but stdin and the test's number. */
static bool same_step(const struct plan_step *a, const struct plan_step *b)
{
	if (a->kind != b->kind || a->runner != b->runner || a->nfiles != b->nfiles)
		return false;
	if (a->nfiles && memcmp(a->files, b->files, a->nfiles * sizeof(*a->files)) != 0)
		return false;
	return same_words(a->argv, b->argv) && same_words(a->envp, b->envp) && same_outputs(a, b) &&
	       memcmp(&a->limits, &b->limits, sizeof(a->limits)) == 0;
}

static void print_step(FILE *out, const struct plan *p, size_t i)
{
	const struct plan_step *s = &p->steps[i];

	fprintf(out, "\nstep %zu: %s", i + 1, kind_names[s->kind]);
	if (s->test >= 0)
		fprintf(out, ", test case %d", s->test + 1);
	if (i && same_step(s, s - 1)) {
		fprintf(out, ", as step %zu, stdin %zu byte%s\n", i, s->stdin_text.len,
			plural(s->stdin_text.len));
		return;
	}
	fprintf(out, ", runner %s\n", runner_names[s->runner]);
	print_words(out, "argv", s->argv);
	print_label(out, "cwd");
	print_word(out, s->cwd ? s->cwd : "");
	fputc('\n', out);
	print_env(out, s->envp);
	print_files(out, s);
	if (s->artefact) {
		print_label(out, "artefact");
		print_word(out, s->artefact);
		fputs(s->kind == STEP_COMPILE ? " is taken out\n" : " is put in\n", out);
	}
	print_outputs(out, s);
	print_stdin(out, p, s);
	print_limits(out, &s->limits);
}

/* What is as usual is not told. */
static void print_timing(FILE *out, const struct plan *p)
{
	const struct planner_factors *f = &p->factors;

	if (f->time != 1 || f->memory != 1)
		fprintf(out, "factors     time %g, memory %g, multiplied into the limits below\n",
			f->time, f->memory);
	if (p->repeat.times > 0)
		fprintf(out, "repeat      a case that time ends, at most %u time%s",
			p->repeat.times, plural(p->repeat.times));
	if (p->repeat.times > 0 && p->repeat.within > 0)
		fprintf(out, ", and one that ends right with less than %g %% of its time left",
			p->repeat.within * 100);
	if (p->repeat.times > 0)
		fputc('\n', out);
}

static void print_judge(FILE *out, const char *name, const char *when, const struct plan *p)
{
	fprintf(out, "\n%-12s%s (%s), in a box of its own %s\n", name, p->language->title,
		p->language->name, when);
	for (size_t i = 0; i < p->nsteps; i++)
		print_step(out, p, i);
}

static void print_plan(FILE *out, const struct plan *p)
{
	fprintf(out, "language    %s (%s)\n", p->language->title, p->language->name);
	fprintf(out, "steps       %zu, each in a fresh box\n", p->nsteps);
	fprintf(out, "total wall  %" PRIu64 " ms for all of them\n", p->total_wall_ms);
	print_timing(out, p);
	for (size_t i = 0; i < p->nsteps; i++)
		print_step(out, p, i);
	if (p->checker)
		print_judge(out, "checker", "for each case that ended well", p->checker);
	if (p->interactor)
		print_judge(out, "interactor", "beside that of each case", p->interactor);
	fputs("\nevery box\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		fprintf(out, "  %-12s%s\n", layers[i].name, layers[i].doc);
}

int plan_text_explain(const struct plan *plan, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);
	int failed;

	if (!out)
		return -errno;
	print_plan(out, plan);
	failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return -ENOMEM;
	*ret = TAKE_PTR(text);
	return 0;
}

/* ---- for programs ---- */

static void write_words(struct json_writer *w, const char *key, const char *const *words)
{
	json_write_key(w, key);
	json_write_open(w, '[');
	for (size_t i = 0; words && words[i]; i++)
		json_write_string(w, words[i]);
	json_write_close(w, ']');
}

static void write_files(struct json_writer *w, const struct plan_step *s)
{
	json_write_key(w, "files");
	json_write_open(w, '[');
	for (size_t i = 0; i < s->nfiles; i++) {
		json_write_open(w, '{');
		json_write_key(w, "name");
		json_write_string(w, s->files[i].name);
		json_write_key(w, "bytes");
		json_write_uint(w, s->files[i].content.len);
		json_write_key(w, "mode");
		json_write_uint(w, s->files[i].mode);
		json_write_close(w, '}');
	}
	json_write_close(w, ']');
}

static void write_limits(struct json_writer *w, const struct limits *limits)
{
	struct limits l = *limits;

	json_write_key(w, "limits");
	json_write_open(w, '{');
	for (size_t i = 0; i < limit_table_len; i++) {
		if (limit_table[i].offset == offsetof(struct limits, total_wall_ms))
			continue;
		json_write_key(w, limit_table[i].name);
		json_write_uint(w, *limits_at(&l, &limit_table[i]));
	}
	json_write_close(w, '}');
}

static void write_step(struct json_writer *w, const struct plan_step *s)
{
	json_write_open(w, '{');
	json_write_key(w, "kind");
	json_write_string(w, kind_names[s->kind]);
	json_write_key(w, "test");
	if (s->test >= 0)
		json_write_int(w, s->test);
	else
		json_write_null(w);
	json_write_key(w, "runner");
	json_write_string(w, runner_names[s->runner]);
	write_words(w, "argv", s->argv);
	write_words(w, "env", s->envp);
	json_write_key(w, "cwd");
	json_write_string(w, s->cwd);
	write_files(w, s);
	json_write_key(w, "artefact");
	json_write_string(w, s->artefact);
	json_write_key(w, "outputs");
	json_write_open(w, '[');
	for (size_t i = 0; i < s->noutputs; i++)
		json_write_string(w, s->outputs[i]);
	json_write_close(w, ']');
	json_write_key(w, "stdin_bytes");
	json_write_uint(w, s->stdin_text.len);
	write_limits(w, &s->limits);
	json_write_close(w, '}');
}

static void write_steps(struct json_writer *w, const char *key, const struct plan *plan)
{
	json_write_key(w, key);
	json_write_open(w, '[');
	for (size_t i = 0; plan && i < plan->nsteps; i++)
		write_step(w, &plan->steps[i]);
	json_write_close(w, ']');
}

static void write_timing(struct json_writer *w, const struct plan *plan)
{
	json_write_key(w, "factors");
	json_write_open(w, '{');
	json_write_key(w, "time_factor");
	json_write_number(w, plan->factors.time);
	json_write_key(w, "memory_factor");
	json_write_number(w, plan->factors.memory);
	json_write_close(w, '}');
	json_write_key(w, "repeat");
	json_write_open(w, '{');
	json_write_key(w, "times");
	json_write_uint(w, plan->repeat.times);
	json_write_key(w, "within");
	json_write_number(w, plan->repeat.within);
	json_write_close(w, '}');
}

int plan_json_encode(const struct plan *plan, char **ret, size_t *ret_len)
{
	struct json_writer w;
	int rc;

	json_write_init(&w, JSON_WRITE_MAX_BYTES);
	json_write_open(&w, '{');
	json_write_key(&w, "language");
	json_write_string(&w, plan->language->name);
	json_write_key(&w, "total_wall_ms");
	json_write_uint(&w, plan->total_wall_ms);
	write_timing(&w, plan);
	json_write_key(&w, "live_stdin");
	json_write_bool(&w, plan->live_stdin);
	write_steps(&w, "steps", plan);
	if (plan->checker)
		write_steps(&w, "checker_steps", plan->checker);
	if (plan->interactor)
		write_steps(&w, "interactor_steps", plan->interactor);
	json_write_close(&w, '}');
	rc = json_write_take(&w, ret, ret_len);
	json_write_done(&w);
	return rc;
}
