/* SPDX-License-Identifier: Apache-2.0 */
/* Language files: what is in the tree loads; every mistake is told with path, line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "codec/language_yaml.h"
#include "fresh_arena.h"

static const char good[] = "name: toy\n"
			   "title: Toy 1\n"
			   "aliases: [t, ty]\n"
			   "extensions: [.toy]\n"
			   "source: main.toy\n"
			   "version: [/usr/bin/toy, --version]\n"
			   "compile:\n"
			   "  argv: [/usr/bin/toyc, main.toy]\n"
			   "  artefact: main\n"
			   "  limits:\n"
			   "    cpu_ms: 7\n"
			   "run: [\"{artefact}\", \"{args}\"]\n"
			   "env:\n"
			   "  - A=b=c\n"
			   "runner: exec\n"
			   "limits:\n"
			   "  memory_kb: 9\n"
			   "selftest:\n"
			   "  hello: |\n"
			   "    x\n"
			   "  echo: \"e\"\n"
			   "  sum: \"s\"\n"
			   "  exit: \"q\"\n"
			   "  broken: \"b\"\n"
			   "  broken_says: \"1\"\n"
			   "  crash: \"c\"\n"
			   "  crash_says: \"1\\n\"\n";

static void test_good(void **state)
{
	struct language l;
	struct err err = ERR_INIT;
	int rc = language_yaml_load_text("toy.yaml", good, strlen(good), &arena, &l, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	assert_string_equal(l.name, "toy");
	assert_string_equal(l.title, "Toy 1");
	assert_string_equal(l.aliases[0], "t");
	assert_string_equal(l.aliases[1], "ty");
	assert_null(l.aliases[2]);
	assert_string_equal(l.extensions[0], ".toy");
	assert_null(l.extensions[1]);
	assert_string_equal(l.source, "main.toy");
	assert_string_equal(l.version_argv[1], "--version");
	assert_string_equal(l.compile_argv[0], "/usr/bin/toyc");
	assert_null(l.compile_argv[2]);
	assert_string_equal(l.artefact, "main");
	assert_int_equal(l.compile_limits.cpu_ms, 7);
	assert_int_equal(l.compile_limits.memory_kb, 0);
	assert_string_equal(l.run_argv[0], "{artefact}");
	assert_string_equal(l.run_argv[1], "{args}");
	assert_null(l.run_argv[2]);
	assert_string_equal(l.env[0], "A=b=c");
	assert_null(l.env[1]);
	assert_int_equal(l.runner, RUNNER_EXEC);
	assert_int_equal(l.limits.memory_kb, 9);
	assert_string_equal(l.selftest->hello, "x\n");
	assert_string_equal(l.selftest->crash_says, "1\n");
	assert_null(l.selftest->empty);
	assert_string_equal(l.id, "toy");
	assert_null(l.release);
	assert_null(l.absent);
}

static const char warm[] =
	"name: toy\n"
	"title: Toy 1\n"
	"extensions: [.toy]\n"
	"source: main.toy\n"
	"version: [/usr/bin/toy, --version]\n"
	"run: [/usr/bin/toy, --max-old-space-size=9, main.toy, \"{args}\"]\n"
	"runner: node\n"
	"preload: [fs, \"node:path\", fs/promises, _x.y]\n"
	"cold_env: [TOY*, LANG, \"_*\"]\n"
	"selftest: {hello: a, echo: a, sum: a, exit: a, broken: a, broken_says: a, "
	"crash: a, crash_says: b, empty: c}\n"
	"selftests:\n"
	"  - {code: a, input: b, expected: \"\", exit_code: 255}\n"
	"  - {code: c, expected: d}\n";

static void test_warm(void **state)
{
	struct language l;
	struct err err = ERR_INIT;
	int rc = language_yaml_load_text("toy.yaml", warm, strlen(warm), &arena, &l, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	assert_int_equal(l.runner, RUNNER_NODE);
	assert_string_equal(l.preload[1], "node:path");
	assert_string_equal(l.preload[3], "_x.y");
	assert_null(l.preload[4]);
	assert_string_equal(l.cold_env[0], "TOY*");
	assert_null(l.cold_env[3]);
	assert_string_equal(l.selftest->crash_says, "b");
	assert_string_equal(l.selftest->empty, "c");
	assert_int_equal(l.nselftests, 2);
	assert_string_equal(l.selftests[0].input, "b");
	assert_string_equal(l.selftests[0].expected, "");
	assert_int_equal(l.selftests[0].exit_code, 255);
	assert_string_equal(l.selftests[1].code, "c");
	assert_string_equal(l.selftests[1].input, "");
	assert_int_equal(l.selftests[1].exit_code, 0);
}

/* `text` with its first line that starts with `line` replaced. */
static void expect_broken_in(const char *text, const char *line, const char *by, const char *want)
{
	const char *at = strstr(text, line), *rest;
	_cleanup_free_ char *changed = NULL;
	struct err err = ERR_INIT;
	struct language l;

	assert_non_null(at);
	rest = strchr(at, '\n') + 1;
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, by, rest) > 0);
	if (language_yaml_load_text("toy.yaml", changed, strlen(changed), &arena, &l, &err) !=
	    -EINVAL)
		fail_msg("%s was taken, or failed: %s", by, err.text);
	assert_int_equal(err.code, -EINVAL);
	if (strcmp(err.text, want) != 0)
		fail_msg("%s\n  got    %s\n  wanted %s", by, err.text, want);
}

static void expect_broken(const char *line, const char *by, const char *want)
{
	expect_broken_in(good, line, by, want);
}

struct broken {
	const char *line, *by, *want;
};

static void test_schema(void **state)
{
	static const struct broken table[] = {
		{ "aliases", "colour: red\n", "toy.yaml:3:1: Unexpected key: colour" },
		{ "    cpu_ms", "    cpu: 7\n", "toy.yaml:11:5: Unexpected key: cpu" },
		{ "aliases", "name: twice\n", "toy.yaml:3:1: Mapping field already seen: name" },
		{ "    cpu_ms", "    cpu_ms: fast\n",
		  "toy.yaml:11:13: Invalid uint64_t value: 'fast'" },
		{ "runner", "runner: warp\n", "toy.yaml:15:9: Invalid ENUM value: warp" },
		{ "runner", "runner: 0\n", "toy.yaml:15:9: Invalid ENUM value: 0" },
		{ "aliases", "aliases: t\n",
		  "toy.yaml:3:10: Expecting SEQUENCE, got event: SCALAR" },
		{ "aliases", "aliases: [t, [u]]\n",
		  "toy.yaml:3:14: Expecting STRING, got event: SEQUENCE_START" },
		{ "title", "", "toy.yaml:18:3: Missing required mapping field: title" },
		{ "title", "title: \"\"\n", "toy.yaml:2:8: STRING length < 1: " },
		{ "aliases", "aliases: [t\n",
		  "toy.yaml:3:11: libyaml: did not find expected ',' or ']'" },
		{ "aliases", "aliases: &a [t]\nextensions: *a\nsource: x\n",
		  "toy.yaml:4:1: YAML alias unsupported" },
		{ "  crash_says", "  crash_says: \"1\"\n---\nname: second\n",
		  "toy.yaml:1:1: Ignoring documents after first in stream" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		expect_broken(table[i].line, table[i].by, table[i].want);
}

static void test_values(void **state)
{
	static const struct broken table[] = {
		{ "name", "name: a b\n",
		  "toy.yaml:1:1: name: must be letters, digits and any of + # . _ -, at most 32" },
		{ "name", "name: +a\n",
		  "toy.yaml:1:1: name: must be letters, digits and any of + # . _ -, at most 32" },
		{ "aliases", "aliases: [a/b]\n",
		  "toy.yaml:3:1: aliases: must be names like that of a language" },
		{ "aliases", "aliases: [TOY]\n",
		  "toy.yaml:3:1: aliases: hold the language's own name" },
		{ "aliases", "aliases: [t, T]\n", "toy.yaml:3:1: aliases: hold T twice" },
		{ "extensions", "extensions: [py]\n",
		  "toy.yaml:4:1: extensions: must be like .py" },
		{ "extensions", "extensions: [.]\n", "toy.yaml:4:1: extensions: must be like .py" },
		{ "extensions", "extensions: [.a, .a]\n",
		  "toy.yaml:4:1: extensions: hold .a twice" },
		{ "source", "source: a/b\n", "toy.yaml:5:1: source: must be one path component" },
		{ "source", "source: ..\n", "toy.yaml:5:1: source: must be one path component" },
		{ "version", "version: [toy]\n",
		  "toy.yaml:6:1: version: must start with an absolute path" },
		{ "  argv", "  argv: [gcc]\n",
		  "toy.yaml:7:1: compile: must start with an absolute path" },
		{ "  argv", "  argv: [\"{artefact}\"]\n",
		  "toy.yaml:7:1: compile: must start with an absolute path" },
		{ "  artefact", "  artefact: ../main\n",
		  "toy.yaml:7:1: compile: artefact must be one path component that is not the source" },
		{ "  artefact", "  artefact: main.toy\n",
		  "toy.yaml:7:1: compile: artefact must be one path component that is not the source" },
		{ "run:", "run: [./main]\n",
		  "toy.yaml:12:1: run: must start with an absolute path, or with {artefact}" },
		{ "  - A", "  - A\n", "toy.yaml:13:1: env: must be like NAME=value" },
		{ "  - A", "  - =b\n", "toy.yaml:13:1: env: must be like NAME=value" },
		{ "  memory_kb", "  memory_kb: 0\n",
		  "toy.yaml:16:1: limits: memory_kb must be at least 1" },
		{ "  memory_kb", "  memory_kb: 8388609\n",
		  "toy.yaml:16:1: limits: memory_kb must be at most 8388608" },
		{ "  memory_kb", "  memory_kb: -1\n",
		  "toy.yaml:16:1: limits: memory_kb must be at most 8388608" },
		{ "  memory_kb", "  total_wall_ms: 1\n",
		  "toy.yaml:16:1: limits: total_wall_ms belongs to a request" },
		{ "    cpu_ms", "    cpu_ms: 0\n",
		  "toy.yaml:7:1: compile: cpu_ms must be at least 1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		expect_broken(table[i].line, table[i].by, table[i].want);
}

static void test_factors(void **state)
{
	static const struct broken table[] = {
		{ "title", "title: T\ntime_factor: 0\n",
		  "toy.yaml:3:1: time_factor: must be a number from 0.01 to 100" },
		{ "title", "title: T\nmemory_factor: 101\n",
		  "toy.yaml:3:1: memory_factor: must be a number from 0.01 to 100" },
		{ "title", "title: T\nmemory_factor: nan\n",
		  "toy.yaml:3:1: memory_factor: must be a number from 0.01 to 100" },
		{ "title", "title: T\ntime_factor: fast\n",
		  "toy.yaml:3:14: Invalid FLOAT value: fast" },
	};
	_cleanup_free_ char *text = NULL;
	struct err err = ERR_INIT;
	struct language l;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		expect_broken(table[i].line, table[i].by, table[i].want);
	assert_int_equal(language_yaml_load_text("toy.yaml", good, strlen(good), &arena, &l, &err),
			 0);
	assert_true(l.time_factor == 1 && l.memory_factor == 1);
	assert_true(asprintf(&text, "%stime_factor: 2.5\nmemory_factor: 0.5\n", good) > 0);
	assert_int_equal(language_yaml_load_text("toy.yaml", text, strlen(text), &arena, &l, &err),
			 0);
	assert_true(l.time_factor == 2.5 && l.memory_factor == 0.5);
}

static void test_of_the_host(void **state)
{
	static const struct broken table[] = {
		{ "title", "title: T\nrelease: \"3 11\"\n",
		  "toy.yaml:3:1: release: must be like 3.11" },
		{ "title", "title: T\nneeds: [gcc]\n",
		  "toy.yaml:3:1: needs: must be absolute paths" },
		{ "title", "title: T\npackages: [\"gcc; reboot\"]\n",
		  "toy.yaml:3:1: packages: must be names of Debian's packages" },
	};
	static const char *const bad[] = { "/etc",	     "/etc/",
					   "/usr/share",     "/root/x",
					   "/home",	     "/",
					   "etc/x",	     "/etc/../root",
					   "/etc/./x",	     "/etc//x",
					   "/etc/x/",	     "/etc/.x",
					   "/usr/lib/x/..",  "/var/log/x",
					   "/proc/1",	     "/etcetera/x",
					   "/var/lib/x",     "/var/lib/x:/var/x",
					   "/root/x:/etc/x", "/etc/x:/etc/y:/etc/z",
					   "/etc/x:",	     ":/etc/x",
					   "/etc/x:/home/x", "/etc/../x:/etc/x" };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		expect_broken(table[i].line, table[i].by, table[i].want);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[128];

		snprintf(text, sizeof(text), "title: T\ntree: [/etc/x, \"%s\"]\n", bad[i]);
		expect_broken("title", text,
			      "toy.yaml:3:1: tree: must be paths below /usr/share or /etc, without "
			      ". and ..; HOST:BOX may begin below /var/lib");
	}
}

static void test_warm_values(void **state)
{
	static const struct broken table[] = {
		{ "runner", "runner: exec\n",
		  "toy.yaml:8:1: preload: needs a runner other than exec" },
		{ "runner", "runner: exec\ncompile: {argv: [/x], artefact: y}\n",
		  "toy.yaml:9:1: preload: needs a runner other than exec" },
		{ "runner", "runner: node\ncompile: {argv: [/x], artefact: y}\n",
		  "toy.yaml:7:1: runner: node runs the source: it has no compile step" },
		{ "runner", "runner: python\n",
		  "toy.yaml:6:1: run: must be PATH, SOURCE for runner python" },
		{ "run:", "run: [/t, --max-old-space-size=, main.toy]\n",
		  "toy.yaml:6:1: run: must be PATH, at most --max-old-space-size=N, SOURCE for runner node" },
		{ "run:", "run: [/t, --expose-gc, main.toy]\n",
		  "toy.yaml:6:1: run: must be PATH, at most --max-old-space-size=N, SOURCE for runner node" },
		{ "run:", "run: [/t, main.toy, -x]\n",
		  "toy.yaml:6:1: run: must be PATH, at most --max-old-space-size=N, SOURCE for runner node" },
		{ "run:", "run: [/t, main.toy, \"{args}\", -x]\n",
		  "toy.yaml:6:1: run: must be PATH, at most --max-old-space-size=N, SOURCE for runner node" },
		{ "run:", "run: [/t]\n",
		  "toy.yaml:6:1: run: must be PATH, at most --max-old-space-size=N, SOURCE for runner node" },
		{ "preload", "preload: [/etc/passwd]\n",
		  "toy.yaml:8:1: preload: must be names of modules" },
		{ "preload", "preload: [a/../b]\n",
		  "toy.yaml:8:1: preload: must be names of modules" },
		{ "preload", "preload: [\"a b\"]\n",
		  "toy.yaml:8:1: preload: must be names of modules" },
		{ "preload", "preload: [fs, os, fs]\n", "toy.yaml:8:1: preload: hold fs twice" },
		{ "cold_env", "cold_env: [\"A*B\"]\n",
		  "toy.yaml:9:1: cold_env: must be names of variables, or their beginnings and *" },
		{ "cold_env", "cold_env: [\"*\"]\n",
		  "toy.yaml:9:1: cold_env: must be names of variables, or their beginnings and *" },
		{ "cold_env", "cold_env: [A=b]\n",
		  "toy.yaml:9:1: cold_env: must be names of variables, or their beginnings and *" },
		{ "  - {code: c", "  - {code: c, expected: d, exit_code: 256}\n",
		  "toy.yaml:11:1: selftests: exit_code must be at most 255" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		expect_broken_in(warm, table[i].line, table[i].by, table[i].want);
	expect_broken("runner", "cold_env: [A]\n",
		      "toy.yaml:15:1: cold_env: needs a runner other than exec");
	expect_broken("runner", "selftests: [{code: a, expected: b}]\n",
		      "toy.yaml:15:1: selftests: needs a runner other than exec");
}

static void expect_broken_text(const char *text, const char *want)
{
	struct err err = ERR_INIT;
	struct language l;

	assert_int_equal(language_yaml_load_text("t", text, strlen(text), &arena, &l, &err),
			 -EINVAL);
	assert_string_equal(err.text, want);
}

static void test_whole_texts(void **state)
{
	expect_broken_text("", "t:1:1: is empty");
	expect_broken_text("# nothing\n", "t:1:1: is empty");
	expect_broken_text("[]", "t:1:1: Expecting MAPPING, got event: SEQUENCE_START");
	expect_broken_text("name: a\x01", "t:1:1: libyaml: control characters are not allowed");
	expect_broken_text("name: i\ntitle: I\nextensions: [.i]\nsource: m\nversion: [/i]\n"
			   "run: [/i, \"{artefact}\"]\n",
			   "t:6:1: run: {artefact} needs a compile step");
}

static void test_error_is_optional(void **state)
{
	struct language l;

	assert_int_equal(language_yaml_load_text("t", "a: b", 4, &arena, &l, NULL), -EINVAL);
}

static void test_out_of_memory(void **state)
{
	bool done = false;

	for (size_t max = 0; !done; max += 64) {
		struct arena tight;
		struct language l;
		int rc;

		arena_init(&tight, max);
		rc = language_yaml_load_text("t", good, strlen(good), &tight, &l, NULL);
		assert_true(rc == 0 || rc == -ENOMEM);
		done = rc == 0;
		arena_done(&tight);
		assert_true(max < 1 << 20);
	}
}

static void test_the_tree(void **state)
{
	static const char *const names[] = { "c", "javascript", "python" };
	struct language_set set;
	struct err err = ERR_INIT;
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/languages", getenv("SOURCE_ROOT"));
	if (language_yaml_load_dir(dir, &arena, &set, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_non_null(language_find(&set, names[i]));
	for (size_t i = 1; i < set.len; i++)
		assert_true(strcmp(set.langs[i - 1].name, set.langs[i].name) <= 0);
	assert_string_equal(language_find(&set, "PY")->name, "python");
	assert_string_equal(language_find(&set, "Node")->name, "javascript");
	assert_string_equal(language_by_filename(&set, "a/b.c")->name, "c");
	assert_null(language_find(&set, "python")->compile_argv);
	assert_int_equal(language_find(&set, "c")->compile_limits.processes, 32);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[4096];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
}

static void expect_dir(const char *dir, int code, const char *want)
{
	struct err err = ERR_INIT;
	struct language_set set;

	assert_int_equal(language_yaml_load_dir(dir, &arena, &set, &err), code);
	if (!strstr(err.text, want))
		fail_msg("got %s, wanted %s", err.text, want);
}

static void test_directory(void **state)
{
	static const char other[] = "name: other\ntitle: O\nextensions: [%s]\nsource: m\n"
				    "version: [/o]\nrun: [/o]\naliases: [%s]\n";
	char dir[] = "/tmp/test_language_yaml.XXXXXX", text[1024], path[64];

	assert_non_null(mkdtemp(dir));
	expect_dir(dir, -ENOENT, "no *.yaml in it");
	write_file(dir, "a.yaml", good);
	write_file(dir, ".hidden.yaml", "broken");
	write_file(dir, "notes.txt", "broken");
	expect_dir(dir, 0, "");
	snprintf(text, sizeof(text), other, ".o", "Ty");
	write_file(dir, "b.yaml", text);
	expect_dir(dir, -EINVAL, "/b.yaml:7:1: aliases: Ty is that of toy too");
	snprintf(text, sizeof(text), other, ".toy", "o");
	write_file(dir, "b.yaml", text);
	expect_dir(dir, -EINVAL, "/b.yaml:3:1: extensions: .toy is that of toy too");
	write_file(dir, "b.yaml", good);
	expect_dir(dir, -EINVAL, "/b.yaml:1:1: name: toy is that of toy too");
	snprintf(text, sizeof(text), "release: \"1\"\n%s", good);
	write_file(dir, "a.yaml", text);
	write_file(dir, "b.yaml", text);
	expect_dir(dir, -EINVAL, "/b.yaml:2:1: name: toy is that of toy too");
	text[10] = '2';
	write_file(dir, "b.yaml", text);
	expect_dir(dir, 0, "");
	write_file(dir, "a.yaml", warm);
	write_file(dir, "b.yaml", good);
	expect_dir(dir, -EINVAL, "/b.yaml:1:1: name: toy is that of toy too");
	write_file(dir, "a.yaml", good);
	snprintf(text, sizeof(text), other, ".o", "o");
	write_file(dir, "b.yaml", text);
	expect_dir(dir, 0, "");
	for (const char *const *name =
		     (const char *const[]){ "a.yaml", "b.yaml", ".hidden.yaml", "notes.txt", NULL };
	     *name; name++) {
		snprintf(path, sizeof(path), "%s/%s", dir, *name);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
	expect_dir(dir, -ENOENT, "No such file or directory");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fresh_arena, drop_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),	  TEST(test_schema),	  TEST(test_values),
		TEST(test_warm),	  TEST(test_warm_values), TEST(test_factors),
		TEST(test_of_the_host),	  TEST(test_whole_texts), TEST(test_error_is_optional),
		TEST(test_out_of_memory), TEST(test_the_tree),	  TEST(test_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
