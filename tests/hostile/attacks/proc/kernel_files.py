# SPDX-License-Identifier: Apache-2.0
# attack: reads what the kernel tells about the host
# layer: proc
# verdict: accepted
# prints: contained
from probe import *

for name in ("kcore", "kallsyms", "kmsg", "keys", "key-users", "timer_list", "sched_debug", "config.gz", "modules", "iomem",
             "ioports", "interrupts", "slabinfo", "vmallocinfo", "pagetypeinfo", "mdstat", "partitions", "diskstats", "locks",
             "sysvipc/shm", "net/unix", "net/tcp", "sys/kernel/random/boot_id", "cmdline", "version", "latency_stats", "meminfo",
             "stat", "loadavg", "bus", "fs", "driver", "acpi", "scsi", "tty", "kpagecount", "kpageflags", "swaps", "schedstat"):
    refused("/proc/" + name, lambda: os.stat("/proc/" + name), E.ENOENT)
done()
