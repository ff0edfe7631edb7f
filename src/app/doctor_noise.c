/* SPDX-License-Identifier: Apache-2.0 */
/* See doctor_noise.h. All but the stolen time is looked at first: our own boxes are load, too. */
#include "app/doctor_noise.h"

#include <stdbool.h>
#include <stdio.h>

void doctor_noise_begin(struct doctor_noise *n)
{
	n->place.root = "";
	if (sched_getaffinity(0, sizeof(n->place.cpus), &n->place.cpus) < 0)
		CPU_ZERO(&n->place.cpus);
	noise_ticks(n->place.root, &n->place.before);
	n->place.lanes = (unsigned)CPU_COUNT(&n->place.cpus);
	noise_look(&n->place, n->facts);
}

void doctor_noise_end(struct doctor_noise *n, unsigned lanes)
{
	struct noise_fact load = n->facts[NOISE_LOAD];

	if (lanes)
		n->place.lanes = lanes;
	noise_look(&n->place, n->facts);
	n->facts[NOISE_LOAD] = load;
}

static const char *cure_of(const struct doctor_noise *n, size_t i)
{
	return n->facts[i].state == NOISE_QUIET ? "" : noise_table[i].cure;
}

void doctor_noise_print(const struct doctor_noise *n,
			void (*row)(const char *state, const char *name, const char *doc,
				    const char *detail, const char *cure))
{
	for (size_t i = 0; i < NOISE_IDS; i++) {
		const struct noise_fact *f = &n->facts[i];
		const struct noise_info *info = &noise_table[i];
		bool quiet = f->state == NOISE_QUIET;
		char told[256], wish[128] = "";

		snprintf(told, sizeof(told), "%s: %s", noise_state_names[f->state],
			 quiet ? info->doc : f->detail);
		if (!quiet)
			snprintf(wish, sizeof(wish), "wanted: %s", info->doc);
		row("noise", info->name, told, wish, cure_of(n, i));
	}
}

json_t *doctor_noise_json(const struct doctor_noise *n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < NOISE_IDS; i++)
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name",
						     noise_table[i].name, "state",
						     noise_state_names[n->facts[i].state], "gives",
						     noise_table[i].doc, "detail",
						     n->facts[i].detail, "cure", cure_of(n, i)));
	return all;
}
