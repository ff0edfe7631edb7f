/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See package_grade.h.  Tests stand in the order of the tree, so that a group is a run of them, and a group in it a shorter
 * one.  All tests were run; what a group that stops at the first rejection would not have seen is left out here.
 */
#include "gate/judge/package_grade.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"

/* From the worst. What the format does not name is a crash to it. */
static const enum verdict badness[] = { VERDICT_INTERNAL_ERROR,	    VERDICT_RUNTIME_ERROR,
					VERDICT_SECURITY_VIOLATION, VERDICT_PROCESS_LIMIT,
					VERDICT_DISK_LIMIT,	    VERDICT_MEMORY_LIMIT,
					VERDICT_TIME_LIMIT,	    VERDICT_OUTPUT_LIMIT };

/* Results so far, in their order. */
struct sum {
	const struct package_group *group;
	size_t n;
	bool accepted, any, over;
	enum verdict first, worst;
	double total, min, max;
};

static size_t rank(enum verdict v)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(badness) && badness[i] != v)
		i++;
	return i;
}

static void add(struct sum *s, struct package_grade g)
{
	bool good = g.verdict == VERDICT_ACCEPTED;

	s->total += g.score;
	s->min = s->n == 0 ? g.score : fmin(s->min, g.score);
	s->max = s->n == 0 ? g.score : fmax(s->max, g.score);
	s->n++;
	s->any |= good;
	if (!good && s->accepted)
		s->first = s->worst = g.verdict;
	if (!good && rank(g.verdict) < rank(s->worst))
		s->worst = g.verdict;
	s->accepted &= good;
	s->over = !good && !s->group->go_on;
}

static struct package_grade result(const struct sum *s)
{
	const struct package_group *g = s->group;
	const double scores[] = { [PACKAGE_SUM] = s->total,
				  [PACKAGE_AVG] = s->n ? s->total / (double)s->n : 0,
				  [PACKAGE_MIN] = s->min,
				  [PACKAGE_MAX] = s->max };
	bool good = s->accepted || g->verdict == PACKAGE_ALWAYS || (g->any_accepted && s->any);

	return (struct package_grade){ good			     ? VERDICT_ACCEPTED
				       : g->verdict == PACKAGE_FIRST ? s->first
								     : s->worst,
				       scores[g->score] };
}

static const struct package_group plain = { .path = "", .accept_score = 1 };

static const struct package_group *find(const struct package *p, const char *path, size_t len)
{
	const struct package_group *g = p->groups;

	while (g && (strlen(g->path) != len || strncmp(g->path, path, len) != 0))
		g = g->next;
	return g ? g : &plain;
}

/* The tests [from, to) are those below a group whose path has `len` bytes. */
static struct package_grade grade(const struct package *p, const enum verdict *verdicts,
				  size_t from, size_t to, size_t len)
{
	const char *path = p->tests[from].name;
	struct sum s = { .group = find(p, path, len), .accepted = true };
	size_t skip = len ? len + 1 : 0;

	for (size_t i = from, end; i < to && !s.over; i = end) {
		const char *name = p->tests[i].name + skip, *slash = strchr(name, '/');
		size_t below = skip + (slash ? (size_t)(slash - name) : 0);
		bool good = verdicts[i] == VERDICT_ACCEPTED;

		end = i + 1;
		while (slash && end < to &&
		       !strncmp(p->tests[end].name, p->tests[i].name, below + 1))
			end++;
		if (s.group->ignore_sample && slash && !strncmp(name, "sample/", 7))
			continue;
		add(&s,
		    slash ? grade(p, verdicts, i, end, below)
			  : (struct package_grade){ verdicts[i], good ? s.group->accept_score
								      : s.group->reject_score });
	}
	return result(&s);
}

struct package_grade package_grade(const struct package *p, const enum verdict *verdicts)
{
	return grade(p, verdicts, 0, p->ntests, 0);
}
