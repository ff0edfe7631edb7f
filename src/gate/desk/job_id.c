/* SPDX-License-Identifier: Apache-2.0 */
/* See job_id.h. The kernel's own generator: nothing to seed, nothing that a fork could repeat. */
#include "gate/desk/job_id.h"

#include <errno.h>
#include <stddef.h>
#include <sys/random.h>

int job_id_make(char id[static JOB_ID_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char bytes[(JOB_ID_BYTES - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		id[2 * i] = hex[bytes[i] >> 4];
		id[2 * i + 1] = hex[bytes[i] & 15];
	}
	id[JOB_ID_BYTES - 1] = '\0';
	return 0;
}
