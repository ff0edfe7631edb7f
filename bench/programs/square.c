/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing that takes time: what is measured is everything around it. */
#include <stdio.h>

int main(void)
{
	long n;

	return scanf("%ld", &n) != 1 || printf("%ld\n", n * n) < 0;
}
