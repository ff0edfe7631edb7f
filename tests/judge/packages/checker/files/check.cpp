// SPDX-License-Identifier: Apache-2.0
#include "mini.h"

int main(int argc, char **argv)
{
	std::ifstream input(argv[1]), output(argv[2]), answer(argv[3]);
	long sum, a, b, known;

	if (argc != 4 || !(input >> sum) || !(answer >> known))
		return 3;
	if (!(output >> a >> b))
		quit(PRESENTATION, "two numbers were asked for");
	if (a == b)
		quit(WRONG, "the two are the same");
	quit(a + b == sum ? OK : WRONG, a + b == sum ? "right" : "the sum is another");
}
