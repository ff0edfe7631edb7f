/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A training run: a child of the zygote that runs a small program as boxes do, and tells which pages it
 * wrote to.  A child that waits for its order writes to those of the last one beforehand.
 */
#pragma once

/* Before serving, with one thread. Returns the first number that the program prints, or -1. */
int hot_train(const char *program);
extern const char hot_program[]; /* what nearly every program does */
/* In a waiting child. */
void hot_touch(void *unused);
