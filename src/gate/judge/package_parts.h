/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that read packages: package*.c. All return 0, 1 (refused) or a negative errno. */
#pragma once

#include "base/err.h"
#include "gate/judge/package.h"

/* What an example is promised: a bit per verdict. */
#define PROMISE(verdict) (1u << VERDICT_##verdict)
#define PROMISE_CRASHES \
	(PROMISE(RUNTIME_ERROR) | PROMISE(MEMORY_LIMIT) | PROMISE(OUTPUT_LIMIT) | \
	 PROMISE(DISK_LIMIT) | PROMISE(PROCESS_LIMIT) | PROMISE(SECURITY_VIOLATION))
#define PROMISE_WRONG (PROMISE(WRONG_ANSWER) | PROMISE(PRESENTATION_ERROR))
#define PROMISE_REJECTED (PROMISE_CRASHES | PROMISE_WRONG | PROMISE(TIME_LIMIT))

int package_icpc_read(struct package *p, struct refusal *refusal);
int package_icpc_tests(struct package *p, struct refusal *refusal);
/* The group of a folder below data, made with those around it where it was not there yet. */
int package_group_find(struct package *p, const char *path, const struct package_group **ret,
		       struct refusal *refusal);
/* Order of names: component by component, as the format has it. */
int package_name_order(const char *a, const char *b);
int package_polygon_read(struct package *p, struct refusal *refusal);

/* A file of the package; NULL where it is not there. */
int package_text(struct package *p, const char *path, struct text *ret, struct refusal *refusal);
/* A story of the codec's: "FILE:LINE: rule" becomes a refusal of the file. Only of -EINVAL and -EFBIG. */
int package_refuse_err(struct package *p, int r, const struct err *err, const char *path,
		       struct refusal *refusal);
/* Every validator flag is known here, or refused. `where`: the file, `flags`: as it has them, split at blanks. */
int package_flags_parse(struct package *p, const char *where, const char *flags,
			struct compare_spec *into, struct refusal *refusal);
/* The same of a group: the package's flags, then its own. */
int package_flags_group(struct package *p, struct package_group *g, const char *where,
			struct refusal *refusal);
/* A name of a stranger's as one line that moves no cursor. NULL: no memory. */
const char *package_printable(struct package *p, const char *text);
/* Words that blanks part. NULL: no memory. */
const char *const *package_split(struct package *p, const char *words, size_t *ret_n);
/* The one program below a folder: a file in it, or a folder. `flat`: the folder itself may be it. */
int package_program_below(struct package *p, const char *folder, bool flat,
			  struct package_program *ret, struct refusal *refusal);
/* Adds to package.unpromised. 0 or -ENOMEM. */
int package_add_unpromised(struct package *p, const char *what, size_t len);
/* The submissions below `folder`, each a file or a folder in it. */
int package_gather(struct package *p, const char *folder, unsigned promised,
		   struct refusal *refusal);
