/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a job compiles before its first case: the program, then its checker or interactor, where their languages have a compile step.  Both
 * go the same way: found in the cache, or made in a box of their own, sealed, kept for those who come later.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/job_parts.h"

static const struct case_result nothing = { .outcome = { .out = { "", 0 }, .err = { "", 0 } },
					    .error = "" };

static const struct plan_step *compile_step(const struct plan *plan)
{
	bool there = plan && plan->nsteps > 0 && plan->steps[0].kind == STEP_COMPILE;

	return there ? &plan->steps[0] : NULL;
}

void job_made_init(struct job *j)
{
	struct result *r = &j->result;

	j->made[JOB_PROGRAM] = (struct job_made){ .plan = j->plan,
						  .result = &r->compile,
						  .cached = &r->compile_cached };
	j->made[JOB_CHECKER] = (struct job_made){ .plan = j->plan->checker,
						  .result = &r->checker,
						  .cached = &r->checker_cached };
	j->made[JOB_INTERACTOR] = (struct job_made){ .plan = j->plan->interactor,
						     .result = &r->interactor,
						     .cached = &r->interactor_cached };
	for (size_t i = 0; i < JOB_PARTS; i++) {
		j->made[i].step = compile_step(j->made[i].plan);
		j->made[i].artefact_fd = -1;
		*j->made[i].result = nothing;
	}
	r->checker_compiled = j->made[JOB_CHECKER].step;
	r->interactor_compiled = j->made[JOB_INTERACTOR].step;
}

void job_made_done(struct job *j)
{
	for (size_t i = 0; i < JOB_PARTS; i++)
		if (j->made[i].result) /* else it was never begun */
			fd_drop(&j->made[i].artefact_fd);
}

struct job_made *job_made_next(struct job *j)
{
	for (size_t i = 0; i < JOB_PARTS; i++)
		if (j->made[i].step && !j->made[i].result->ran)
			return &j->made[i];
	return NULL;
}

struct job_made *job_made_by(struct job *j, const struct plan_step *step)
{
	for (size_t i = 0; i < JOB_PARTS; i++)
		if (j->made[i].step == step)
			return &j->made[i];
	return NULL;
}

static void hold(struct job_made *m, int fd)
{
	struct stat st;

	m->artefact_fd = fd;
	m->artefact_bytes = fd >= 0 && fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* A compiler that did well, but no artefact: the backend's fault, not the program's. */
void job_made_take(struct job_made *m, struct box_outcome *o, int artefact_fd)
{
	if (m->step->artefact && artefact_fd < 0 && o->facts.artefact == 1)
		job_fail_outcome(o, "artefact", EIO);
	if (m->step->artefact)
		hold(m, artefact_fd);
	else if (artefact_fd >= 0)
		close(artefact_fd);
}

static bool may_use_cache(const struct job *j, const struct job_made *m)
{
	return j->cache && !j->plan->request->fresh && m->step->artefact;
}

void job_made_keep(struct job *j, const struct job_made *m)
{
	const struct box_outcome *o = &m->result->outcome;
	const struct cache_entry e = { .artefact_fd = m->artefact_fd,
				       .out = o->out,
				       .err = o->err,
				       .out_truncated = o->out_truncated,
				       .err_truncated = o->err_truncated,
				       .denied_known = o->facts.denied_known };

	if (may_use_cache(j, m) && m->result->verdict == VERDICT_ACCEPTED && m->artefact_fd >= 0)
		cache_put(j->cache, m->cache_key, &e);
}

bool job_made_find(struct job *j, struct job_made *m)
{
	struct box_outcome o = { .facts = { .started = 1, .ended = 1, .artefact = 1 } };
	struct cache_entry e;

	if (!may_use_cache(j, m))
		return false;
	cache_key(j->cache, j->tenant, m->plan, m->step, m->cache_key);
	if (!cache_find(j->cache, m->cache_key, &e)) {
		j->counters->cache_misses++;
		return false;
	}
	hold(m, fcntl(e.artefact_fd, F_DUPFD_CLOEXEC, 3));
	if (m->artefact_fd < 0)
		return false;
	o.facts.denied_known = e.denied_known;
	o.out = e.out;
	o.err = e.err;
	o.out_truncated = e.out_truncated;
	o.err_truncated = e.err_truncated;
	job_record(j, m->step, m->result, &o);
	if (m->result->verdict != VERDICT_ACCEPTED) { /* no memory for what it said */
		fd_drop(&m->artefact_fd);
		*m->result = nothing;
		return false;
	}
	j->counters->cache_hits++;
	*m->cached = true;
	return true;
}
