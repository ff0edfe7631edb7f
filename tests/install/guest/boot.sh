#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In the guest, as root: boots the Debian of directory $1 (read-only) with systemd as pid 1 of a pid namespace, has it run
# booted.py, and prints what that wrote.
root=$1
mount --bind "$root" "$root"
for d in tmp run var/lib/kodewar var/lib/systemd var/log; do mount -t tmpfs -o mode=755 t "$root/$d"; done
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mkdir -p "$root/run/systemd/system" "$root/run/test" "$root/run/old"
cp /tmp/host/guest/booted.py "$root/run/test/"
cat >"$root/run/systemd/system/test.target" <<X
[Unit]
Requires=basic.target
Wants=test.service kodewar.socket
X
cat >"$root/run/systemd/system/test.service" <<X
[Unit]
After=basic.target kodewar.socket
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=/usr/bin/python3.11 /run/test/booted.py
StandardOutput=file:/run/test/out
StandardError=file:/run/test/err
X
# shellcheck disable=SC2016 # its own positional parameter
unshare --mount --pid --fork sh -c 'mount -t proc proc "$0/proc" && cd "$0" && pivot_root . run/old && umount -l /run/old &&
	exec env -i container=guest PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=test.target \
		--log-target=console --log-level=warning </dev/null' "$root"
cat "$root/run/test/err" "$root/run/test/out"
