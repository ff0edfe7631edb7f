/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a box is to run: argv, environment, working directory, files.  Written by the unprivileged
 * engine into a sealed memory file, read by init inside the box; nobody in between looks into it.
 *
 *   struct payload_header
 *   strings: argv…, env…, cwd, artefact name, file names…, paths of outputs…, each NUL-terminated (string_bytes in all)
 *   padding to 8
 *   struct payload_file[nfiles]
 *   contents, one after the other
 *
 * init reads it as hostile all the same: every count and size is checked against the file's size.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/plan.h"

#define PAYLOAD_MAGIC 0x6b776279u
#define PAYLOAD_ARGC_MAX 512
#define PAYLOAD_ENVC_MAX 512
#define PAYLOAD_FILES_MAX 512
/* All lists of one payload; two have an end of their own. */
#define PAYLOAD_STRINGS_MAX \
	(PAYLOAD_ARGC_MAX + PAYLOAD_ENVC_MAX + PAYLOAD_FILES_MAX + REQUEST_OUTPUTS_MAX + 2)

struct payload_header {
	uint32_t magic, argc, envc, nfiles, noutputs, reserved;
	uint64_t string_bytes;
};

struct payload_file {
	uint64_t size;
	uint32_t mode, reserved;
};

/* Returns a sealed memory file, or a negative errno (-E2BIG: over a count). */
int payload_make(const struct plan_step *step);

/* All pointers lie together: each page that is written is a page that a run has to copy. */
struct payload_view {
	char **argv, **envp; /* NULL-terminated */
	char **names;
	char **outputs; /* relative, without "..": opened beneath /box all the same */
	const char *cwd, *artefact;
	const struct payload_file *files;
	uint32_t nfiles, noutputs;
	uint64_t content_offset;      /* of the first file's content in the memory file */
	uint64_t content_pages_bytes; /* all contents, each rounded up to pages */
	void *map;		      /* owned */
	size_t map_bytes;
	char *strings[PAYLOAD_STRINGS_MAX]; /* the four lists, one after the other */
};

/* Maps a sealed payload and checks it. 0, -EPERM (not sealed), -EBADMSG (anything else wrong). */
int payload_open(int fd, struct payload_view *ret);
void payload_close(struct payload_view *v);
