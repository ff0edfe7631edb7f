# SPDX-License-Identifier: Apache-2.0
# attack: a grandchild outlives its box, holds stdout, spins, and waits for the next program
# layer: init
# verdict: accepted
# prints: contained
# mode: stream
# times: 4
# limits: {"wall_ms": 5000}
from probe import *
import time

others = [name for name in os.listdir("/proc") if name.isdigit() and name != str(os.getpid())]
if others:
    breach(f"somebody is there: {others}")
if os.listdir("/tmp") or os.listdir("/dev/shm") != os.listdir("/tmp") or os.path.exists("/box/left"):
    breach("files were left")
ready, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    for n in range(4):
        if os.fork() == 0:
            open("/box/left", "w").close()
            os.write(tell, b"x")
            while True:
                if n:
                    time.sleep(0.01)
                try:
                    open(f"/tmp/{time.monotonic_ns()}", "w").close()
                except OSError:
                    pass
    os._exit(0)
for _ in range(4):
    os.read(ready, 1)
done()
os._exit(0)
