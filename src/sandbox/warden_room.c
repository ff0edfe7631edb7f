/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the warden must not run out of, however its boxes behave: its memory, its turn and its descriptors.
 */
#include "sandbox/warden_room.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "kernel/open_files.h"

#define WARDEN_NICE -15
/*
 * The most that a lane holds at once, on cgroup v1: 26 of its leaf, 2 of its own, 4 of its zygotes, 5 of init, 5 of its
 * program, 6 of its order, 1 of the last box's mounts.  41 were seen.
 */
#define FILES_OF_A_LANE 50u
/* 17 for all lanes: slot, cgroups, filter, launcher, runners; the rest for what is open for a moment. */
#define FILES_OF_OURS 40u

/*
 * A watcher that waits for what it watches is none.  Boxes that thrash share their library pages with us:
 * without the lock we could wait for a page behind a box's own throttled reads, past every limit.  Pages
 * are locked as they are touched, so that what is never used costs nothing.
 */
int warden_stay_awake(bool rootless, struct err *err)
{
	if (rootless)
		return 0; /* neither is an ordinary user's to do; the doctor tells */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		return err_set(err, errno, "lock the warden into memory");
	if (setpriority(PRIO_PROCESS, 0, WARDEN_NICE) < 0)
		return err_set(err, errno, "raise the warden's priority");
	return 0;
}

int warden_take_files(unsigned lanes, uint64_t *ret_before, struct err *err)
{
	uint64_t need = FILES_OF_OURS + (uint64_t)FILES_OF_A_LANE * lanes, have;

	*ret_before = open_files_limit();
	have = open_files_raise();
	if (have >= need)
		return 0;
	err_set(err, 0,
		"lanes: %u of them need %llu open files, and the hard limit is %llu: fewer lanes, or more "
		"files (ulimit -Hn, LimitNOFILE=)",
		lanes, (unsigned long long)need, (unsigned long long)have);
	return -EMFILE;
}
