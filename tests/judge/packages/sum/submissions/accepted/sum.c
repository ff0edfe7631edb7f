/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

int main(void)
{
	long long a, b;

	return scanf("%lld %lld", &a, &b) == 2 && printf("%lld\n", a + b) > 0 ? 0 : 1;
}
