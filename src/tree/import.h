/* SPDX-License-Identifier: Apache-2.0 */
/* A tree out of an archive: a root file system, or an image as `docker save` or the OCI layout writes it. */
#pragma once

#include "tree/make.h"

struct tree_import {
	const char *helper; /* kodewar-unpack */
	int fd;		    /* the archive; anything but a file is copied into one first */
	uint64_t max_bytes, max_files;
	const struct tree_progress *progress;
};

struct tree_imported {
	bool image; /* with layers */
	uint64_t skipped;
};

/* Fills make.root. What the archive breaks is told in *err; nothing of it is kept then. */
int import_archive(const struct tree_make *m, const struct tree_import *i,
		   struct tree_imported *ret, struct err *err);
