/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See planner_limits.h.  Limits are a problem's, factors a language's: what a request says of time and memory is multiplied,
 * what a deployment or a language's file says is not, since whoever wrote that knew of what.  The caps hold for what comes
 * out, so that no factor makes a box larger than the deployment allows.
 */
#include "model/planner_limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- factors ---- */

/* With @RELEASE it says more. */
static bool says_more(const struct request_factors *f, const struct request_factors *than)
{
	return !than || (strchr(f->language, '@') && !strchr(than->language, '@'));
}

static int check_entry(const struct planner_config *c, const struct request *q, size_t i,
		       struct refusal *refusal)
{
	const struct request_factors *f = &q->language_factors[i];
	const struct language *l = language_find(c->languages, f->language);
	char field[96];

	snprintf(field, sizeof(field), "language_factors.%.64s", f->language);
	if (!l)
		return refusal_set(refusal, field, "is not the name of a language");
	for (size_t k = 0; k < i; k++) {
		const char *other = q->language_factors[k].language;

		if (language_find(c->languages, other) == l &&
		    !strchr(other, '@') == !strchr(f->language, '@'))
			return refusal_set(refusal, field, "is the language of \"%.64s\", too",
					   other);
	}
	return 0;
}

int planner_choose_factors(const struct planner_config *c, const struct request *q,
			   const struct language *l, struct planner_factors *ret,
			   struct refusal *refusal)
{
	const struct request_factors *own = NULL;

	*ret = (struct planner_factors){ 1, 1 };
	if (q->unscaled)
		return 0;
	for (size_t i = 0; i < q->nlanguage_factors; i++) {
		const struct request_factors *f = &q->language_factors[i];

		if (check_entry(c, q, i, refusal))
			return 1;
		if (language_is(l, f->language) && says_more(f, own))
			own = f;
	}
	if (l->time_factor > 0)
		ret->time = l->time_factor;
	if (l->memory_factor > 0)
		ret->memory = l->memory_factor;
	if (own && own->time > 0)
		ret->time = own->time;
	if (own && own->memory > 0)
		ret->memory = own->memory;
	return 0;
}

/* Rounded up, so that what was said is never 0, which would mean that it was not. */
static uint64_t times(uint64_t value, double factor)
{
	double product = ceil((double)value * factor);

	if (factor == 1)
		return value;
	return product < 9e18 ? (uint64_t)product : UINT64_MAX;
}

static double factor_of(const struct limit_info *info, const struct planner_factors *f)
{
	switch (info->offset) {
	case offsetof(struct limits, cpu_ms):
	case offsetof(struct limits, wall_ms):
	case offsetof(struct limits, total_wall_ms): return f->time;
	case offsetof(struct limits, memory_kb): return f->memory;
	default: return 1;
	}
}

static struct limits multiplied(const struct limits *asked, const struct planner_factors *f)
{
	struct limits l = *asked;

	for (size_t i = 0; i < limit_table_len; i++) {
		uint64_t *at = limits_at(&l, &limit_table[i]);

		*at = times(*at, factor_of(&limit_table[i], f));
	}
	return l;
}

void planner_overlay(struct limits *base, const struct limits *asked,
		     const struct planner_factors *factors)
{
	const struct limits l = multiplied(asked, factors);

	limits_overlay(base, &l);
}

/* ---- caps ---- */

/* `prefix` is "" or "test_cases[3]."; `asked` is what was asked there. */
static int check_caps(const struct planner_config *c, const char *prefix,
		      const struct limits *asked, const struct planner_factors *factors,
		      struct refusal *refusal)
{
	const struct limits l = multiplied(asked, factors);
	const struct limit_info *over = limits_over_cap(&l, &c->caps);
	char field[96];
	double factor;
	uint64_t cap;

	if (!over)
		return 0;
	factor = factor_of(over, factors);
	cap = *limits_at((struct limits *)&c->caps, over);
	snprintf(field, sizeof(field), "%slimits.%s", prefix, over->name);
	if (factor == 1)
		return refusal_set(refusal, field, "must be at most %llu", (unsigned long long)cap);
	return refusal_set(refusal, field,
			   "must be at most %llu once it is multiplied by %g, the factor of the "
			   "language",
			   (unsigned long long)cap, factor);
}

int planner_check_limits(const struct planner_config *c, const struct request *q,
			 const struct planner_factors *factors, struct refusal *refusal)
{
	int r = check_caps(c, "", &q->limits, factors, refusal);

	for (size_t i = 0; r == 0 && i < q->ntests; i++) {
		const struct limits *l = &q->tests[i].limits;
		char prefix[48];

		snprintf(prefix, sizeof(prefix), "test_cases[%zu].", i);
		if (l->total_wall_ms) {
			strcat(prefix, "limits.total_wall_ms");
			return refusal_set(refusal, prefix,
					   "belongs in the limits of the whole request");
		}
		r = check_caps(c, prefix, l, factors, refusal);
	}
	return r;
}

/* ---- how often a case is run ---- */

int planner_repeat(const struct planner_config *c, const struct request *q,
		   struct request_repeat *ret, struct refusal *refusal)
{
	/* With an interactor it is not the program alone that takes the time. */
	*ret = (struct request_repeat){ .times = q->ntests && !q->interactor ? c->repeat : 0 };
	if (!q->repeat.said)
		return 0;
	if (q->repeat.times > 0 && q->ntests == 0)
		return refusal_set(refusal, "repeat", "needs test_cases");
	if (q->repeat.times > 0 && q->interactor)
		return refusal_set(refusal, "repeat", "is refused together with interactor");
	*ret = q->repeat;
	return 0;
}
