/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: the parser, the numbers, the rules over options, and what they make of a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/parse.h"
#include "gate/cli/cli_request.h"
#include "gate/cli/first_difference.h"

static const struct option_info table[] = {
	SETTING_LANGUAGE, SETTING_JSON,	 SETTING_LANES,
	SETTING_MAX_BODY, SETTING_LIMIT, SETTING_HELP,
};

struct parsed {
	struct arena arena;
	struct settings s;
	struct option_words words;
	struct refusal refusal;
	int r;
};

static void parse(struct parsed *p, const char *const *argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	*p = (struct parsed){ .s = SETTINGS_INIT };
	arena_init(&p->arena, 1 << 20);
	p->r = options_parse(table, ARRAY_SIZE(table), argc, (char **)(uintptr_t)argv, &p->s,
			     &p->arena, &p->words, &p->refusal);
}

#define PARSE(p, ...) parse(p, (const char *const[]){ __VA_ARGS__, NULL })

static void accepts_every_spelling(void **state)
{
	static const char *const spellings[][3] = {
		{ "--language", "c" },
		{ "--language=c" },
		{ "-l", "c" },
		{ "-lc" },
	};
	struct parsed p;

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		parse(&p, spellings[i]);
		assert_int_equal(p.r, 0);
		assert_string_equal(p.s.language, "c");
		assert_int_equal(p.words.nwords, 0);
		arena_done(&p.arena);
	}
}

static void keeps_words_apart(void **state)
{
	struct parsed p;

	PARSE(&p, "a.py", "-j", "-", "--", "--json", "x");
	assert_int_equal(p.r, 0);
	assert_true(p.s.json);
	assert_int_equal(p.words.nwords, 2);
	assert_string_equal(p.words.words[0], "a.py");
	assert_string_equal(p.words.words[1], "-");
	assert_int_equal(p.words.nrest, 2);
	assert_string_equal(p.words.rest[0], "--json");
	arena_done(&p.arena);
}

static void a_value_may_look_like_an_option(void **state)
{
	struct parsed p;

	PARSE(&p, "--language", "--json");
	assert_int_equal(p.r, 0);
	assert_string_equal(p.s.language, "--json");
	assert_false(p.s.json);
	arena_done(&p.arena);
}

static void later_replaces_and_lists_grow(void **state)
{
	struct parsed p;

	PARSE(&p, "-l", "c", "-L", "a=1", "-l", "py", "--limit=b=2");
	assert_int_equal(p.r, 0);
	assert_string_equal(p.s.language, "py");
	assert_int_equal(p.s.limits.len, 2);
	assert_string_equal(p.s.limits.items[0], "a=1");
	assert_string_equal(p.s.limits.items[1], "b=2");
	arena_done(&p.arena);
}

static void refuses_by_option(void **state)
{
	static const struct {
		const char *argv[3], *field, *rule;
	} rows[] = {
		{ { "--nope" }, "--nope", "there is no such option" },
		{ { "-x" }, "-x", "there is no such option" },
		{ { "--lang", "c" }, "--lang", "there is no such option" },
		{ { "--json=yes" }, "--json", "takes no value" },
		{ { "-jx" }, "-j", "takes no value" },
		{ { "--language" }, "--language", "needs a value: NAME" },
		{ { "--lanes", "0" }, "--lanes", "must be a whole number from 1 to 63, not \"0\"" },
		{ { "--lanes=64" }, "--lanes", "must be a whole number from 1 to 63, not \"64\"" },
		{ { "--lanes", "-1" },
		  "--lanes",
		  "must be a whole number from 1 to 63, not \"-1\"" },
		{ { "--lanes", "1K" },
		  "--lanes",
		  "must be a whole number from 1 to 63, not \"1K\"" },
	};
	struct parsed p;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		parse(&p, rows[i].argv);
		assert_int_equal(p.r, 1);
		assert_string_equal(p.refusal.field, rows[i].field);
		assert_string_equal(p.refusal.rule, rows[i].rule);
		arena_done(&p.arena);
	}
}

static void sizes_have_units(void **state)
{
	struct parsed p;

	PARSE(&p, "--max-body", "3M");
	assert_int_equal(p.r, 0);
	assert_int_equal(p.s.max_body_bytes, 3 << 20);
	arena_done(&p.arena);
}

static void numbers_are_whole_words(void **state)
{
	static const struct {
		const char *word;
		int r;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "0x1", -EINVAL, 0 },
		{ "1K", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
	};
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse_u64(rows[i].word, &value), rows[i].r);
		if (rows[i].r == 0)
			assert_true(value == rows[i].value);
	}
	assert_int_equal(parse_size("2G", &value), 0);
	assert_true(value == 2ull << 30);
	assert_int_equal(parse_size("K", &value), -EINVAL);
	assert_int_equal(parse_size("18446744073709551615K", &value), -ERANGE);
}

static void a_choice_is_one_of_its_words(void **state)
{
	static const struct option_info row[] = { SETTING_RUNNER };
	static const struct {
		const char *word;
		int place; /* -1: refused */
	} rows[] = {
		{ "auto", RUNNER_MODE_AUTO },
		{ "cold", RUNNER_MODE_COLD },
		{ "warm", RUNNER_MODE_WARM },
		{ "pooled", RUNNER_MODE_POOLED },
		{ "", -1 },
		{ "war", -1 },
		{ "warmer", -1 },
		{ "cold|warm", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *argv[] = { "--runner", (char *)(uintptr_t)rows[i].word };
		struct settings s = SETTINGS_INIT;
		struct option_words words;
		struct refusal refusal;
		struct arena arena;
		int r;

		arena_init(&arena, 1 << 16);
		r = options_parse(row, 1, 2, argv, &s, &arena, &words, &refusal);
		assert_int_equal(r, rows[i].place < 0);
		if (r)
			assert_non_null(strstr(refusal.rule, "auto|cold|warm|pooled"));
		else
			assert_int_equal(s.runner, rows[i].place);
		arena_done(&arena);
	}
}

static void a_body_takes_no_options(void **state)
{
	const char *dash[] = { "-" }, *two[] = { "a.py", "b.py" };
	struct option_words body = { .words = dash, .nwords = 1 },
			    files = { .words = two, .nwords = 1 };
	struct settings s = SETTINGS_INIT;

	assert_null(cli_request_check_usage(&s, &body));
	s.lanes = 2;
	assert_null(cli_request_check_usage(&s, &body));
	s.stop_on_failure = true;
	assert_non_null(cli_request_check_usage(&s, &body));
	assert_null(cli_request_check_usage(&s, &files));
	files.nwords = 2;
	assert_non_null(cli_request_check_usage(&s, &files));
	files.nwords = 0;
	assert_non_null(cli_request_check_usage(&s, &files));
}

/* FILE with the given settings; returns what cli_request_read() does. */
static int read_file(const char *name, struct settings *s, struct option_words *words,
		     struct arena *arena, struct request *req, struct refusal *refusal)
{
	static const char *const endings[] = { ".py", NULL };
	static const struct language python = { .name = "python", .extensions = endings };
	static const struct language_set set = { &python, 1 };
	struct cli_inputs in = CLI_INPUTS_INIT;
	int r;

	in.name = name;
	in.source_fd = fd_sealed_memfd("source", "pass\n", 5);
	assert_true(in.source_fd >= 0);
	r = cli_request_read(&in, s, words, &set, arena, req, refusal);
	cli_inputs_done(&in);
	return r;
}

static void options_make_a_request(void **state)
{
	const char *env[] = { "A=1=2", "B=" }, *limits[] = { "cpu_ms=7" }, *arg[] = { "x" },
		   *rest[] = { "y" };
	struct settings s = SETTINGS_INIT;
	struct option_words words = { .rest = rest, .nrest = 1 };
	struct request req;
	struct refusal refusal;
	struct arena arena;

	s.env = (struct option_list){ env, 2 };
	s.limits = (struct option_list){ limits, 1 };
	s.args = (struct option_list){ arg, 1 };
	s.compare = "float:0.5:0.25";
	s.output_encoding = "base64";
	arena_init(&arena, 1 << 20);
	assert_int_equal(read_file("a.py", &s, &words, &arena, &req, &refusal), 0);
	assert_string_equal(req.language, "python");
	assert_int_equal(req.code.len, 5);
	assert_int_equal(req.nenv, 2);
	assert_string_equal(req.env[0].name, "A");
	assert_string_equal(req.env[0].value, "1=2");
	assert_string_equal(req.env[1].value, "");
	assert_int_equal(req.limits.cpu_ms, 7);
	assert_int_equal(req.limits.wall_ms, 0);
	assert_int_equal(req.nargs, 2);
	assert_string_equal(req.args[0], "x");
	assert_string_equal(req.args[1], "y");
	assert_int_equal(req.compare.mode, COMPARE_FLOAT);
	assert_true(req.compare.abs == 0.5 && req.compare.rel == 0.25);
	assert_int_equal(req.output_encoding, ENCODING_BASE64);
	arena_done(&arena);
}

static void options_refuse_by_name(void **state)
{
	static const char *no_equals[] = { "A" }, *no_name[] = { "=1" }, *zero[] = { "cpu_ms=0" },
			  *unknown[] = { "cpu=1" };
	static const struct {
		const char *name;
		struct settings s;
		const char *field;
	} rows[] = {
		{ "a.zz", SETTINGS_INIT, "FILE" },
		{ "a.py", { .env = { no_equals, 1 }, .max_body_bytes = 100 }, "--env" },
		{ "a.py", { .env = { no_name, 1 }, .max_body_bytes = 100 }, "--env" },
		{ "a.py", { .limits = { zero, 1 }, .max_body_bytes = 100 }, "--limit" },
		{ "a.py", { .limits = { unknown, 1 }, .max_body_bytes = 100 }, "--limit" },
		{ "a.py", { .compare = "trim:1", .max_body_bytes = 100 }, "--compare" },
		{ "a.py", { .compare = "float:-1", .max_body_bytes = 100 }, "--compare" },
		{ "a.py", { .compare = "float:1:2:3", .max_body_bytes = 100 }, "--compare" },
		{ "a.py", { .compare = "floa", .max_body_bytes = 100 }, "--compare" },
		{ "a.py",
		  { .output_encoding = "latin1", .max_body_bytes = 100 },
		  "--output-encoding" },
		{ "a.py", { .max_body_bytes = 4 }, "FILE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct settings s = rows[i].s;
		struct option_words words = { 0 };
		struct request req;
		struct refusal refusal = { 0 };
		struct arena arena;

		arena_init(&arena, 1 << 20);
		assert_int_equal(read_file(rows[i].name, &s, &words, &arena, &req, &refusal), 1);
		assert_string_equal(refusal.field, rows[i].field);
		arena_done(&arena);
	}
}

/* A pipe has no size to look at: the cap holds by what was read. */
static void the_cap_holds_for_pipes(void **state)
{
	struct refusal refusal;
	char *text = NULL;
	size_t len;

	for (uint64_t cap = 4; cap <= 6; cap++) {
		int pair[2], r;

		assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
		assert_int_equal(fd_write_all(pair[1], "12345", 5), 0);
		close(pair[1]);
		r = cli_input_read(pair[0], "body", cap, &text, &len, &refusal);
		close(pair[0]);
		assert_int_equal(r, cap < 5);
		if (r)
			continue;
		assert_int_equal(len, 5);
		assert_memory_equal(text, "12345", 5);
		free(text);
	}
}

static void differences_are_printable(void **state)
{
	static const struct {
		struct text expected, actual;
		const char *says;
	} rows[] = {
		{ TEXT("1\n2\n"), TEXT("1\n3\n"), "line 2, column 1: expected \"2\", got \"3\"" },
		{ TEXT("1\n2"), TEXT("1"), "line 2, column 1: expected \"2\", got nothing more" },
		{ TEXT("1"), TEXT("1\n\n4"), "line 2, column 1: expected nothing more, got \"\"" },
		{ TEXT("a"), TEXT("\033[2Ja\0"),
		  "line 1, column 1: expected \"a\", got \"\\x1b[2Ja\\x00\"" },
		{ TEXT("a \nb"), TEXT("a\nc"), "line 2, column 1: expected \"b\", got \"c\"" },
		{ TEXT("a"), TEXT("\xc3\xa9"),
		  "line 1, column 1: expected \"a\", got \"\\xc3\\xa9\"" },
		{ TEXT("x"), TEXT("01234567890123456789012345678901234567890123456789"),
		  "line 1, column 1: expected \"x\", got "
		  "\"0123456789012345678901234567890123456789...\"" },
	};
	const struct compare_spec spec = { .mode = COMPARE_TRIM };
	struct difference d = { 0 };
	char text[512], tiny[8];

	setenv("LC_ALL", "C", 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(compare_find(&spec, rows[i].actual, rows[i].expected, &d), 0);
		assert_int_equal(first_difference(&d, text, sizeof(text)), strlen(rows[i].says));
		assert_string_equal(text, rows[i].says);
	}
	assert_int_equal(first_difference(&d, tiny, sizeof(tiny)), sizeof(tiny) - 1);
	assert_string_equal(tiny, "line 1,");
}

static void every_comparison_is_in_the_help(void **state)
{
	static const struct option_info compare = SETTING_COMPARE;

	for (size_t i = 0; i < COMPARE_MODES; i++)
		if (!strstr(compare.doc, compare_names[i]))
			fail_msg("--compare does not tell of %s", compare_names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_every_spelling),
		cmocka_unit_test(keeps_words_apart),
		cmocka_unit_test(a_value_may_look_like_an_option),
		cmocka_unit_test(later_replaces_and_lists_grow),
		cmocka_unit_test(refuses_by_option),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(numbers_are_whole_words),
		cmocka_unit_test(a_choice_is_one_of_its_words),
		cmocka_unit_test(a_body_takes_no_options),
		cmocka_unit_test(options_make_a_request),
		cmocka_unit_test(options_refuse_by_name),
		cmocka_unit_test(the_cap_holds_for_pipes),
		cmocka_unit_test(differences_are_printable),
		cmocka_unit_test(every_comparison_is_in_the_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
