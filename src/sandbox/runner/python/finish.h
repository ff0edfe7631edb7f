/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a program, as far as Py_FinalizeEx() shows to it, without taking the interpreter down.
 */
#pragma once

/* In the zygote, when all that children share has been loaded. 0, or -1 with a Python error. */
int finish_prepare(void);
/* What is to happen just before the process ends; for the training run. */
void finish_set_hook(void (*hook)(void));
/* Shuts down (a failure makes `code` 120) and ends the process. */
void finish_exit(int code) __attribute__((noreturn));
/* The same after an uncaught KeyboardInterrupt, if there was one: by SIGINT. */
void finish_main(int code) __attribute__((noreturn));
