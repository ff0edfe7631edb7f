# SPDX-License-Identifier: Apache-2.0
"""The real service for tests of what talks to it: `kodewar serve` on a port of its own, in a directory of its own."""

import os
import re
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar")
START_SEC, STOP_SEC = 60, 20


class Served:
    def __init__(self, *options, listen="127.0.0.1:0"):
        self._dir = tempfile.TemporaryDirectory(prefix="kodewar-served-")
        self.dir = Path(self._dir.name)
        self.dir.chmod(0o755)
        self._options = options
        self._listen = listen
        self.start()

    def start(self):
        for name in ("state", "log"):
            (self.dir / name).mkdir(exist_ok=True)
        self.stderr = open(self.dir / "stderr", "ab")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--listen", self._listen, "--state-dir", self.dir / "state",
             "--log-dir", self.dir / "log", *self._options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.stderr)
        self.url = self._address()
        # The same again after a restart, so that those who come back find it.
        self._listen = self.url.removeprefix("http://")

    def _address(self):
        end = time.monotonic() + START_SEC
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            part = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not part:
                self.kill()
                raise AssertionError(f"serve did not start: {line!r} {(self.dir / 'stderr').read_text()}")
            line += part
        match = re.search(rb"http://[^\s]+", line)
        assert match, line
        return match[0].decode()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SEC)
        finally:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.stderr.close()

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self._dir.cleanup()
