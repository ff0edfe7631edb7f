/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container is made of: the body of its create call.  Everything that contains a program here is in this one
 * file; what the runner adds is in sandbox/runner/container.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/limits.h"
#include "model/text.h"

#define SPEC_LABEL "org.kodewar.sandbox"     /* on every container of ours; its value is "1" */
#define SPEC_LABEL_OWNER "org.kodewar.owner" /* see owner.h */

/* What is the same for all containers of a backend. */
struct spec_host {
	const char *image_id; /* sha256:…, resolved once */
	const char *runtime;  /* NULL: the engine's default */
	const char *owner;
	const char *seccomp;	     /* the engine's profile as text, see spec_profile() */
	const char *const *programs; /* the runner looks for them; NULL-terminated */
	const char *device; /* whose read and write rate is bounded, "/dev/sda"; NULL: none known */
	unsigned api_minor;
	bool apparmor; /* the engine has it */
	bool userns;   /* the engine maps uids: only the first 65536 exist */
	bool cgroup2;
};

/* What a waiting container was made with, and so cannot be changed any more. */
struct spec_limits {
	uint64_t memory_kb, processes, disk_kb, inodes, open_files, file_bytes;
};

struct spec_limits spec_limits_of(const struct limits *l, uint64_t our_file_bytes,
				  uint64_t our_files);
/* A container made with `have` contains what is to have `want`: equal, or the runner can lower the rest. */
bool spec_fits(const struct spec_limits *have, const struct spec_limits *want);

/* uid_offset: no two containers at one time have the same. NULL when out of memory. */
json_t *spec_container(const struct spec_host *h, const struct spec_limits *l, uint32_t uid_offset);

/*
 * The one profile as engines take it, with five calls more that the runner needs: to restrict the program further (Landlock and
 * seccomp itself, only to add a filter), and to take files out beneath the box (openat2); the program gets the profile without them. *ret is malloc'ed.
 */
int spec_profile(struct text profile, char **ret, struct err *err);
