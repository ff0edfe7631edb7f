// SPDX-License-Identifier: Apache-2.0
// attack: a thread replaces the whole program, and with it the process that is watched
// layer: init
// verdict: runtime_error
// exit_code: 9
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static void *replace(void *arg)
{
	execl("/proc/self/exe", "again", (char *)NULL);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t t;

	if (!strcmp(argv[0], "again"))
		return 9;
	pthread_create(&t, NULL, replace, NULL);
	for (;;)
		pause();
}
