# SPDX-License-Identifier: Apache-2.0
"""The judge of attacks must itself be able to find one guilty: made-up results, one fault each."""
import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hostile"))

import attack  # noqa: E402
import runs  # noqa: E402
import test_hostile as hostile  # noqa: E402

HEADER = "# SPDX-License-Identifier: Apache-2.0\n# attack: a\n# layer: runner\n# verdict: accepted\n"


@pytest.fixture(name="make")
def fixture_make(tmp_path, monkeypatch):
    monkeypatch.setattr(attack, "ROOT", tmp_path)

    def make(*lines, name="a.py"):
        (tmp_path / name).write_text(HEADER + "".join(f"# {line}\n" for line in lines) + "pass\n")
        return attack.Attack(tmp_path / name)

    return make


def answer(**more):
    result = {"verdict": "accepted", "output": "contained\n", "error": "", "exit_code": 0, "signal": None, "line": 1,
              "runner": "warm", "test_results": [], "denied_syscalls": [], "usage": {"memory_kb": 1, "cpu_ms": 1}}
    return runs.Answer(json.dumps({**result, **more}).encode(), "")


def test_a_good_one_has_no_fault(make):
    assert make("prints: contained").faults(answer()) == []


@pytest.mark.parametrize("header, result", [
    ("prints: contained", {"verdict": "wrong_answer"}),
    ("prints: contained", {"output": "contained\nmore\n"}),
    ("prints: contained", {"output": ""}),
    ("never: KWS-", {"error": "it saw KWS-input-00"}),
    ("layer: runner", {"output": "BREACH a\n"}),
    ("exit_code: 5", {"exit_code": 0}),
    ("signal: SIGKILL", {"signal": "SIGSEGV"}),
    ("error: ended by", {"error": "exit code 1"}),
    ('denied: {"mount": 1}', {}),
    ('limits: {"memory_kb": 1000}', {"usage": {"memory_kb": 9000, "cpu_ms": 1}}),
])
def test_each_fault_is_found(make, header, result):
    assert make(header).faults(answer(**result))


def test_no_answer_is_a_fault(make):
    faults = make().faults(runs.Answer(b"", "it fell over"))
    assert len(faults) == 1 and "it fell over" in faults[0]


def test_secrets_are_new_each_time(make):
    a = make("mode: stream", 'before: [{"code": "@SECRET:code@ @SECRET:code@", "stdin": "@SECRET:stdin@"}]')
    bodies = [body.decode() for body in a.before() + a.before()]
    secrets = [s for body in bodies for s in re.findall("KWS-[a-z]+-[0-9a-f]{24}", body)]
    assert len(set(secrets)) == 6 and "@" not in "".join(bodies)


@pytest.mark.parametrize("result", [{"verdict": "runtime_error", "output": "KWS-a"}, {"output": "nothing"}])
def test_what_comes_before_must_have_gone_well(result):
    assert hostile.before_faults(answer(**result))
    assert hostile.before_faults(answer(output="KWS-a")) == []


@pytest.mark.parametrize("runner, got, right", [
    ("warm", "warm", True), ("warm", "cold", False), ("warm", "pooled", False), ("pooled", "pooled", True),
    ("pooled", "warm", True), ("pooled", "cold", False), ("cold", "cold", True), ("cold", "warm", False),
])
def test_the_runner_must_be_the_one_that_was_asked_for(make, runner, got, right):
    assert (hostile.runner_faults(make(), answer(runner=got), runner) == []) == right


def test_a_number_that_is_drawn_twice_is_found(make):
    a = make("mode: stream", "differ: yes")
    one, two = answer(output="random 1\nuuid 7\n"), answer(output="random 2\nuuid 7\n")
    assert hostile.stream_faults(a, [one, two], {}, {}) == ["drawn twice: 'uuid 7'"]
    assert hostile.stream_faults(a, [one, answer(output="random 3\nuuid 8\n")], {}, {}) == []
    assert hostile.stream_faults(a, [answer(output="")] * 2, {}, {}) == ["nothing was drawn"]


def test_what_differs_from_cold_is_found(make, tmp_path):
    program = tmp_path / "cold"
    program.write_text("#!/bin/sh\ncat >/dev/null\necho '{\"output\": \"umask 022\"}'\n")
    program.chmod(0o755)
    hostile.PROGRAM, real = str(program), hostile.PROGRAM
    try:
        a = make("mode: stream", "as_cold: yes")
        assert hostile.stream_faults(a, [answer(output="umask 022")], {}, {}) == []
        assert len(hostile.stream_faults(a, [answer(output="umask 022"), answer(output="umask 0")], {}, {})) == 1
    finally:
        hostile.PROGRAM = real


def test_only_what_can_run_warm_is_said_to(make):
    assert make().runs_warm() and make(name="a.js").runs_warm()
    refused = make("verdict: refused")
    assert not refused.runs_warm() and not make(name="a.c").runs_warm()
