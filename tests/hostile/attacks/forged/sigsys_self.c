// SPDX-License-Identifier: Apache-2.0
// attack: dies of the signal of the filter; it can only blame itself
// layer: init
// verdict: runtime_error|security_violation
// signal: SIGSYS
#include <signal.h>

int main(void)
{
	raise(SIGSYS);
}
