/* SPDX-License-Identifier: Apache-2.0 */
/* Language files: a struct language that keeps what language.h promises, or a story that says where. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/language_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static size_t walk(const char *const *list)
{
	size_t n = 0, bytes = 0;

	for (; list && list[n]; n++)
		bytes += strlen(list[n]) + 1;
	must(n <= LANGUAGE_LIST_MAX);
	return bytes;
}

static void check_language(const struct language *l)
{
	must(l->name[0] && l->title && l->source[0] && !strchr(l->source, '/'));
	must(walk(l->extensions) && walk(l->version_argv) && walk(l->run_argv));
	must(!l->compile_argv == !l->artefact);
	must(walk(l->compile_argv) + walk(l->env) + walk(l->aliases) < SIZE_MAX);
	must(l->runner < RUNNER_KINDS);
	must(!limits_over_cap(&l->limits, &limits_cap) && !l->limits.total_wall_ms);
	must(!limits_over_cap(&l->compile_limits, &limits_cap));
	must(!l->selftest || (l->selftest->hello && l->selftest->crash_says));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct language l;
	struct arena arena;
	int rc;

	arena_init(&arena, (size_t)4 << 20);
	rc = language_yaml_load_text("f", (const char *)data, size, &arena, &l, &err);
	if (rc == 0)
		check_language(&l);
	else
		must(err.code == rc && (rc == -EINVAL ? strncmp(err.text, "f:", 2) == 0
						      : rc == -ENOMEM || rc == -EFBIG));
	arena_done(&arena);
	return 0;
}
