// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler load code of the request
// layer: request
// verdict: accepted|compile_error
// never: BREACH
// request: {"files": [{"name": "evil.so", "content": "x"}, {"name": "specs", "content": "*link:\n-T /box/evil.so\n"}, {"name": "stdio.h", "content": "#error BREACH\n"}]}
#pragma GCC plugin "/box/evil.so"
#pragma GCC optimize("-fplugin=/box/evil.so")
#pragma comment(linker, "-T /box/evil.so")
#include <stdio.h>

int main(void)
{
	puts("contained");
}
