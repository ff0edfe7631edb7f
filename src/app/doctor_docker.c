/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See doctor_docker.h.  Where one thing is missing the ones that could not be looked at for it stay unknown, and the
 * one with the cure is what counts: it is not told three times.
 */
#include "app/doctor_docker.h"

static const char *const state_names[] = {
	[DOCKER_UNKNOWN] = "unknown", [DOCKER_OK] = "ok", [DOCKER_MISSING] = "missing"
};

void doctor_docker_print(const struct docker_findings *f, doctor_row *row)
{
	for (size_t i = 0; i < DOCKER_FACTS_COUNT; i++)
		row(state_names[f->facts[i].state], docker_facts[i].name, docker_facts[i].doc,
		    f->facts[i].detail,
		    f->facts[i].state == DOCKER_MISSING ? docker_facts[i].cure : "");
}

json_t *doctor_docker_json(const struct docker_findings *f)
{
	json_t *all = json_array();

	for (size_t i = 0; i < DOCKER_FACTS_COUNT; i++)
		json_array_append_new(
			all,
			json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "fact", docker_facts[i].name,
				  "state", state_names[f->facts[i].state], "required",
				  docker_facts[i].required, "gives", docker_facts[i].doc, "detail",
				  f->facts[i].detail, "cure",
				  f->facts[i].state == DOCKER_MISSING ? docker_facts[i].cure : ""));
	return all;
}

int doctor_docker_severity(const struct docker_findings *f, bool quick)
{
	int worst = 0;
	bool missing = false;

	for (size_t i = 0; i < DOCKER_FACTS_COUNT; i++) {
		bool required = docker_facts[i].required;
		int s = 0;

		if (f->facts[i].state == DOCKER_MISSING)
			s = required ? 2 : 1;
		missing |= s == 2;
		if (f->facts[i].state == DOCKER_UNKNOWN)
			s = 3;
		if ((required || !quick) && s > worst)
			worst = s;
	}
	return missing ? 2 : worst;
}
