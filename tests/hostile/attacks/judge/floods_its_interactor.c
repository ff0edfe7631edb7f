// SPDX-License-Identifier: Apache-2.0
// attack: writes without end to an interactor that never reads
// layer: output
// verdict: output_limit
// request: {"interactor": {"language": "python", "code": "import time; time.sleep(60)"}, "test_cases": [{"input": "", "expected": ""}], "stop_on_failure": true}
// limits: {"output_bytes": 1000000}
#include <unistd.h>
int main(void)
{
	static char much[1 << 20];
	for (;;)
		if (write(1, much, sizeof much) <= 0)
			return 1;
}
