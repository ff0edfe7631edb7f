/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp profile in the terms of Docker's format: a default action and, per group of names, an
 * action with conditions on arguments.  Decoded by codec/profile_json, compiled by kernel/seccomp.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum profile_action { PROFILE_ALLOW, PROFILE_ERRNO, PROFILE_KILL_PROCESS, PROFILE_TRIPWIRE };

enum profile_op {
	PROFILE_EQ,
	PROFILE_NE,
	PROFILE_LT,
	PROFILE_LE,
	PROFILE_GT,
	PROFILE_GE,
	PROFILE_MASKED_EQ
};

struct profile_arg {
	unsigned index;
	uint64_t value,
		value_two; /* MASKED_EQ: (arg & value) == value_two, as in Docker's format */
	enum profile_op op;
};

struct profile_rule {
	const char *const *names;
	size_t nnames;
	enum profile_action action;
	unsigned errno_ret;		/* never 0 */
	const struct profile_arg *args; /* all must hold */
	size_t nargs;
};

struct profile {
	enum profile_action default_action;
	unsigned default_errno;
	const struct profile_rule *rules;
	size_t nrules;
};
