// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler read random bytes without end
// layer: cgroup-memory
// verdict: compile_error|time_limit|memory_limit
#include "/dev/urandom"
