// SPDX-License-Identifier: Apache-2.0
// attack: has the compiler run code of the request: plugins, specs, wrappers, tools of its own
// layer: request
// verdict: accepted|compile_error
// never: BREACH
// request: {"files": [{"name": "cc1plus", "content": "#!/bin/sh\necho BREACH >&2\n"}, {"name": "as", "content": "#!/bin/sh\necho BREACH >&2\n"}, {"name": "collect2", "content": "#!/bin/sh\necho BREACH >&2\n"}, {"name": "specs", "content": "*cc1plus:\n-fplugin=/box/evil.so\n"}, {"name": "evil.so", "content": "x"}], "env": {"COMPILER_PATH": "/box", "GCC_EXEC_PREFIX": "/box/", "PATH": "/box", "CPATH": "/root"}}
#pragma GCC plugin "/box/evil.so"
#include <cstdio>
int main() { puts("contained"); }
