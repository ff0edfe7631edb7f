// SPDX-License-Identifier: Apache-2.0
// attack: dumps its core where the host would keep it
// layer: rlimits
// verdict: runtime_error
// signal: SIGABRT
#include <stdlib.h>
#include <sys/resource.h>

int main(void)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &r);
	abort();
}
