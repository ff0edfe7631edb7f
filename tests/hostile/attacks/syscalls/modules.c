// SPDX-License-Identifier: Apache-2.0
// attack: loads a module, or another kernel, or restarts the machine
// layer: seccomp
// verdict: accepted
// prints: contained
#include "probe.h"

int main(void)
{
	refused("init_module", syscall(SYS_init_module, "x", 1, ""), EPERM, ENOSYS, 0);
	refused("finit_module", syscall(SYS_finit_module, 0, "", 0), EPERM, ENOSYS, 0);
	refused("delete_module", syscall(SYS_delete_module, "loop", 04000), EPERM, ENOSYS, 0);
	refused("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM, ENOSYS, 0);
	refused("kexec_file_load", syscall(SYS_kexec_file_load, 0, 0, 0, "", 0), EPERM, ENOSYS, 0);
	refused("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0 /* CAD off */, NULL), EPERM,
		ENOSYS, 0);
	refused("iopl", syscall(SYS_iopl, 3), EPERM, ENOSYS, 0);
	refused("ioperm", syscall(SYS_ioperm, 0x80, 1, 1), EPERM, ENOSYS, 0);
	refused("syslog", syscall(SYS_syslog, 3, NULL, 0), EPERM, ENOSYS, 0);
	refused("vhangup", syscall(SYS_vhangup), EPERM, ENOSYS, 0);
	return done();
}
