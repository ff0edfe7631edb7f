# SPDX-License-Identifier: Apache-2.0
# attack: changes the kernel's settings through /proc/sys and /sys, as the classic container escapes do
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

WRONG = (E.EROFS, E.EACCES, E.EPERM, E.ENOENT, E.ENOTDIR)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/drop_caches",
             "/proc/sys/kernel/hostname", "/proc/sys/fs/binfmt_misc/register", "/proc/sysrq-trigger",
             "/proc/sys/net/ipv4/ip_forward", "/proc/sys/user/max_user_namespaces", "/sys/kernel/uevent_helper",
             "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/power/state", "/proc/irq/default_smp_affinity",
             "/proc/acpi/wakeup", "/sys/module/kernel/parameters/crash_kexec_post_notifiers"):
    refused("open " + path, lambda: os.open(path, os.O_WRONLY), *WRONG)
done()
