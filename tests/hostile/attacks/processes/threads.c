// SPDX-License-Identifier: Apache-2.0
// attack: a bomb of threads
// layer: cgroup-pids
// verdict: accepted
// prints: contained
// limits: {"processes": 16}
#include "probe.h"
#include <pthread.h>

static void *wait_for_ever(void *arg)
{
	pause();
	return arg;
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t t;
	int n, code = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (n = 1; n < 500; n++)
		if ((code = pthread_create(&t, &attr, wait_for_ever, NULL)))
			break;
	if (n > 16)
		breach("more than 16 threads");
	else if (code != EAGAIN)
		odd("pthread_create", code);
	return done();
}
