/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the layers of containment that a test-only build (-Dlayers_off=true) can switch off one by
 * one, to show what stands behind each.  In every other build layer_off() is the constant false and
 * the compiler removes the branch: there is no switch in a product binary.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*      id             name              */
#define LAYERS(X) \
	X(USERNS, "userns") \
	X(NETNS, "netns") \
	X(IPCNS, "ipcns") \
	X(UTSNS, "uts") \
	X(CGROUPNS, "cgroupns") \
	X(TREE, "tree") \
	X(TMPFS, "tmpfs") \
	X(PROC, "proc") \
	X(CAPS, "caps") \
	X(NNP, "nnp") \
	X(SECCOMP, "seccomp") \
	X(LANDLOCK, "landlock") \
	X(RLIMITS, "rlimits") \
	X(CGROUP_MEMORY, "cgroup-memory") \
	X(CGROUP_PIDS, "cgroup-pids") \
	X(CGROUP_CPU, "cgroup-cpu") \
	X(CGROUP_IO, "cgroup-io")

enum layer {
#define LAYER_ENUM(id, name) LAYER_##id,
	LAYERS(LAYER_ENUM)
#undef LAYER_ENUM
		LAYER_COUNT,
};

static inline bool layer_off(uint32_t off, enum layer layer)
{
#ifdef KODEWAR_TEST_LAYERS_OFF
	return off & (1u << layer);
#else
	(void)off;
	(void)layer;
	return false;
#endif
}
