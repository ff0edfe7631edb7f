// SPDX-License-Identifier: Apache-2.0
#include <bits/stdc++.h>

int main()
{
	long n;
	std::cin >> n;
	std::cout << n * n << std::endl;
}
