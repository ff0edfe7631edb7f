/* SPDX-License-Identifier: Apache-2.0 */
/* YAML and XML of strangers: what the trees hold, what is refused and where, and that no mutilated text does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/xml_tree.h"
#include "codec/yaml_tree.h"

#define ARENA_BYTES (8u << 20)
#define MUTATIONS 4000

static const char yaml_sample[] = "name: {en: Sum, sv: 'Summa'}\n"
				  "limits:\n"
				  "  memory: 256\n"
				  "  time: ~\n"
				  "type: [pass-fail, \"x\\ty\"]\n"
				  "text: |\n"
				  "  two\n"
				  "  lines\n";
static const char xml_sample[] = "<?xml version=\"1.0\"?><problem a=\"1\" b=\"&lt;\">\n"
				 "<!-- none --><t n=\"1\">x<![CDATA[<y>]]></t><t/>\n"
				 "<deep><er>z</er></deep></problem>";

/* The text in memory that ends where it does, so that a sanitizer sees a read beyond. */
static char *tight(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static int read_yaml(const char *text, size_t len, struct arena *arena,
		     const struct yaml_node **ret, struct err *err)
{
	char *copy = tight(text, len);
	int r = yaml_tree_read(&(struct yaml_source){ "x.yaml", copy, len }, arena, ret, err);

	free(copy);
	return r;
}

static int read_xml(const char *text, size_t len, struct arena *arena, const struct xml_node **ret,
		    struct err *err)
{
	char *copy = tight(text, len);
	int r = xml_tree_read(&(struct xml_source){ "x.xml", copy, len }, arena, ret, err);

	free(copy);
	return r;
}

static void test_yaml(void **state)
{
	const struct yaml_node *root, *n;
	struct err err = ERR_INIT;
	struct arena arena;

	arena_init(&arena, ARENA_BYTES);
	assert_int_equal(read_yaml(yaml_sample, sizeof(yaml_sample) - 1, &arena, &root, &err), 0);
	n = yaml_tree_find(yaml_tree_find(root, "name"), "sv");
	assert_string_equal(n->value, "Summa");
	assert_false(n->plain);
	assert_int_equal(n->line, 1);
	n = yaml_tree_find(yaml_tree_find(root, "limits"), "memory");
	assert_true(n->plain);
	assert_int_equal(n->line, 3);
	assert_null(yaml_tree_find(yaml_tree_find(root, "limits"), "time"));
	assert_null(yaml_tree_find(yaml_tree_find(root, "type"), "memory"));
	n = yaml_tree_find(root, "type")->first->next;
	assert_string_equal(n->value, "x\ty");
	assert_null(n->next);
	assert_string_equal(yaml_tree_find(root, "text")->value, "two\nlines\n");
	assert_int_equal(read_yaml("", 0, &arena, &root, &err), 0);
	assert_int_equal(root->kind, YAML_MAP);
	assert_null(root->first);
	arena_done(&arena);
}

static void test_yaml_refused(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{ "a: &x 1\nb: *x\n", "x.yaml:2:4: must not use an alias" },
		{ "a: 1\na: 2\n", "x.yaml:2:1: this key was there before" },
		{ "[a]: 1\n", "x.yaml:1:1: a key must be a plain word" },
		{ "a: 1\n---\n", "must be one document" },
		{ "a: [1\n", "x.yaml:2:1: did not find expected" },
		{ "a: \"\\0\"\n", "x.yaml:1:4: must not hold NUL" },
		{ "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "x.yaml:1:17: is nested too deep" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct yaml_node *root;
		struct err err = ERR_INIT;
		struct arena arena;

		arena_init(&arena, ARENA_BYTES);
		assert_int_equal(read_yaml(rows[i].text, strlen(rows[i].text), &arena, &root, &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, rows[i].told));
		arena_done(&arena);
	}
}

static void test_xml(void **state)
{
	const struct xml_node *root, *n;
	struct err err = ERR_INIT;
	struct arena arena;

	arena_init(&arena, ARENA_BYTES);
	assert_int_equal(read_xml(xml_sample, sizeof(xml_sample) - 1, &arena, &root, &err), 0);
	assert_string_equal(root->name, "problem");
	assert_string_equal(xml_tree_attribute(root, "b"), "<");
	assert_null(xml_tree_attribute(root, "c"));
	assert_string_equal(root->text, "");
	n = xml_tree_find(root, "t");
	assert_string_equal(n->text, "x<y>");
	assert_int_equal(n->line, 2);
	assert_string_equal(xml_tree_next(n)->text, "");
	assert_null(xml_tree_next(xml_tree_next(n)));
	assert_string_equal(xml_tree_find(xml_tree_find(root, "deep"), "er")->text, "z");
	assert_null(xml_tree_find(xml_tree_find(root, "none"), "er"));
	arena_done(&arena);
}

static void test_xml_refused(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{ "", "x.xml:1: no element found" },
		{ "<a>\n<b></a>", "x.xml:2: mismatched tag" },
		{ "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "must not have a DOCTYPE" },
		{ "<a>&b;</a>", "x.xml:1: undefined entity" },
		{ "<a/><b/>", "x.xml:1: junk after document element" },
		{ "<a b='1' b='2'/>", "x.xml:1: duplicate attribute" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct xml_node *root;
		struct err err = ERR_INIT;
		struct arena arena;

		arena_init(&arena, ARENA_BYTES);
		assert_int_equal(read_xml(rows[i].text, strlen(rows[i].text), &arena, &root, &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, rows[i].told));
		arena_done(&arena);
	}
}

/* Bytes exchanged, left out, doubled: the same ones in each run. */
static size_t mutilate(char *text, size_t len, uint32_t *seed)
{
	static const char bytes[] = "{}[]<>&*!|:-#'\"\n\t %@\\\0\xff/=a";

	for (unsigned k = 0; k < 4; k++) {
		size_t at;

		*seed = *seed * 1664525u + 1013904223u;
		at = (*seed >> 8) % len;
		if (*seed >> 30 == 0 && len > 8) {
			memmove(text + at, text + at + 1, len - at - 1);
			len--;
		} else {
			text[at] = bytes[(*seed >> 16) % (sizeof(bytes) - 1)];
		}
	}
	return len;
}

static void test_mutilated(void **state)
{
	uint32_t seed = 1;
	unsigned good = 0;

	for (unsigned i = 0; i < MUTATIONS; i++) {
		char text[sizeof(yaml_sample) > sizeof(xml_sample) ? sizeof(yaml_sample)
								   : sizeof(xml_sample)];
		const struct yaml_node *yaml;
		const struct xml_node *xml;
		struct arena arena;
		size_t len;

		arena_init(&arena, 65536);
		memcpy(text, yaml_sample, sizeof(yaml_sample));
		len = mutilate(text, sizeof(yaml_sample) - 1, &seed);
		good += read_yaml(text, len, &arena, &yaml, NULL) == 0;
		memcpy(text, xml_sample, sizeof(xml_sample));
		len = mutilate(text, sizeof(xml_sample) - 1, &seed);
		good += read_xml(text, len, &arena, &xml, NULL) == 0;
		arena_done(&arena);
	}
	assert_in_range(good, 10, 2 * MUTATIONS - 10); /* neither all nor none */
}

/* An arena that is used up is told as such, at whatever value that is. */
static void test_out_of_memory(void **state)
{
	for (size_t room = 0; room < 2048; room += 16) {
		const struct yaml_node *yaml;
		const struct xml_node *xml;
		struct arena arena;
		int r;

		arena_init(&arena, room);
		r = read_yaml(yaml_sample, sizeof(yaml_sample) - 1, &arena, &yaml, NULL);
		assert_true(r == -ENOMEM || (r == 0 && room > 512));
		arena_done(&arena);
		arena_init(&arena, room);
		r = read_xml(xml_sample, sizeof(xml_sample) - 1, &arena, &xml, NULL);
		assert_true(r == -ENOMEM || (r == 0 && room > 256));
		arena_done(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yaml),	  cmocka_unit_test(test_yaml_refused),
		cmocka_unit_test(test_xml),	  cmocka_unit_test(test_xml_refused),
		cmocka_unit_test(test_mutilated), cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
