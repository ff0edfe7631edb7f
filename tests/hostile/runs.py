# SPDX-License-Identifier: Apache-2.0
"""`kodewar run -` as a process of its own, in a clean environment that holds a secret."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT_SEC = 60
HONEST = {"code": "print(int(input()) ** 2)", "language": "python",
          "limits": {"cpu_ms": 2000, "wall_ms": 10000},
          "test_cases": [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]}


def binary(variable, default):
    return str(ROOT / os.environ.get(variable, default))


class Run:
    """A run that was started; `finish` waits for it and reads its result."""

    def __init__(self, program, request, env):
        self.result, self.stdout, self.stderr, self.code = None, "", "", None
        self.request = request
        self.process = subprocess.Popen([program, "run", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=ROOT, env=env)

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


def environment(secret, **more):
    return {"PATH": "/usr/bin:/bin", "KW_CANARY": secret, **more}


def honest_faults(run):
    if run.result is None:
        return [f"the honest program got no result: {run.stderr[-500:]!r}"]
    got = [(t["actual"], t["verdict"]) for t in run.result["test_results"]]
    if got != [("49\n", "accepted"), ("64\n", "wrong_answer")] or run.result["verdict"] != "wrong_answer":
        return [f"the honest program was judged wrong: {got}, {run.result['error']!r}"]
    return []


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
