# SPDX-License-Identifier: Apache-2.0
"""A resident `kodewar bench --requests` and the processes behind it, told apart by what /proc says of them."""
import collections
import contextlib
import json
import os
import subprocess
import tempfile
import threading

from command_line import BINARY, CLEAN_ENV, ROOT
from quiet import until

Process = collections.namedtuple("Process", "pid parent name kind")
PRINT = {"python": "print({})", "javascript": "console.log({})"}


def _status(pid):
    try:
        with open(f"/proc/{pid}/status") as f:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            argv0 = f.read().split(b"\0")[0].decode(errors="replace")
    except OSError:
        return None
    return (fields, argv0) if fields["State"][0] not in "ZX" else None


def _kind(fields, argv0):
    inside = fields["NSpid"].split()[1:]
    if inside:
        return "init" if inside == ["1"] else "program"
    name = os.path.basename(argv0)
    return {"kodewar-launcher": "launcher", "kodewar-python": "python", "node": "javascript"}.get(name, fields["Name"])


def below(top):
    """Living processes below `top`. kind: init, program, launcher, or a zygote's language; else its name."""
    known = {int(name): s for name in os.listdir("/proc") if name.isdigit() and (s := _status(name))}
    found, seeds = [], {top}
    while seeds:
        children = [p for p, s in known.items() if int(s[0]["PPid"]) in seeds]
        found += [Process(p, int(known[p][0]["PPid"]), known[p][0]["Name"], _kind(*known[p])) for p in children]
        seeds = set(children)
    return found


class Resident:
    """Requests go in, answers come out in the order of ending; each is kept by the number of its request, from 1."""

    def __init__(self, *options):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([BINARY, "bench", "--requests", *map(str, options)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, cwd=ROOT, env=CLEAN_ENV)
        self.pid, self.sent, self.answers = self.process.pid, 0, {}
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            r = json.loads(line)
            with self._changed:
                self.answers[r["line"]] = r
                self._changed.notify_all()
        with self._changed:
            self.answers[None] = None  # it has ended
            self._changed.notify_all()

    def send(self, **request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        self.sent += 1
        return self.sent

    def send_number(self, language):
        """A program that prints the number of its own request."""
        return self.send(language=language, code=PRINT[language].format(self.sent + 1))

    def feed(self, languages):
        """Many of them, from a thread: the program reads while it has room."""
        thread = threading.Thread(target=lambda: [self.send_number(language) for language in languages])
        thread.start()
        return thread

    def wait(self, count, timeout):
        """Until so many are answered in all."""
        with self._changed:
            done = self._changed.wait_for(lambda: None in self.answers or len(self.answers) >= count, timeout)
        assert done, f"{len(self.answers)} answers of {count} after {timeout} s"
        assert None not in self.answers or len(self.answers) > count, "it ended: " + self.complaint()

    def ask(self, timeout=60, **request):
        number = self.send(**request)
        self.wait(number, timeout)
        return self.answers[number]

    def ask_number(self, language, timeout=60):
        number = self.send_number(language)
        self.wait(number, timeout)
        return self.answers[number]

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-2000:]

    def wrong(self):
        """Answers that are not their own request's."""
        return [r for n, r in self.answers.items() if n and (r["verdict"] != "accepted" or r["output"] != f"{n}\n")]

    def processes(self, *kinds):
        return [p for p in below(self.pid) if p.kind in kinds]

    def warden(self):
        return next(p.pid for p in below(self.pid) if p.name == "kodewar-warden" and p.parent == self.pid)

    @contextlib.contextmanager
    def traced(self, log, *options):
        """What the warden calls meanwhile, as strace with these options writes it."""
        warden = self.warden()
        tracer = subprocess.Popen(["/usr/bin/strace", "-qq", "-esignal=none", *options, "-o", str(log), "-p", str(warden)])
        try:
            until(lambda: "TracerPid:\t0" not in open(f"/proc/{warden}/status").read())
            yield
        finally:
            tracer.terminate()
            tracer.wait()

    def close(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(60)
        finally:
            self.process.kill()
            self._reader.join()
            self.process.stdout.close()
            complaint = self.complaint()
            self.errors.close()
        assert code == 0, complaint
