// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler read a device without end
// layer: cgroup-memory
// verdict: compile_error|time_limit|memory_limit
#include "/dev/zero"
