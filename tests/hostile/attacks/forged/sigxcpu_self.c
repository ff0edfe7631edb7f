// SPDX-License-Identifier: Apache-2.0
// attack: dies of the signal of the cpu limit
// layer: init
// verdict: runtime_error
// signal: SIGXCPU
#include <signal.h>

int main(void)
{
	raise(SIGXCPU);
}
