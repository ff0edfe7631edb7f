/* SPDX-License-Identifier: Apache-2.0 */
/* The default grader of ICPC packages: verdicts of tests become those of groups, and a score.  Pure. */
#pragma once

#include "gate/judge/package.h"

struct package_grade {
	enum verdict verdict;
	double score;
};

/* One verdict for each test of the package, in their order; the package is graded. */
struct package_grade package_grade(const struct package *p, const enum verdict *verdicts);
