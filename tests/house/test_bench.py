# SPDX-License-Identifier: Apache-2.0
"""The bench's gate and promises must be able to fail: made-up numbers, nothing measured."""
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import gate  # noqa: E402
import plot  # noqa: E402
import promises  # noqa: E402
import report  # noqa: E402

COMMITTED = {"python-hello, kodewar warm": .1, "true, kodewar cold": 2.0}
ALL = list(COMMITTED)


@pytest.fixture(name="compare")
def fixture_compare(tmp_path, monkeypatch):
    """compare([measured, measured again, ...]) -> exit code and how often was measured."""
    path = tmp_path / "ratios.json"
    path.write_text(json.dumps(COMMITTED))

    def compare(measured):
        asked = []

        def measure(_bench, wanted=None):
            asked.append(wanted)
            return dict(measured[min(len(asked), len(measured)) - 1])

        monkeypatch.setattr(gate, "measure", measure)
        return gate.compare(SimpleNamespace(absent={}), path), asked

    return compare


def test_equal_ratios_pass_at_once(compare):
    assert compare([COMMITTED]) == (0, [ALL])


def test_a_loss_of_less_than_a_quarter_passes(compare):
    assert compare([{**COMMITTED, "true, kodewar cold": 2.49}])[0] == 0


def test_a_loss_that_stays_fails_after_all_tries(compare, capsys):
    code, asked = compare([{**COMMITTED, "true, kodewar cold": 2.51}])
    assert code == 1 and asked == [ALL] + [["true, kodewar cold"]] * (gate.TRIES - 1)
    assert "not ok 2 - true, kodewar cold: 2.5100, committed 2.0000" in capsys.readouterr().out


def test_a_loss_that_passes_does_not_count(compare):
    code, asked = compare([{**COMMITTED, "true, kodewar cold": 9}, COMMITTED])
    assert code == 0 and len(asked) == 2


def test_a_runner_that_is_gone_fails(compare, capsys):
    assert compare([{"true, kodewar cold": 2.0}])[0] == 1
    assert "not ok 1 - python-hello, kodewar warm: absent" in capsys.readouterr().out


def row(name, usec, bare):
    return {"name": name, "rounds": 1, "p50_us": usec, "p90_us": usec, "p99_us": usec, "ratio": usec / bare,
            "cpu_us": usec}


def made_up(warm_us=900, extra=()):
    names = [("bare fork+exec", 10000), ("bwrap", 13000), ("kodewar cold", 11000), *extra]
    if warm_us:
        names += [("kodewar warm", warm_us), ("kodewar pooled", 600)]
    race = {"title": "Hello", "rows": [row(n, us, 10000) for n, us in names]}
    per_name = {n: {"1": 1e6 / us, "2": 2e6 / us, "4": 2e6 / us, "16": 2e6 / us} for n, us in names}
    processes = {"kodewar": {"count": 1, "pss_kb": 2048, "rss_kb": 5000, "own_kb": 1000}}
    zygote = {**processes, "zygote": {"count": 1, "pss_kb": 20480, "rss_kb": 30000, "own_kb": 9000}}
    return {
        "machine": {"cpu": "one", "system": "made up", "date": "today"}, "cores": 2, "rounds": 1,
        "races": {k: race for k in ("true", "python-hello", "node-hello")}, "throughput": {"python-hello": per_name},
        "by_cores": {"kodewar warm": {"1": 800, "2": 1400}}, "submission": {"bwrap": .8, "kodewar warm": .07},
        "scale": {"tests": {}, "source": {}}, "memory": {"python cold": processes, "python warm": zygote},
        "preload": None,
        "overruns": {"cpu 100 ms": [4.0, 31.0]}, "absent": {"nsjail": "not installed"},
    }


def held(result, what):
    return next(held for said, _, _, held in promises.judge(result) if said == what)


def test_promises_hold_and_break():
    assert held(made_up(), "Python hello, warm: over bare") is True
    assert held(made_up(warm_us=1300), "Python hello, warm: over bare") is False
    assert held(made_up(), "Dead after cpu 100 ms, median") is False
    assert held(made_up(), "Idle python zygote (PSS)") is True


def test_a_promise_of_ours_breaks_where_nothing_was_measured():
    assert held(made_up(warm_us=None), "Python hello, warm: over bare") is False
    assert held(made_up(), "Waiting python box (pages of its own)") is False


def test_an_absent_peer_breaks_no_promise():
    assert held(made_up(), "Python hello: crun over ours warm") is None
    assert held(made_up(extra=[("crun", 12000)]), "Python hello: crun over ours warm") is False


def test_the_report_names_the_broken_and_the_absent():
    result = made_up()
    result["promises"] = promises.judge(result)
    text = report.markdown(result)
    assert "| Dead after cpu 100 ms, p99 | at most 30 ms | 31 ms | **broken** |" in text
    assert "- nsjail: not installed" in text


def test_the_plot_shows_everybody():
    root = ElementTree.fromstring(plot.svg(made_up()))
    said = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert said.count("kodewar warm") == 3 and said.count("bwrap") == 3


def test_the_section_of_boxes_in_a_container_is_put_in_and_replaced():
    def found(ratio):
        result = {"machine": {"commit": "c", "date": "d"},
                  "inside": {side: {"p10_ms": 1, "p50_ms": 2, "p90_ms": 3} for side in ("outside", "inside")}
                  | {"turns": 3, "load": "0.1", "ratio": ratio}}
        return result | {"promises": promises.inside(result)}

    before = "# B\n\n## Memory\n\nm\n\n## The service\n\ns\n\n## Promises\n\n| a | b | c | d |\n\n## What\n"
    once = report.with_inside(before, found(1.5))
    assert "over outside | at most 1.15x | 1.5x | **broken** |" in once
    assert once.index("## Memory") < once.index("## Inside") < once.index("## The service") < once.index("## Promises")
    twice = report.with_inside(once, found(1.1))
    assert "1.1x | held" in twice and "broken" not in twice and twice.count("## Inside a container") == 1
    assert len(twice.splitlines()) == len(once.splitlines()) and "\ns\n" in twice


def test_boxes_are_measured_again_beside_sections_that_stay():
    old = (ROOT / "docs/BENCH.md").read_text()
    result = made_up()
    result["promises"] = promises.judge(result)
    new = report.with_boxes(old, result)
    kept = old[old.index(report.COMPILED):old.index("## Promises")]
    assert kept in new and new.count("## Promises") == 1 and "| cpu | one |" in new
    for words in report.OWN_PROMISES:
        rows = [line for line in old.splitlines() if line.startswith("| " + words)]
        assert rows and [line for line in new.splitlines() if line.startswith("| " + words)] == rows
    assert report.with_boxes(new, result) == new
