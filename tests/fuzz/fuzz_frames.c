/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What crosses into privilege: orders as the warden checks them, and payload files as init reads them.
 * The first byte chooses; a payload that is accepted is walked to its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/order.h"
#include "sandbox/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct payload_view *v)
{
	size_t n = strlen(v->cwd) + strlen(v->artefact);

	for (size_t i = 0; v->argv[i]; i++)
		n += strlen(v->argv[i]);
	for (size_t i = 0; v->envp[i]; i++)
		n += strlen(v->envp[i]);
	for (size_t i = 0; i < v->nfiles; i++)
		n += strlen(v->names[i]) + v->files[i].size;
	return n;
}

static void try_payload(const uint8_t *data, size_t size)
{
	static struct payload_view v;
	int fd = fd_sealed_memfd("fuzz", data, size);

	if (fd < 0)
		abort();
	memset(&v, 0, sizeof(v));
	if (payload_open(fd, &v) == 0 && (walk(&v) > size || !v.argv[0]))
		abort();
	payload_close(&v);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] & 1) {
		try_payload(data + 1, size - 1);
	} else if (size - 1 >= sizeof(struct order)) {
		struct order o;

		memcpy(&o, data + 1, sizeof(o));
		if (order_valid(&o, data[0] >> 1 & 7, 4, &limits_cap) && o.lane >= 4)
			abort();
	}
	return 0;
}
