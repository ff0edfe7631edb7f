# SPDX-License-Identifier: Apache-2.0
"""The bench of compiled programs: its promises can break, and its section replaces itself and nothing else."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import compiled  # noqa: E402
import promises  # noqa: E402
import report  # noqa: E402


def measured(ratio=2.4, first=1, repeat=0, header=.3):
    many = [{"title": title, "turns": 10, "bare_ms": 60.0, "ours_ms": 60 * r, "ratio": r, "least": r,
             "bare_cpu_ms": 50.0, "cpu_ms": {"gate": 1.0, "warden": 2.0, "boxes": 3.0}, "cpu_ratio": .12}
            for title, r in (("C", ratio), ("C++", 1.5))]
    result = {"machine": {"commit": "0123456", "date": "2000-01-01"}, "absent": {},
              "compiled": {"load": "0.1", "nice": 0, "many": many, "compiles": {"first": first, "repeat": repeat},
                           "header": {"with_ms": 1000 * header, "without_ms": 1000.0, "ratio": header}}}
    return {**result, "promises": promises.compiled(result)}


def held(result):
    return [held for *_, held in promises.compiled(result)]


def test_promises_hold_and_break_one_by_one():
    assert held(measured()) == [True] * 4
    for i, worse in enumerate(({"first": 2}, {"repeat": 1}, {"ratio": 2.51}, {"header": .51})):
        assert [n for n, ok in enumerate(held(measured(**worse))) if not ok] == [i], worse
    assert held({"compiled": None}) == held({"compiled": dict.fromkeys(("many", "compiles", "header"))}) == [False] * 4


def test_the_section_replaces_itself_and_nothing_else():
    old = (ROOT / "docs/BENCH.md").read_text()
    once = report.with_compiled(old, measured())
    again = report.with_compiled(once, measured(ratio=3))
    assert report.with_compiled(again, measured()) == once
    assert again.count(report.COMPILED) == 1 and again.count("| Compiled: ") == 4
    assert "| at most 2.5x | 3x | **broken** |" in again and "| at most 2.5x | 2.4x | held |" in once

    def others(text):
        before, _, rest = text.partition(report.COMPILED)
        after = rest[rest.index("\n## "):] if rest else text[len(before):]
        return before, [line for line in after.splitlines() if line and not line.startswith("| Compiled: ")]
    assert others(again) == others(once)
    for head in (report.INSIDE, report.SERVICE, report.QUEUE, "## Promises\n"):
        assert again.count("\n" + head) == 1


def test_the_header_is_taken_out_of_every_release(tmp_path):
    compiled._without(tmp_path / "languages")
    files = sorted((tmp_path / "languages").glob("cpp*.yaml"))
    assert len(files) == len(list((ROOT / "languages").glob("cpp*.yaml"))) and not any("/pch/" in f.read_text() for f in files)
