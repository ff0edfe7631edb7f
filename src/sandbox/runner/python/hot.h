/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A training run: a child of the zygote that runs a small program as boxes do, and tells which pages it
 * wrote to.  A child that waits for its order writes to them beforehand.
 */
#pragma once

/* Before serving, with one thread. Returns what gc.get_count()[0] is at its first line, or -1. */
int hot_train(void);
/* In a waiting child. */
void hot_touch(void *unused);
