// SPDX-License-Identifier: Apache-2.0
// attack: an executable without an entry, which the kernel may or may not start
// layer: init
// verdict: accepted|runtime_error
// never: BREACH
void _start_(void);
__asm__(".globl _start_\n_start_: hlt\n");

int main(void)
{
	_start_();
}
