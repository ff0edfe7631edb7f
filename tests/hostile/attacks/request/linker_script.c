// SPDX-License-Identifier: Apache-2.0
// attack: has the linker read a script of the request
// layer: request
// verdict: compile_error|accepted
// never: BREACH
// request: {"files": [{"name": "libm.so", "content": "INPUT(/root/kodewar-canary)\n"}, {"name": "libm.a", "content": "BREACH"}, {"name": "libc.so", "content": "INPUT(/etc/shadow)"}]}
__asm__(".section .note.x\n.ascii \"INPUT(/etc/shadow)\"\n.text\n");
#include <stdio.h>

int main(void)
{
	puts("contained");
}
