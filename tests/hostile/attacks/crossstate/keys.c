// SPDX-License-Identifier: Apache-2.0
// attack: leaves a message in a keyring
// layer: seccomp
// verdict: accepted
// prints: contained
// cases: 6
#include "probe.h"

int main(void)
{
	for (long ring = -1; ring >= -5; ring--) {
		if (syscall(SYS_keyctl, 10, ring, "user", "kw-hostile-mark", 0) >= 0)
			breach("a key of an earlier box");
		syscall(SYS_add_key, "user", "kw-hostile-mark", "x", 1, ring);
	}
	return done();
}
