# SPDX-License-Identifier: Apache-2.0
"""Whatever a program can see of its interpreter, it sees the same, however the interpreter was started.

Each program below python/ and javascript/ runs plain, boxed cold, boxed warm and boxed pooled; stdout, stderr and the
exit code or signal must be equal.  Its first lines may hold `# equiv: {...}` (`// equiv:`): stdin, args, env, files and
limits of the request, and "differs", {stream: reason}, for what cannot be equal, {"plain": reason} where the host
is not the box.  Every reason stands in docs/LANGUAGES.md.  A program with limits of its own is not run plain: nothing
would limit it there.
"""
import base64
import json
import os
import re

import pytest

import boxes

HERE = boxes.pathlib.Path(__file__).resolve().parent
LANGUAGES = {"python": (".py", "main.py"), "javascript": (".js", "main.js")}
WARM = ("warm", "pooled")
HEADER = re.compile(rb"^(?:#|//) equiv: (\{.*\})\s*$", re.M)
ADDRESS = re.compile(rb"0x[0-9a-f]{6,16}")  # of objects and threads: no two runs agree on them
AT_LEAST = {"python": 150, "javascript": 120}


def programs(language):
    return sorted(p for p in (HERE / language).rglob("*" + LANGUAGES[language][0]))


def equiv_of(path):
    head = b"\n".join(path.read_bytes().split(b"\n")[:4])
    found = HEADER.search(head)
    return json.loads(found[1]) if found else {}


def cases():
    for language in LANGUAGES:
        for path in programs(language):
            yield pytest.param(language, path, id=str(path.relative_to(HERE)))


@pytest.fixture(scope="session")
def residents():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    made = {}

    def resident(runner):
        if runner not in made:
            made[runner] = boxes.Boxes(runner)
        return made[runner]

    yield resident
    for r in made.values():
        r.close()


def show(outcome):
    return (f"{outcome.how}: end {outcome.end!r}\n--- stdout\n{outcome.stdout[-3000:].decode(errors='backslashreplace')}"
            f"\n--- stderr\n{outcome.stderr[-3000:].decode(errors='backslashreplace')}")


def compare(one, other, differs):
    for what in ("end", "stdout", "stderr"):
        if what not in differs:
            a, b = (ADDRESS.sub(b"0xADDRESS", x) if what != "end" else x for x in (one.get(what), other.get(what)))
            assert a == b, f"{what} differs\n==== {show(one)}\n==== {show(other)}"


@pytest.mark.parametrize("language, path", cases())
def test_program(language, path, residents):
    equiv = equiv_of(path)
    assert set(equiv) <= {"stdin", "args", "env", "files", "limits", "differs"}, "a word that nobody reads"
    request = boxes.request_of(language, path.read_bytes().decode(), equiv)
    runners = [residents(r) for r in ("cold", *WARM)]
    for r in runners:
        r.send(request)
    differs = equiv.get("differs", {})
    try:
        expected = None if "limits" in equiv or "plain" in differs else boxes.run_plain(request, LANGUAGES[language][1])
    finally:  # the next program must not get this one's answers
        cold, *others = [r.receive() for r in runners]
    assert cold.how == "cold"
    if expected:
        compare(expected, cold, differs)
    for warm in others:
        assert warm.how in WARM or "env" in equiv, "it was not warm"
        compare(cold, warm, differs)
        assert warm.verdict == cold.verdict


@pytest.mark.parametrize("runner", ("cold", *WARM))
def test_what_is_traced_until_the_end_is_a_whole_file(runner, residents):
    path = HERE / "javascript/process/trace_events_until_the_end.js"
    request = boxes.request_of("javascript", path.read_text(), {})
    boxed = residents(runner)
    boxed.send({**request, "output_files": ["node_trace.1.log"]})
    outcome = boxed.receive()
    assert outcome.end == 4 and (outcome.how in WARM) == (runner in WARM)
    assert json.loads(base64.b64decode(outcome.files["node_trace.1.log"]))["traceEvents"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough(language):
    assert len(programs(language)) >= AT_LEAST[language]


def test_reasons_are_documented():
    text = " ".join((boxes.ROOT / "docs" / "LANGUAGES.md").read_text().split())
    for language in LANGUAGES:
        for path in programs(language):
            for reason in equiv_of(path).get("differs", {}).values():
                assert reason in text, f"{path.name}: {reason}"
