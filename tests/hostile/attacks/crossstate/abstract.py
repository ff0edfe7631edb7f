# SPDX-License-Identifier: Apache-2.0
# attack: exchanges messages by an abstract socket
# layer: netns
# verdict: accepted
# prints: contained
# mode: parallel
from probe import *
import socket
import time

mine = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
mine.bind(b"\0kw-hostile-" + os.urandom(4).hex().encode())
meeting = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try:
    meeting.bind(b"\0kw-hostile-meeting")
except OSError as e:
    breach(f"the other box holds the name: {e}")
meeting.setblocking(False)
end = time.monotonic() + 0.4
while time.monotonic() < end:
    try:
        breach(f"message {meeting.recv(100)!r}")
    except BlockingIOError:
        time.sleep(0.01)
done()
