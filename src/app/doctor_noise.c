/* SPDX-License-Identifier: Apache-2.0 */
/* See doctor_noise.h. All but the stolen time is looked at first: our own boxes are load, too. */
#include "app/doctor_noise.h"

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
	printf("\nHow alike times are from run to run here (nothing is refused for it):\n");
	for (size_t i = 0; i < NOISE_IDS; i++)
		row(noise_state_names[n->facts[i].state], noise_table[i].name, noise_table[i].doc,
		    n->facts[i].state == NOISE_QUIET ? "" : n->facts[i].detail, cure_of(n, i));
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
