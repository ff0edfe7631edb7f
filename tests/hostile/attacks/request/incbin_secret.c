// SPDX-License-Identifier: Apache-2.0
// attack: puts a secret of the host into the executable
// layer: tree
// verdict: compile_error
__asm__(".data\nsecret: .incbin \"/root/kodewar-canary\"\n");
extern char secret[];
#include <stdio.h>

int main(void)
{
	puts(secret);
}
