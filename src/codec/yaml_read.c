/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcyaml reads a text straight into a caller's structs, all of it inside the arena, and says what the
 * schema does not allow; it says so in log lines, of which the first is the message and the first with
 * a position tells where.  Its position is that of the last thing it understood, so an unknown key is
 * looked for again from there.
 */
#include "codec/yaml_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- where and why ---- */

struct report {
	char message[256];
	size_t line, column;
};

static int broken(struct err *err, const struct yaml_source *s, size_t line, size_t column,
		  const char *message)
{
	err_set(err, 0, "%s:%zu:%zu: %s", s->path, line, column, message);
	if (err)
		err->code = -EINVAL;
	return -EINVAL;
}

/* The first line from `from` on that starts, after blanks, with "key:"; 0 when there is none. */
static size_t find_key(const struct yaml_source *s, const char *key, size_t from, bool indented,
		       size_t *ret_column)
{
	const char *p = s->text, *end = s->text + s->len;
	size_t n = strlen(key);

	for (size_t line = 1; p < end; line++) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		const char *q = p;

		eol = eol ? eol : end;
		while (indented && q < eol && *q == ' ')
			q++;
		if (line >= from && (size_t)(eol - q) > n && memcmp(q, key, n) == 0 &&
		    q[n] == ':') {
			*ret_column = (size_t)(q - p) + 1;
			return line;
		}
		p = eol + 1;
	}
	return 0;
}

int yaml_broken_key(struct err *err, const struct yaml_source *s, const char *key, const char *rule)
{
	char message[256];
	size_t column = 1, line = find_key(s, key, 1, false, &column);

	snprintf(message, sizeof(message), "%s: %s", key, rule);
	return broken(err, s, line ? line : 1, column, message);
}

/* The key is in the message: "Unexpected key: colour", "Mapping field already seen: name". */
static void improve_position(const struct yaml_source *s, struct report *report)
{
	const char *key = strstr(report->message, ": ");
	size_t line, column;

	if (!key || (strncmp(report->message, "Unexpected key", 14) != 0 &&
		     strncmp(report->message, "Mapping field already seen", 26) != 0))
		return;
	line = find_key(s, key + 2, report->line + 1, true, &column);
	if (!line)
		return;
	report->line = line;
	report->column = column;
}

static void on_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static void on_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	struct report *report = ctx;
	char text[256];
	const char *start = text, *at;
	int n;

	if (level < CYAML_LOG_WARNING)
		return;
	n = vsnprintf(text, sizeof(text), fmt, args);
	if (n < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, "Load: ", 6) == 0)
		start += 6;
	at = strstr(start, "(line: ");
	if (at && !report->line)
		sscanf(at, "(line: %zu, column: %zu)", &report->line, &report->column);
	else if (!at && !report->message[0] && strcmp(start, "Backtrace:") != 0)
		snprintf(report->message, sizeof(report->message), "%s", start);
}

/* realloc() inside the arena: a length before each piece. Nothing is given back before its end. */
static void *arena_mem(void *ctx, void *ptr, size_t size)
{
	size_t *piece, *old = ptr ? (size_t *)(void *)((char *)ptr - 16) : NULL;

	if (!size)
		return NULL;
	if (size > SIZE_MAX - 16)
		return NULL;
	piece = arena_alloc(ctx, size + 16);
	if (!piece)
		return NULL;
	*piece = size;
	if (old)
		memcpy((char *)piece + 16, ptr, *old < size ? *old : size);
	return (char *)piece + 16;
}

int yaml_read(const struct yaml_source *s, const cyaml_schema_value_t *schema, struct arena *arena,
	      void **ret, unsigned *ret_len, struct err *err)
{
	struct report report = { .line = 0 };
	cyaml_config_t config = {
		.log_fn = on_log,
		.log_ctx = &report,
		.log_level = CYAML_LOG_WARNING,
		.mem_fn = arena_mem,
		.mem_ctx = arena,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	cyaml_data_t *data = NULL;
	cyaml_err_t rc;

	if (s->len > YAML_FILE_MAX)
		return err_set(err, EFBIG, "%s", s->path);
	rc = cyaml_load_data((const uint8_t *)s->text, s->len, &config, schema, &data, ret_len);
	if (rc == CYAML_ERR_OOM)
		return err_set(err, ENOMEM, "%s", s->path);
	if (rc == CYAML_OK && !data)
		return broken(err, s, 1, 1, "is empty");
	if (rc == CYAML_OK && !report.message[0]) {
		*ret = data;
		return 0;
	}
	if (!report.message[0])
		snprintf(report.message, sizeof(report.message), "%s", cyaml_strerror(rc));
	improve_position(s, &report);
	return broken(err, s, report.line ? report.line : 1, report.column ? report.column : 1,
		      report.message);
}
