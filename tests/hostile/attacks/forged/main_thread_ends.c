// SPDX-License-Identifier: Apache-2.0
// attack: the first thread ends and leaves a zombie that looks like an ended program; another goes on
// layer: wall
// verdict: time_limit
// limits: {"wall_ms": 400}
#include <pthread.h>
#include <unistd.h>

static void *rest(void *arg)
{
	for (;;)
		pause();
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, rest, NULL);
	pthread_exit(NULL);
}
