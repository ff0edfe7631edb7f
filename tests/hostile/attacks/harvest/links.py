# SPDX-License-Identifier: Apache-2.0
# attack: leaves links, of every kind, where files are to be taken
# layer: init
# verdict: accepted
# request: {"output_files": ["soft", "etc/passwd", "magic", "hard", "root/etc/passwd", "self"]}
# never: root:x
# taken: {}
# untaken: {"soft": "not_plain", "etc/passwd": "not_plain", "magic": "not_plain", "hard": "not_plain", "root/etc/passwd": "not_plain", "self": "not_plain"}
import os
os.symlink("/etc/passwd", "soft")
os.symlink("/etc", "etc")
os.symlink("/proc/self/fd/0", "magic")
open("one", "w").write("x")
os.link("one", "hard")
os.symlink("/proc/1/root", "root")
os.symlink("one", "self")
