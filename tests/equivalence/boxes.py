# SPDX-License-Identifier: Apache-2.0
"""Programs run three ways: by the plain interpreter, in boxes that start one, in boxes that fork one.

Boxes come from `kodewar bench --requests`, one process for each runner and the whole session: that is fast, and
what one program leaves behind the next would meet.
"""
import base64
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KODEWAR = str(ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar"))
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
BOX_UID = 1000
PLAIN_TIMEOUT_SEC = 30
LIMITS = {"cpu_ms": 15000, "wall_ms": 25000}


class Outcome:
    """What a program did: bytes of both streams, and its exit code or the name of its signal."""

    def __init__(self, stdout, stderr, end, how, verdict=None, files=None):
        self.stdout, self.stderr, self.end, self.how, self.verdict, self.files = stdout, stderr, end, how, verdict, files

    def get(self, what):
        return getattr(self, what)


def request_of(language, code, equiv):
    """The request for a program with its `equiv:` header."""
    request = {"code": code, "language": language, "output_encoding": "base64", "limits": {**LIMITS, **equiv.get("limits", {})}}
    for name in ("stdin", "args", "env", "files"):
        if name in equiv:
            request[name] = equiv[name]
    return request


def _become_a_program():
    """As in a box; in the child, before the program. It may open its streams by name, as it may there."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)  # whoever runs the tests in the background ignores some
    for fd, mode in enumerate((0o444, 0o622, 0o622)):
        os.fchmod(fd, mode)
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o022)
    os.setgroups([])
    os.setgid(BOX_UID)
    os.setuid(BOX_UID)


def plan_of(request):
    """The run step that boxes are made for: argv and environment."""
    run = subprocess.run([KODEWAR, "plan", "--json", "-"], input=json.dumps(request).encode(), capture_output=True,
                         cwd=ROOT, env=CLEAN, check=True)
    return json.loads(run.stdout)["steps"][-1]


def stdin_like_a_box(text):
    """Contents come as a file in memory, nothing as a pipe that has ended."""
    if not text:
        read, write = os.pipe()
        os.close(write)
        return read
    fd = os.memfd_create("stdin")
    os.write(fd, text.encode())
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def run_plain(request, source):
    """The interpreter itself, in a directory of its own, whose name is then replaced by that of a box's, as is its number."""
    step = plan_of(request)
    with tempfile.TemporaryDirectory(prefix="plain-") as name:
        directory = os.path.realpath(name)
        files = [(source, request["code"].encode())]
        for f in request.get("files", []):
            content = f.get("content", "")
            files.append((f["name"], base64.b64decode(content) if f.get("encoding") == "base64" else content.encode()))
        for file, content in files:
            pathlib.Path(directory, file).write_bytes(content)
            os.chown(pathlib.Path(directory, file), BOX_UID, BOX_UID)
        os.chown(directory, BOX_UID, BOX_UID)
        env = dict(v.split("=", 1) for v in step["env"])
        stdin = stdin_like_a_box(request.get("stdin"))
        try:
            with subprocess.Popen(step["argv"], cwd=directory, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  start_new_session=True, preexec_fn=_become_a_program) as run:
                try:
                    streams = run.communicate(timeout=PLAIN_TIMEOUT_SEC)
                finally:
                    run.kill()
        finally:
            os.close(stdin)
        # A directory of its own, and a process number of the host's: what warns names both.
        out, err = (s.replace(directory.encode(), b"/box").replace(b"(node:%d)" % run.pid, b"(node:2)") for s in streams)
        end = run.returncode if run.returncode >= 0 else signal.Signals(-run.returncode).name
        return Outcome(out, err, end, "plain")


class Boxes:
    """One resident kodewar with one lane."""

    def __init__(self, runner, *options):
        self.runner = runner
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [KODEWAR, "bench", "--requests", "--runner", runner, "--lanes", "1", "--in-flight", "1", *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, cwd=ROOT, env=CLEAN)

    def send(self, request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"kodewar --runner {self.runner} ended: {self.errors.read().decode()[-2000:]}")
        r = json.loads(line)
        if r["verdict"] in (None, "internal_error"):
            raise RuntimeError(f"{self.runner}: {r['error']}")
        end = r["signal"] if r["signal"] else r["exit_code"]
        return Outcome(base64.b64decode(r["output"]), base64.b64decode(r["stderr"]), end, r["runner"], r["verdict"], r["files"])

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.errors.close()
