/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where V8's random number generator is, from which Math.random takes its seed.
 *
 * The function that tells it is exported by some builds of node and inlined in others.  In those the isolate is searched
 * for a pointer to it: what is pointed to holds the seed that it began with, and the state that this seed leads to
 * after some draws.  V8's own functions say whether it does; 128 bits do not agree by chance.
 */
#include <dlfcn.h>
#include <string.h>

#include "sandbox/runner/node/node_zygote.hh"

#define DRAWN_MAX (1u << 17) /* a start and a warm-up draw some hundreds */

typedef void *(*generator_of_fn)(v8::Isolate *);
typedef int (*next_fn)(void *generator, int bits);

struct generator {
	int64_t seed;
	uint64_t state[2];
};

static set_seed_fn set_seed;
static next_fn next;

static bool looks_random(uint64_t v)
{
	return v >> 48 != 0 && v >> 48 != 0xffff; /* neither a pointer nor a small number */
}

/* Any of its numbers may look like something else, once in 30,000 starts; two at once do not. */
static bool may_be_generator(const struct generator *g)
{
	return looks_random((uint64_t)g->seed) + looks_random(g->state[0]) + looks_random(g->state[1]) > 1;
}

static bool is_generator(const void *pointed, const void *)
{
	const struct generator *g = (const struct generator *)pointed;
	struct {
		struct generator g;
		uint64_t spare[5];
	} twin = {};

	if (!may_be_generator(g))
		return false;
	set_seed(&twin, g->seed);
	for (unsigned drawn = 0; drawn < DRAWN_MAX; drawn++) {
		if (memcmp(&twin.g, g, sizeof(*g)) == 0)
			return true;
		next(&twin, 32);
	}
	return false;
}

void *generator_find(v8::Isolate *isolate, set_seed_fn *ret_set_seed)
{
	generator_of_fn of = (generator_of_fn)dlsym(
		RTLD_DEFAULT, "_ZN2v88internal7Isolate23random_number_generatorEv");

	set_seed = (set_seed_fn)dlsym(RTLD_DEFAULT, "_ZN2v84base21RandomNumberGenerator7SetSeedEl");
	next = (next_fn)dlsym(RTLD_DEFAULT, "_ZN2v84base21RandomNumberGenerator4NextEi");
	*ret_set_seed = set_seed;
	if (!set_seed || (!of && !next))
		return NULL;
	return of ? of(isolate) : pointed_find(isolate, sizeof(struct generator), is_generator, NULL);
}
