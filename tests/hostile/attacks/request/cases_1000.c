// SPDX-License-Identifier: Apache-2.0
// attack: as many tests as allowed
// layer: request
// verdict: accepted
// cases: 1000
#include <stdio.h>

int main(void)
{
	puts("contained");
}
