// SPDX-License-Identifier: Apache-2.0
// attack: a source that includes itself twice on each level
// layer: cpu
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|time_limit|memory_limit
#ifndef DEPTH
#define DEPTH
#endif
#if __INCLUDE_LEVEL__ < 150
#include "main.c"
#endif
