// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler run programs of the request by its environment
// layer: request
// verdict: accepted|refused|compile_error
// never: BREACH
// request: {"env": {"COMPILER_PATH": "/box", "GCC_EXEC_PREFIX": "/box/", "LD_PRELOAD": "/box/as"}, "files": [{"name": "as", "content": "#!/bin/sh\nln -s /etc/passwd main\necho BREACH\n"}, {"name": "cc1", "content": "#!/bin/sh\necho BREACH >&2\n"}]}
#include <stdio.h>

int main(void)
{
	puts("contained");
}
