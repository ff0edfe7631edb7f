// SPDX-License-Identifier: Apache-2.0
// attack: fills the host's quota of keys
// layer: seccomp
// verdict: security_violation
// never: BREACH
#include "probe.h"

int main(void)
{
	long made = 0;

	for (int i = 0; i < 2000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "kw-hostile-mark-%d", i);
		made += syscall(SYS_add_key, "user", name, name, 16, -3) >= 0;
	}
	if (made)
		breach("keys were made");
	return 0;
}
