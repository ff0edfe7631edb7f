// SPDX-License-Identifier: Apache-2.0
// attack: finds a descriptor that was not meant for it
// layer: init
// verdict: accepted
// prints: contained
#include "probe.h"
#include <sys/resource.h>
#include <sys/stat.h>

int main(void)
{
	struct stat st;
	char what[64];

	for (int fd = 0; fd < 70000; fd++) {
		int open_ = fcntl(fd, F_GETFD) >= 0;

		if (open_ == (fd < 3))
			continue;
		snprintf(what, sizeof(what), "descriptor %d is %s", fd, open_ ? "open" : "closed");
		breach(what);
	}
	for (int fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) == 0 &&
		    (S_ISSOCK(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)))
			breach("a descriptor that can do more than read or write");
	if ((fcntl(0, F_GETFL) & O_ACCMODE) != O_RDONLY)
		breach("stdin is writable");
	if ((fcntl(1, F_GETFL) & O_ACCMODE) != O_WRONLY ||
	    (fcntl(2, F_GETFL) & O_ACCMODE) != O_WRONLY)
		breach("stdout or stderr is readable");
	return done();
}
