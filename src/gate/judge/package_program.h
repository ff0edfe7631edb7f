/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of a package, or one that the command line names: a source, or a folder of files of which one is.  Which one: the only
 * file with a language's ending, or the one called main.
 */
#pragma once

#include "gate/judge/package.h"
#include "model/language.h"

/* The program of everything in a folder; path: how it is told to people. 0 or -ENOMEM. */
int package_program_of(struct folder *folder, const char *path, struct arena *arena,
		       struct package_program *ret);
/*
 * The same of who judges: a checker, or an interactor, of a request.
 */
int package_checker_read(const struct package *p, const struct package_checker *c,
			 const struct language_set *languages, struct arena *arena,
			 struct request_checker *ret, struct refusal *refusal);
/*
 * Its code, language and files into a request. asked: a language's name, or NULL: by the ending.
 * 0, 1 (refused) or a negative errno.
 */
int package_program_read(const struct package_program *program, const char *asked,
			 const struct language_set *languages, struct arena *arena,
			 struct request *into, struct refusal *refusal);
