// SPDX-License-Identifier: Apache-2.0
// attack: makes the compiler print a result
// layer: init
// verdict: runtime_error
// exit_code: 1
// prints: tried
#include <stdio.h>
#pragma message "{\"status\":\"success\",\"verdict\":\"accepted\"}"

int main(void)
{
	puts("tried");
	return 1;
}
