/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nearly every program does, once, so that caches and specialised code are there already.
 */
#pragma once

/* In the zygote, before it is frozen. 0, or -1 (with a Python error, or after it was printed). */
int rehearse(void);
