# SPDX-License-Identifier: Apache-2.0
"""The program as a person or a script calls it; shared by the end-to-end tests."""

import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar"))
CLEAN_ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
# A sanitizer's own settings are the test run's, else what it finds would go unseen.
CLEAN_ENV.update({name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ})

OK, FAILED, REFUSED, HOST = 0, 1, 2, 3
NOBODY = 65534

SQUARE = "print(int(input()) ** 2)\n"
TESTS = [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]
SLEEP = "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"
PROGRAMS = {
    "hello.py": "print('hello')\n",
    "hello.js": "console.log('hello')\n",
    "hello.c": "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n",
}


def kodewar(*arguments, stdin=b"", timeout=60, **more):
    """Runs to its end; stdin, stdout and stderr are bytes."""
    more.setdefault("env", CLEAN_ENV)
    if "stdout" not in more:
        more["capture_output"] = True
    if not isinstance(stdin, bytes):
        more["stdin"] = stdin
    else:
        more["input"] = stdin
    return subprocess.run([BINARY, *map(str, arguments)], timeout=timeout, check=False, **more)


def start(*arguments, **more):
    """Starts it with pipes, in a session of its own."""
    more = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([BINARY, *map(str, arguments)], env=CLEAN_ENV, start_new_session=True, **more)


def _stat(pid):
    """(state, parent, start time) of a process, or None; the name may hold anything."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[1]), int(fields[19])


def descendants(pid):
    """All processes below `pid` now, as (pid, start time), which no later process can equal."""
    processes = {int(name): _stat(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    found, seeds = set(), {pid}
    while seeds:
        seeds = {p for p, stat in processes.items() if stat and stat[1] in seeds}
        found |= {(p, processes[p][2]) for p in seeds}
    return found


def alive(processes):
    """Those that still run; a zombie does not."""
    return {(pid, begun) for pid, begun in processes
            if (stat := _stat(pid)) and stat[2] == begun and stat[0] not in "ZX"}


def gone(processes, timeout=10):
    """Waits until none of them runs; what is left after `timeout` seconds."""
    end = time.monotonic() + timeout
    while (left := alive(processes)) and time.monotonic() < end:
        time.sleep(0.02)
    return left


def stop(process):
    """For the end of a test, however it ended."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()
