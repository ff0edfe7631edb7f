# SPDX-License-Identifier: Apache-2.0
# attack: a name of an abstract socket, still taken in the next test
# layer: netns
# verdict: accepted
# prints: contained
# cases: 6
from probe import *
import socket
import time

s = socket.socket(socket.AF_UNIX)
try:
    s.bind(b"\0kw-hostile-left")
except OSError as e:
    breach(str(e))
if os.fork() == 0:
    os.setsid()
    os.read(os.pipe()[0], 1)
time.sleep(0.3)  # until another lane has come as far
done()
