/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What launchers and zygotes receive: launches, of any shape and with any number of descriptors.  One that is taken has
 * every descriptor that its kind has, and to answer it closes them all.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandbox/lane.h"
#include "sandbox/runner/launch.h"

#define FDS_LOOKED_AT 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned open_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < FDS_LOOKED_AT; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The first byte: how many descriptors, and whether the frame is as long as it should be. */
static void send_launch(int sock, const uint8_t *data, size_t size)
{
	struct launch launch = { 0 };
	int fds[FD_PASS_MAX], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t n = data[0] & 15;

	if (null < 0)
		abort();
	for (size_t i = 0; i < n; i++)
		fds[i] = null;
	memcpy(&launch, data + 1, size - 1 < sizeof(launch) ? size - 1 : sizeof(launch));
	if (!(data[0] & 16)) { /* most are nearly right */
		launch.kind = 1 + launch.kind % 3;
		launch.njoin %= CGROUP_JOIN_MAX + 2;
		launch.bury %= 2;
	}
	if (data[0] & 32)
		fd_send_frame(sock, data + 1, size - 1, fds, n);
	else
		fd_send_frame(sock, &launch, sizeof(launch), fds, n);
	close(null);
}

static void check_taken(const struct box *b)
{
	const int fixed[] = { b->note_fd, b->peer_fd, b->init_pidfd, b->usage_fd, b->memory_fd };
	size_t n = b->launch.kind == LAUNCH_INIT ? 1 : ARRAY_SIZE(fixed);

	for (size_t i = 0; i < n; i++)
		if (fcntl(fixed[i], F_GETFD) < 0)
			abort();
	if (b->launch.njoin > CGROUP_JOIN_MAX)
		abort();
	for (size_t i = 0; i < b->launch.njoin; i++)
		if (fcntl(b->join_fds[i], F_GETFD) < 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct box_lane lane;
	static struct box b;
	unsigned before = open_descriptors();
	int pair[2], ours;

	if (size == 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	ours = pair[1] == LANE_SOCKET_FD ? pair[0] : pair[1];
	if (pair[0] != LANE_SOCKET_FD && pair[1] != LANE_SOCKET_FD) {
		if (dup2(pair[0], LANE_SOCKET_FD) < 0)
			abort();
		close(pair[0]);
	}
	send_launch(ours, data, size);
	shutdown(ours, SHUT_WR);
	if (launch_recv(&b, &lane) == 1) {
		check_taken(&b);
		launch_answer(&b, -1, -1);
		if (open_descriptors() != before + 2)
			abort();
	}
	close(ours);
	/* A launcher that was sent another shape ends, and its descriptors with it. */
	close_range(LANE_SOCKET_FD, ~0u, 0);
	return 0;
}
