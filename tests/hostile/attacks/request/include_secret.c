// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler read the host's secrets aloud
// layer: tree
// verdict: compile_error
// never: root:$
#include "/etc/shadow"
#include "/proc/1/environ"
#include "/proc/self/environ"
#include "/root/kodewar-canary"
#include "/tmp/kodewar-canary"
