/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	long long a, b;

	if (scanf("%lld %lld", &a, &b) != 2 || a + b > 2147483647 || a + b < 0)
		abort();
	printf("%lld\n", a + b);
	return 0;
}
