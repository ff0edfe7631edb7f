// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler read random bytes without end
// layer: cgroup-memory
// limits: {"total_wall_ms": 2500}
// verdict: compile_error|time_limit|memory_limit
#include "/dev/urandom"
