/* SPDX-License-Identifier: Apache-2.0 */
/* Names of jobs: 128 random bits in hex, which nobody can guess or meet twice. */
#pragma once

#define JOB_ID_BYTES 33 /* with its NUL */

int job_id_make(char id[static JOB_ID_BYTES]); /* 0 or a negative errno */
