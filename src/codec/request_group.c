/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of test cases, and points. What they must keep together is the planner's (model/groups.h). */
#include <string.h>

#include "codec/fields.h"
#include "codec/request_parts.h"

#define NAME_BYTES_MAX 64
#define DEPENDS_MAX 16

int request_read_points(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	double value = json_number_value(v);

	if (!json_is_number(v) || !(value >= 0 && value <= REQUEST_POINTS_MAX))
		return json_refuse(r, at, "must be a number from 0 to %.0f", REQUEST_POINTS_MAX);
	*(double *)into = value;
	return 0;
}

static int group_name(struct json_reader *r, const struct json_path *at, const json_t *v,
		      void *into)
{
	struct request_group *g = into;
	int rc = json_read_name(r, at, v, &g->name);

	if (rc == 0 && (!g->name[0] || strlen(g->name) > NAME_BYTES_MAX))
		return json_refuse(r, at, "must have 1 to %d bytes", NAME_BYTES_MAX);
	return rc;
}

static int group_points(struct json_reader *r, const struct json_path *at, const json_t *v,
			void *into)
{
	struct request_group *g = into;

	g->has_points = true;
	return request_read_points(r, at, v, &g->points);
}

static int group_score(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	struct request_group *g = into;
	const char *name;
	int rc = json_read_name(r, at, v, &name);

	if (rc)
		return rc;
	for (int i = 0; i < GROUP_SCORES; i++)
		if (strcmp(name, group_score_names[i]) == 0) {
			g->score = (enum group_score)i;
			return 0;
		}
	return json_refuse(r, at, "must be \"min\" or \"sum\"");
}

static int group_depends(struct json_reader *r, const struct json_path *at, const json_t *v,
			 void *into)
{
	struct request_group *g = into;

	return json_read_array(r, at, v, DEPENDS_MAX, sizeof(*g->depends), json_read_name,
			       &g->depends, &g->ndepends);
}

static int group_stop_on_failure(struct json_reader *r, const struct json_path *at, const json_t *v,
				 void *into)
{
	bool stop;
	int rc = json_read_bool(r, at, v, &stop);

	if (rc == 0)
		((struct request_group *)into)->stop = stop ? GROUP_STOP : GROUP_GO_ON;
	return rc;
}

#define GROUP_ROW(field, type, must, doc) ROW(group, field, must),
static const struct json_field group_rows[] = { GROUP_FIELDS(GROUP_ROW) };

int request_read_group(struct json_reader *r, const struct json_path *at, const json_t *v,
		       void *into)
{
	return json_read_object(r, at, v, group_rows, ARRAY_SIZE(group_rows), into);
}
