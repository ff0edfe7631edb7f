# SPDX-License-Identifier: Apache-2.0
"""Requests on their way through the product, in a clean environment that holds a secret.

Run is `kodewar run -`, a process for each request.  Resident is `kodewar bench --requests`, one process
for a stream of them: what one leaves in a runner, the next would meet.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT_SEC = 60
HONEST = {"code": "print(int(input()) ** 2)", "language": "python",
          "limits": {"cpu_ms": 2000, "wall_ms": 10000},
          "test_cases": [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]}
HONEST_JS = {**HONEST, "language": "javascript",
             "code": "console.log(Number(require('fs').readFileSync(0, 'utf8')) ** 2);"}
BACKEND_OPTIONS = []  # of every run; set by the suite's --backend


def binary(variable, default):
    return str(ROOT / os.environ.get(variable, default))


class Run:
    """A run that was started; `finish` waits for it and reads its result."""

    def __init__(self, program, request, env):
        self.result, self.stdout, self.stderr, self.code = None, "", "", None
        self.request = request
        self.process = subprocess.Popen([program, "run", *BACKEND_OPTIONS, "--runner", "cold", "-"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=env)

    def finish(self, timeout=TIMEOUT_SEC):
        try:
            out, err = self.process.communicate(self.request, timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            err += b"\nkodewar itself did not end"
        self.code = self.process.returncode
        self.stdout, self.stderr = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
        try:
            self.result = json.loads(out.decode("utf-8", "strict"))
        except ValueError:
            self.stderr += f"\nnot a result: {self.stdout[-500:]!r}"
        return self


class Answer:
    """One result out of a stream, with the same face as a Run that has finished; it has no exit code."""

    def __init__(self, line, stderr):
        self.stdout, self.stderr, self.code = line.decode("utf-8", "replace"), stderr, None
        try:
            self.result = json.loads(line)
        except ValueError:
            self.result = None
            self.stderr += f"\nnot a result: {self.stdout[-500:]!r}"


class Resident:
    """One process that takes request after request, up to `beside` of them at once, each in a lane of its own."""

    def __init__(self, program, runner, env, beside=1):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [program, "bench", *BACKEND_OPTIONS, "--requests", "--runner", runner, "--lanes", str(beside), "--in-flight", str(beside)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, cwd=ROOT, env=env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """The end of its input is its end; the time limit is that of the last answer."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(TIMEOUT_SEC)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
            self.errors.close()

    def answers(self, *bodies):
        """An answer for each."""
        late = threading.Timer(TIMEOUT_SEC, self.process.kill)
        late.start()
        try:
            self.process.stdin.write(b"".join(body + b"\n" for body in bodies))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # why it ended is on its stderr
        got = []
        for _ in bodies:
            line = self.process.stdout.readline()
            got.append(Answer(line, "" if line else self._stderr()))
        late.cancel()
        return sorted(got, key=lambda a: a.result["line"] if a.result else 1 << 32)

    def _stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode("utf-8", "replace")


def environment(secret, **more):
    return {"PATH": "/usr/bin:/bin", "KW_CANARY": secret, **more}


def honest_faults(run):
    if run.result is None:
        return [f"the honest program got no result: {run.stderr[-500:]!r}"]
    got = [(t["actual"], t["verdict"]) for t in run.result["test_results"]]
    if got != [("49\n", "accepted"), ("64\n", "wrong_answer")] or run.result["verdict"] != "wrong_answer":
        return [f"the honest program was judged wrong: {got}, {run.result['error']!r}"]
    return []


def through(resident, attack, values):
    """All runs of one attack through a resident: (answer, whose result is the attack's) pairs."""
    body, honest = attack.bytes(values), json.dumps(HONEST).encode()
    if attack.mode == "parallel":
        return [(a, True) for a in resident.answers(body, body)]
    if attack.mode == "honest":
        return list(zip(resident.answers(body, honest), (True, False)))
    times = 2 if attack.mode == "sequence" else attack.times
    return [(resident.answers(body)[0], True) for _ in range(times)]


def start(program, attack, env, values):
    """All runs of one attack: (run, whose result is the attack's) pairs."""
    body = attack.bytes(values)
    if attack.mode == "sequence":
        return [(Run(program, body, env).finish(), True) for _ in range(2)]
    runs = [(Run(program, body, env), True)]
    if attack.mode == "parallel":
        runs.append((Run(program, body, env), True))
    if attack.mode == "honest":
        runs.append((Run(program, json.dumps(HONEST).encode(), env), False))
    if len(runs) > 1:  # both must be fed before either is waited for
        for run, _ in runs:
            run.process.stdin.write(run.request)
            run.process.stdin.close()
            run.process.stdin, run.request = None, None
    return [(run.finish(), own) for run, own in runs]
