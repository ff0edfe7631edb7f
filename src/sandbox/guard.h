/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where pid 1 of a box is ours and has the program's own uid (containers, rootless boxes), the kernel keeps a program from
 * its memory and from ending it, but not from slowing it: RLIMIT_CPU, SCHED_IDLE or another processor's mask, put on
 * it, would keep it from its death, on which the box's end rests.  So no call of the program may name process 1.
 */
#pragma once

/* For the calling thread and all that it makes; needs no_new_privs. 0 or a negative errno. */
int guard_pid1(void);
