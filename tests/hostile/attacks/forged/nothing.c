// SPDX-License-Identifier: Apache-2.0
// attack: closes its streams and ends well, with no answer at all
// layer: init
// verdict: wrong_answer
// request: {"test_cases": [{"input": "", "expected": "x"}]}
#include <unistd.h>

int main(void)
{
	close(0);
	close(1);
	close(2);
	return 0;
}
