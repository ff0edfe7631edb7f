// SPDX-License-Identifier: Apache-2.0
// attack: closes every stream and goes on computing; its end must still be seen
// layer: init
// verdict: runtime_error
// exit_code: 3
#include <unistd.h>

int main(void)
{
	close(0);
	close(1);
	close(2);
	for (volatile long i = 0; i < 50000000; i++)
		;
	return 3;
}
