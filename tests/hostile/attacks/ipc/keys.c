// SPDX-License-Identifier: Apache-2.0
// attack: makes keys, and reads those that it inherited with the session
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	char text[256] = "";
	long id;

	refused("add_key", syscall(SYS_add_key, "user", "kw-hostile-mark", "x", 1, -3), EPERM,
		ENOSYS, 0);
	refused("add_key to the process",
		syscall(SYS_add_key, "user", "kw-hostile-mark", "x", 1, -2), EPERM, ENOSYS, 0);
	refused("request_key", syscall(SYS_request_key, "user", "kodewar-canary", NULL, 0), EPERM,
		ENOSYS, 0);
	refused("join session", syscall(SYS_keyctl, 1, NULL), EPERM, ENOSYS, 0);
	refused("describe", syscall(SYS_keyctl, 6, -3, text, sizeof(text)), EPERM, ENOSYS, 0);
	id = syscall(SYS_keyctl, 10, -3, "user", "kodewar-canary", 0);
	if (id >= 0) {
		syscall(SYS_keyctl, 11, id, text, sizeof(text));
		breach(text);
	}
	return done();
}
