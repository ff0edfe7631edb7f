# SPDX-License-Identifier: Apache-2.0
# attack: names that a shell, a log or a careless program takes for something else
# layer: tmpfs
# verdict: accepted
# prints: 12
import os

names = [b"-rf", b"*", b"a\nb", b"$(reboot)", b"..\n", b"\xff\xfe", b"x" * 255, b"'\";", b" ", b"\x1b[2J", b"%s%n", b"main.py\r"]
os.mkdir("/box/names")
for name in names:
    os.close(os.open(b"/box/names/" + name, os.O_CREAT | os.O_WRONLY))
print(len(os.listdir("/box/names")))
