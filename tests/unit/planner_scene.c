/* SPDX-License-Identifier: Apache-2.0 */
/* The languages of the scene, its making and its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "planner_scene.h"

const struct language planner_languages[3] = {
	{
		.name = "c",
		.aliases = (const char *const[]){ "gcc", NULL },
		.source = "main.c",
		.compile_argv =
			(const char *const[]){ "/usr/bin/gcc", "-o", "main", "main.c", NULL },
		.artefact = "main",
		.run_argv = (const char *const[]){ "{artefact}", NULL },
		.limits = { .processes = 8 },
		.compile_limits = { .processes = 32, .cpu_ms = 20000 },
	},
	{
		.name = "python",
		.aliases = (const char *const[]){ "py", NULL },
		.source = "main.py",
		.run_argv = (const char *const[]){ "/usr/bin/python3", "main.py", NULL },
		.env = (const char *const[]){ "PYTHONHASHSEED=0", "LANG=C", NULL },
		.limits = { .memory_kb = 262144 },
	},
	{
		.name = "framed",
		.source = "prog",
		.run_argv = (const char *const[]){ "/bin/frame", "{args}", "--", "prog", "{args}",
						   NULL },
	},
};

int planner_scene_setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->arena, 1 << 20);
	s->set = (struct language_set){ planner_languages, ARRAY_SIZE(planner_languages) };
	s->config = (struct planner_config){ &s->set, limits_default, limits_cap };
	s->request = (struct request){ .code = TEXT("code\n"), .language = "python" };
	*state = s;
	return 0;
}

int planner_scene_teardown(void **state)
{
	struct scene *s = *state;

	arena_done(&s->arena);
	free(s);
	return 0;
}

int planner_scene_plan(struct scene *s)
{
	return planner_plan(&s->config, &s->request, &s->arena, &s->plan, &s->refusal);
}
