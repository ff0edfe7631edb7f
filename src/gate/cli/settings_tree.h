/* SPDX-License-Identifier: Apache-2.0 */
/* The part of settings.h that is about trees; not to be included by itself. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct tree_settings {
	const char *declaration;
	bool replace;
	uint64_t max_bytes, max_files;
};

#define TREE_SETTINGS_INIT \
	{ \
		.max_bytes = 16ull << 30, .max_files = 1000000 \
	}

#define SETTING_TREE \
	SETTING_TEXT( \
		"tree", 0, "NAME", tree, \
		"what programs see as their root: host (the host's own /usr and the like, the default), a tree that kodewar tree made, or the absolute path of a directory that only root can write")
#define SETTING_TREES_DIR \
	SETTING_TEXT("trees-dir", 0, "DIR", trees_dir, \
		     "where trees lie that are called by name; only root may be able to write it")
#define SETTINGS_OF_TREE SETTING_TREE, SETTING_TREES_DIR
#define SETTING_DECLARATION \
	SETTING_TEXT( \
		"declaration", 0, "FILE", trees.declaration, \
		"what tree build makes, in YAML: suite, packages, languages; the system's own suite and nothing else when not given")
#define SETTING_REPLACE \
	SETTING_FLAG( \
		"replace", 0, trees.replace, \
		"a tree of that name gives way to the new one when that is whole; who uses it keeps it as long")
#define SETTING_MAX_BYTES \
	SETTING_( \
		"max-bytes", 0, OPTION_SIZE, "BYTES", trees.max_bytes, 1024, 1ull << 50, \
		"tree import refuses an archive that makes more; K, M and G allowed, 16G when not given")
#define SETTING_MAX_FILES \
	SETTING_("max-files", 0, OPTION_NUMBER, "N", trees.max_files, 1, 1000000000, \
		 "tree import refuses an archive that makes more; 1000000 when not given")
