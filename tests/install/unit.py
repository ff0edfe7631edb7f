# SPDX-License-Identifier: Apache-2.0
"""Starts the service in the clean Debian as its unit would: the same command, capabilities, mask and socket, with the
manager's half of sd_notify played by the test."""
import contextlib
import http.client
import os
import re
import socket
import time

SOCKET = "/run/kodewar/kodewar.sock"
NOTIFY = "/tmp/notify"


def setting(text, key):
    """Of a unit file: the values of all its lines, in one."""
    return " ".join(re.findall(rf"^{key}=(.*)$", text, re.M))


class Local(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Unit:
    def __init__(self, root, *options, env=()):
        self.root = root
        self.options, self.env = options, {"NOTIFY_SOCKET": NOTIFY, **dict(env)}
        self.said = ""

    def command(self):
        text = self.root.file("/lib/systemd/system/kodewar.service").read_text(encoding="utf-8")
        capabilities = setting(text, "CapabilityBoundingSet").lower().replace("cap_", "+").split()
        assert len(capabilities) > 8
        return ["setpriv", "--bounding-set=" + ",".join(["-all", *capabilities]), "--inh-caps=-all", "--no-new-privs",
                "sh", "-c", 'umask "$0"; exec "$@"', setting(text, "UMask"),
                "systemd-socket-activate", "--listen", SOCKET, *(f"--setenv={k}={v}" for k, v in self.env.items()),
                *setting(text, "ExecStart").split(), *self.options]

    @contextlib.contextmanager
    def running(self):
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.root.file(NOTIFY))
        manager.bind(str(self.root.file(NOTIFY)))
        os.chmod(self.root.file(NOTIFY), 0o777)
        manager.settimeout(60)
        self.manager = manager
        with self.root.running(*self.command()) as self.process:
            self._wake()
            yield self
        manager.close()
        os.unlink(self.root.file(NOTIFY))

    def _wake(self):
        """systemd-socket-activate starts the program at the first connection; pid 1 would do so by its dependency."""
        end = time.monotonic() + 30
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(str(self.root.file(SOCKET)))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < end and self.process.poll() is None, "nobody listens"
                time.sleep(.02)
        self._give_socket()
        self.await_said("READY=1")

    def _give_socket(self):
        """To whom the socket's unit gives it."""
        text = self.root.file("/lib/systemd/system/kodewar.socket").read_text(encoding="utf-8")
        owner = f"{setting(text, 'SocketUser')}:{setting(text, 'SocketGroup')}"
        self.root.run("chown", owner, SOCKET)
        self.root.run("chmod", setting(text, "SocketMode"), SOCKET)

    def await_said(self, words):
        """Until it has told its manager so; what was told before is forgotten."""
        while words not in self.said:
            self.said += self.manager.recv(4096).decode() + "\n"
        self.said = ""

    def ask(self, method, path, body=None, **headers):
        c = Local(self.root.file(SOCKET))
        c.request(method, path, body, {"Content-Type": "application/json", **headers})
        answer = c.getresponse()
        return answer.status, answer.read()
