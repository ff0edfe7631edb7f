// SPDX-License-Identifier: Apache-2.0
// attack: a file of the request in place of what the compiler makes
// layer: request
// verdict: accepted|refused
// never: BREACH
// request: {"files": [{"name": "main", "content": "#!/bin/sh\necho BREACH\n"}]}
#include <stdio.h>

int main(void)
{
	puts("mine");
}
