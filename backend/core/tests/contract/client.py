# SPDX-License-Identifier: Apache-2.0
"""How the contract is spoken: one `kodewar run -` per request, JSON in, JSON out.

Every answer passes through `check_result`, so the rules that hold for all results (field order,
types, what `error` and `passed` mean) are tested by each request of the suite, not by one.
"""

import json
import os
import pathlib
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[4]
BINARY = str(ROOT / os.environ.get("KODEWAR_BIN", "build/kodewar"))

# Who makes the boxes: KODEWAR_BACKEND=docker, then DOCKER_HOST and KODEWAR_DOCKER_IMAGE say where and of what.
BACKEND = os.environ.get("KODEWAR_BACKEND", "native")
BACKEND_OPTIONS = {"native": (), "docker": (
    "--backend=docker", "--docker-host=" + os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"),
    "--docker-image=" + os.environ.get("KODEWAR_DOCKER_IMAGE", "kodewar-sandbox"))}[BACKEND]

# Nothing of the caller's environment may matter.
CLEAN_ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
# A sanitizer's own settings are the test run's, else what it finds would go unseen.
CLEAN_ENV.update({name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ})

SEED_FIELDS = ["status", "output", "error", "test_results"]
OUR_FIELDS = ["verdict", "stderr", "exit_code", "signal", "usage", "compile", "truncated",
              "encoding_replaced", "denied_syscalls", "limits_hit", "runner", "id", "checker", "interactor", "score", "groups",
              "limits", "factors", "files", "files_missing"]
CASE_SEED_FIELDS = ["input", "expected", "actual", "passed"]
CASE_FIELDS = ["verdict", "error", "stderr", "exit_code", "signal", "usage", "truncated",
               "encoding_replaced", "denied_syscalls", "limits_hit", "runner", "difference", "comment", "checker", "interactor",
               "points", "group", "runs", "noise", "files", "files_missing"]
VERDICTS = {"accepted", "wrong_answer", "runtime_error", "compile_error", "time_limit",
            "memory_limit", "output_limit", "disk_limit", "process_limit", "security_violation",
            "skipped", "internal_error", "presentation_error", "partial"}
RUNNERS = ("cold", "warm", "pooled", None)
ENDED_WELL = {"accepted", "wrong_answer", "presentation_error", "partial"}
CHECKED = {"accepted", "wrong_answer", "presentation_error", "partial", "internal_error"}


class Answer:
    """What one call of the program gave back."""

    def __init__(self, returncode, stdout, stderr):
        self.returncode, self.stdout, self.stderr = returncode, stdout, stderr

    @property
    def pairs(self):
        """The answer's fields in the order in which they were printed, doubles included."""
        return json.loads(self.stdout, object_pairs_hook=list)

    @property
    def json(self):
        return json.loads(self.stdout)

    def __repr__(self):
        return f"<exit {self.returncode}, stdout {self.stdout[:2000]!r}, stderr {self.stderr[:2000]!r}>"


class Resident:
    """One `kodewar bench --requests` that answers as `run -` does: an engine's pool is there for those who stay."""

    def __init__(self):
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "bench", "--requests", "--runner", "cold", *BACKEND_OPTIONS], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=CLEAN_ENV)

    def answer(self, body, timeout):
        if self.process is None or self.process.poll() is not None:
            self.start()
        late = threading.Timer(timeout, self.process.kill)
        late.start()
        self.process.stdin.write(body + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        late.cancel()
        assert line, f"no answer to {body[:500]!r}"
        # The very bytes of the result, less the two fields that stand in front of it.
        assert list(json.loads(line))[:3] == ["nsec", "line", "status"], line[:200]
        return Answer(0 if json.loads(line)["verdict"] else 2, b"{" + line[line.index(b'"status"'):], b"")


RESIDENT = Resident()


def can_be_resident(body, arguments, env):
    return BACKEND != "native" and arguments == ("run", "-") and env is None and body.strip() and b"\n" not in body


def call(body, *, arguments=("run", "-"), env=None, timeout=60):
    """Runs the program with `body` (bytes) on stdin."""
    if can_be_resident(body, arguments, env):
        return RESIDENT.answer(body, timeout)
    done = subprocess.run([BINARY, arguments[0], *BACKEND_OPTIONS, *arguments[1:]], input=body, capture_output=True,
                          env=CLEAN_ENV if env is None else env, timeout=timeout, check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


def encode(request):
    return json.dumps(request).encode()


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_usage(usage):
    assert list(usage) == ["cpu_ms", "wall_ms", "memory_kb"], usage
    assert all(is_int(n) and n >= 0 for n in usage.values()), usage


def check_end(part, talked):
    """The fields that tell how a program ended, in a result and in a test result alike."""
    assert part["verdict"] in VERDICTS, part
    assert part["exit_code"] is None or is_int(part["exit_code"]), part
    assert part["signal"] is None or part["signal"].startswith("SIG"), part
    assert part["exit_code"] is None or part["signal"] is None, part
    assert isinstance(part["stderr"], str), part
    check_usage(part["usage"])
    assert list(part["truncated"]) == ["output", "stderr"], part
    assert all(isinstance(flag, bool) for flag in part["truncated"].values()), part
    assert isinstance(part["encoding_replaced"], bool), part
    assert all(isinstance(name, str) for name in part["limits_hit"]), part
    if part["denied_syscalls"] is None:  # nobody could watch: of an engine's container, never of a box of our own
        assert BACKEND == "docker", part
    for denied in part["denied_syscalls"] or []:
        assert list(denied) == ["name", "count"], denied
        assert isinstance(denied["name"], str) and is_int(denied["count"]), denied
    # One that its interactor rejected may have come to any end.
    if part["verdict"] in ENDED_WELL and not talked:
        assert part["exit_code"] == 0 and part["signal"] is None, part


def check_difference(case):
    """There is one only where something was printed that is not what was asked for."""
    assert case["comment"] is None or isinstance(case["comment"], str) and case["comment"], case
    if case["difference"] is None:
        return
    assert case["verdict"] == "wrong_answer", case
    assert [name for name in case["difference"] if name != "file"] == ["line", "column", "expected", "actual"], case
    assert case["difference"]["line"] >= 1 and case["difference"]["column"] >= 1, case
    for excerpt in (case["difference"]["expected"], case["difference"]["actual"]):
        assert excerpt is None or isinstance(excerpt, str) and (excerpt.isprintable() and len(excerpt) < 400), case


def check_check(case):
    """What a checker said is the case's verdict."""
    if case["checker"] is not None:
        assert list(case["checker"]) == ["verdict", "exit_code", "signal", "usage"], case
        assert case["checker"]["verdict"] == case["verdict"] in CHECKED, case
        assert case["difference"] is None, case
        check_usage(case["checker"]["usage"])


def check_interactor(case):
    """What an interactor decided is the case's verdict, unless the program's own end is."""
    said = case["interactor"]
    if said is not None:
        assert list(said) == ["verdict", "exit_code", "signal", "usage", "transcript"], case
        assert said["verdict"] in CHECKED | {"skipped"}, case
        assert said["verdict"] == case["verdict"] or said["verdict"] in ("accepted", "partial", "skipped"), case
        check_usage(said["usage"])


def check_score(result, request):
    """There are points exactly where the request speaks of them, and the whole is their sum."""
    asked, cases = request.get("groups", []), request.get("test_cases", [])
    assert [group["name"] for group in result["groups"]] == [group["name"] for group in asked], result
    assert (result["score"] is not None) == bool(asked or any("points" in case for case in cases)), result
    assert all((case["points"] is None) == (result["score"] is None) for case in result["test_results"]), result
    assert [case["group"] for case in result["test_results"]] == [case.get("group") for case in cases], result
    if result["score"] is not None:
        parts = result["groups"] + [case for case in result["test_results"] if case["group"] is None]
        assert abs(sum(part["points"] for part in parts) - result["score"]["points"]) < 1e-6, result
        assert 0 <= result["score"]["points"] <= result["score"]["max"] + 1e-6, result


def check_noise(noise):
    assert list(noise) == ["throttled_ms", "waited_ms"], noise
    assert all(n is None or is_int(n) and n >= 0 for n in noise.values()), noise
    assert BACKEND == "docker" or noise["throttled_ms"] is not None, noise


def check_runs(case):
    """Of several runs one counts, and it is the one that the case tells of."""
    assert len(case["runs"]) != 1, case
    for run in case["runs"]:
        assert list(run) == ["verdict", "counted", "usage"], case
        assert run["verdict"] in VERDICTS or run["verdict"] is None and not run["counted"], case
        check_usage(run["usage"])
        if run["counted"]:
            assert (run["verdict"], run["usage"]) == (case["verdict"], case["usage"]), case
    assert not case["runs"] or [run["counted"] for run in case["runs"]].count(True) == 1, case


def check_files(part, asked):
    """Each file that was asked for was taken, or it is told why not."""
    assert (part["files"] is None) == (part["files_missing"] is None) == (not asked), part
    if asked:
        assert sorted([*part["files"], *part["files_missing"]]) == sorted(set(asked)), part
        assert set(part["files_missing"].values()) <= {"missing", "not_plain", "too_large", "unreadable", "not_taken"}, part


def check_case(case):
    assert list(case)[:4] == CASE_SEED_FIELDS, list(case)
    assert list(case)[4:] == CASE_FIELDS, list(case)
    assert all(isinstance(case[name], str) for name in CASE_SEED_FIELDS[:3]), case
    assert isinstance(case["passed"], bool), case
    assert case["passed"] == (case["verdict"] == "accepted"), case
    assert (case["error"] == "") == (case["verdict"] in ENDED_WELL), case
    check_end(case, case["interactor"])
    check_difference(case)
    check_check(case)
    check_noise(case["noise"])
    check_runs(case)
    check_interactor(case)
    assert case["runner"] in RUNNERS, case
    if case["verdict"] == "skipped":
        assert case["actual"] == "" and case["passed"] is False, case
    assert (case["runner"] is None) == (case["verdict"] == "skipped"), case


def check_result(result, request):
    """Rules that hold for every result of a request that was not refused."""
    assert list(result)[:4] == SEED_FIELDS, list(result)
    assert list(result)[4:] == OUR_FIELDS, list(result)
    assert result["status"] in ("success", "error"), result
    assert isinstance(result["output"], str) and isinstance(result["error"], str), result
    assert isinstance(result["test_results"], list), result
    assert (result["error"] == "") == (result["status"] == "success"), result
    assert isinstance(result["id"], str) and result["id"], result
    ran = [case["runner"] for case in result["test_results"] if case["runner"]] or [result["runner"]]
    assert result["runner"] == ran[0] and ran[0] in RUNNERS[:3], result
    check_score(result, request)
    assert list(result["factors"]) == ["time_factor", "memory_factor"], result
    assert all(is_int(n) and n >= 1 for n in result["limits"].values()), result
    if result["compile"] is not None:
        assert list(result["compile"])[:3] == ["exit_code", "output", "usage"], result
        check_usage(result["compile"]["usage"])
    check_end(result, request.get("interactor"))
    asked = request.get("test_cases", [])
    names = request.get("output_files", [])
    judged = [request["output_file"]] if "output_file" in request else []
    assert len(result["test_results"]) == len(asked), result
    check_files(result, [] if asked else names + judged)
    for case, answer in zip(asked, result["test_results"]):
        check_case(answer)
        assert answer["input"] == case["input"], answer
        assert answer["expected"] == case.get("expected", ""), answer
        check_files(answer, [*names, *([case["output_file"]] if "output_file" in case else judged),
                             *case.get("output_files", ()), *case.get("expected_files", ())])
    ran_well = all(case["verdict"] in ENDED_WELL for case in result["test_results"] or [result])
    assert result["verdict"] != "internal_error" or request.get("checker") or request.get("interactor"), result
    for made in (result["checker"], result["interactor"]):
        assert made is None or list(made) == ["exit_code", "output", "usage", "cached"], result
    if result["verdict"] != "compile_error":
        assert (result["status"] == "success") == ran_well, result


class Judge:
    """`judge(code, language, **fields)` gives the checked result of one submission.

    Equal requests are asked once per session: a program is run once, and each sentence that it
    proves is a test of its own.  `again` always runs.
    """

    def __init__(self):
        self.known = {}

    def __call__(self, code, language="python", **fields):
        body = encode({"code": code, "language": language, **fields})
        if body not in self.known:
            self.known[body] = self.again(code, language, **fields)
        return json.loads(self.known[body])

    def again(self, code, language="python", **fields):
        request = {"code": code, "language": language, **fields}
        answer = call(encode(request))
        assert answer.returncode == 0, answer
        check_result(answer.json, request)
        return answer.stdout

    def refuse(self, body):
        """A request that must be refused: returns (field, rule)."""
        answer = call(body if isinstance(body, bytes) else encode(body))
        assert answer.returncode == 2, answer
        result = answer.json
        assert [name for name, _ in answer.pairs][:4] == SEED_FIELDS, answer
        assert list(result)[:5] == SEED_FIELDS + ["verdict"], answer
        assert result["status"] == "error" and result["verdict"] is None, answer
        assert result["output"] == "" and result["test_results"] == [], answer
        field, colon, rule = result["error"].partition(": ")
        assert colon and field and rule, answer
        return field, rule
