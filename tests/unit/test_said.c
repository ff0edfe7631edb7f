/* SPDX-License-Identifier: Apache-2.0 */
/* Words of strangers on a terminal: what it could obey never gets there, what it can show does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/cli/said.h"

#define CYRILLIC "\xd0\xb4\xd0\xb0" /* da */

static const char *words(const char *from)
{
	static char text[256];
	size_t len = said_words((struct text){ from, strlen(from) }, 60, text, sizeof(text));

	assert_int_equal(len, strlen(text));
	return text;
}

static void locale(const char *all, const char *ctype, const char *lang)
{
	const char *const values[] = { all, ctype, lang };
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < 3; i++)
		if (values[i])
			setenv(names[i], values[i], 1);
		else
			unsetenv(names[i]);
}

static void test_what_the_terminal_reads(void **state)
{
	static const struct {
		const char *all, *ctype, *lang;
		bool utf8;
	} rows[] = {
		{ NULL, NULL, "de_DE.UTF-8", true }, { NULL, NULL, "C.utf8", true },
		{ NULL, "ru_RU.UTF-8", "C", true },  { "C", "ru_RU.UTF-8", "de_DE.UTF-8", false },
		{ "", "", "C.UTF-8", true },	     { NULL, NULL, NULL, false },
		{ NULL, NULL, "de_DE@euro", false }, { NULL, NULL, "de_DE.ISO-8859-1", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		locale(rows[i].all, rows[i].ctype, rows[i].lang);
		assert_string_equal(words(CYRILLIC),
				    rows[i].utf8 ? CYRILLIC : "\\xd0\\xb4\\xd0\\xb0");
	}
}

static void test_nothing_that_a_terminal_obeys(void **state)
{
	locale("C.UTF-8", NULL, NULL);
	assert_string_equal(words("a b\t\"\\\""), "a b\\t\"\\\\\"");
	assert_string_equal(words("\033[2J\007\177"), "\\x1b[2J\\x07\\x7f");
	assert_string_equal(words("\xc2\x9b"
				  "2J"),
			    "\\u{9b}2J"); /* CSI in one character */
	assert_string_equal(words("\xe2\x80\xae"
				  "abc"),
			    "\\u{202e}abc");			       /* right to left */
	assert_string_equal(words("\x9b\xff\xd0"), "\\x9b\\xff\\xd0"); /* not UTF-8 */
	assert_string_equal(words("\xc2\xb7"), "\\u{b7}"); /* what stands for a blank elsewhere */
	assert_string_equal(
		words("0123456789012345678901234567890123456789012345678901234567890"),
		"012345678901234567890123456789012345678901234567890123456789\xe2\x80\xa6");
}

static void test_lines_that_say_it(void **state)
{
	static const struct {
		const char *said, *last, *error;
	} rows[] = {
		{ "", "", "" },
		{ " \n\r\n", "", "" },
		{ "one", "one", "one" },
		{ "Traceback:\n  File\nValueError: x\n\n", "ValueError: x", "ValueError: x" },
		{ "\nmain.c: In function f:\r\nmain.c:1:2: error: no\r\n  1 | f\r\n", "1 | f",
		  "main.c:1:2: error: no" },
		{ "a\nb\n", "b", "a" },
		{ "warning\n\n2 Errors", "2 Errors", "2 Errors" },
	};
	char text[200];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct text said = { rows[i].said, strlen(rows[i].said) };

		said_last_line(said, text, sizeof(text));
		assert_string_equal(text, rows[i].last);
		said_error_line(said, text, sizeof(text));
		assert_string_equal(text, rows[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_terminal_reads),
		cmocka_unit_test(test_nothing_that_a_terminal_obeys),
		cmocka_unit_test(test_lines_that_say_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
