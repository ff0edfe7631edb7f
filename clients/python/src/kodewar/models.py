# SPDX-License-Identifier: Apache-2.0
"""What comes back. Each keeps the JSON that it was made from as `raw`, so that nothing new is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union


@dataclass(frozen=True)
class Test:
    """One test case; `limits` and `compare` apply to it alone."""

    __test__ = False  # not one of pytest's

    input: str
    expected: str
    limits: Optional[Mapping[str, int]] = None
    compare: Union[str, Mapping[str, Any], None] = None
    points: Optional[float] = None
    group: Optional[str] = None
    output_files: Optional[list[str]] = None
    output_file: Optional[str] = None
    expected_files: Optional[Mapping[str, str]] = None


@dataclass(frozen=True)
class Usage:
    cpu_ms: int
    wall_ms: int
    memory_kb: int

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Usage:
        return cls(raw["cpu_ms"], raw["wall_ms"], raw["memory_kb"])


@dataclass(frozen=True)
class DeniedSyscall:
    name: str
    count: int


@dataclass(frozen=True)
class Compile:
    exit_code: Optional[int]
    output: str
    usage: Usage


def _common(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "verdict": raw["verdict"], "error": raw["error"], "stderr": raw["stderr"], "exit_code": raw["exit_code"],
        "signal": raw["signal"], "usage": Usage.of(raw["usage"]), "limits_hit": list(raw.get("limits_hit") or ()),
        "denied_syscalls": [DeniedSyscall(d["name"], d["count"]) for d in raw.get("denied_syscalls") or ()],
        "runner": raw.get("runner"), "raw": raw,
    }


@dataclass(frozen=True)
class Difference:
    """Where a wrong answer first goes wrong: line and column of what was printed, excerpts with what is invisible made
    visible; None: nothing more."""

    line: int
    column: int
    expected: Optional[str]
    actual: Optional[str]


@dataclass(frozen=True)
class Check:
    """What the checker said of a case, and how its own box ended."""

    verdict: str
    exit_code: Optional[int]
    signal: Optional[str]
    usage: Usage


@dataclass(frozen=True)
class Run:
    """One of several runs of a case that came near its time limit; verdict None: it ended well, and was not looked at."""

    verdict: Optional[str]
    counted: bool
    usage: Usage


@dataclass(frozen=True)
class Interaction(Check):
    """What the interactor said, and, where it was asked for, what the two said to each other."""

    transcript: Optional[str]


@dataclass(frozen=True)
class TestResult:
    __test__ = False

    input: str
    expected: str
    actual: str
    passed: bool
    verdict: str
    error: str
    stderr: str
    exit_code: Optional[int]
    signal: Optional[str]
    usage: Usage
    limits_hit: list[str]
    denied_syscalls: list[DeniedSyscall]
    runner: Optional[str]
    difference: Optional[Difference]
    comment: Optional[str]
    checker: Optional[Check]
    interactor: Optional[Interaction]
    points: Optional[float]
    group: Optional[str]
    runs: list[Run]
    files: Optional[Mapping[str, str]]  # that were taken: path to content; None: none was asked for
    files_missing: Optional[Mapping[str, str]]  # path to why not
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> TestResult:
        where, said, talked = raw.get("difference"), raw.get("checker"), raw.get("interactor")
        return cls(input=raw["input"], expected=raw["expected"], actual=raw["actual"], passed=raw["passed"],
                   difference=Difference(**{k: where[k] for k in ("line", "column", "expected", "actual")}) if where else None,
                   comment=raw.get("comment"),
                   checker=Check(said["verdict"], said["exit_code"], said["signal"], Usage.of(said["usage"])) if said else None,
                   interactor=Interaction(talked["verdict"], talked["exit_code"], talked["signal"], Usage.of(talked["usage"]),
                                          talked["transcript"]) if talked else None,
                   points=raw.get("points"), group=raw.get("group"),
                   runs=[Run(r["verdict"], r["counted"], Usage.of(r["usage"])) for r in raw.get("runs") or ()], files=raw.get("files"),
                   files_missing=raw.get("files_missing"), **_common(raw))


@dataclass(frozen=True)
class Score:
    points: float
    max: float


@dataclass(frozen=True)
class GroupResult:
    name: str
    points: float
    max: float
    verdict: str


@dataclass(frozen=True)
class Result:
    status: str
    output: str
    verdict: str
    error: str
    stderr: str
    exit_code: Optional[int]
    signal: Optional[str]
    usage: Usage
    limits_hit: list[str]
    denied_syscalls: list[DeniedSyscall]
    runner: Optional[str]
    test_results: list[TestResult]
    compile: Optional[Compile]
    id: Optional[str]
    score: Optional[Score]
    groups: list[GroupResult]
    files: Optional[Mapping[str, str]]  # of a run without tests
    files_missing: Optional[Mapping[str, str]]
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def accepted(self) -> bool:
        """It ran to its end, and every test case passed."""
        return self.verdict == "accepted"

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Result:
        made, score = raw.get("compile"), raw.get("score")
        return cls(status=raw["status"], output=raw["output"],
                   test_results=[TestResult.of(t) for t in raw["test_results"]],
                   compile=Compile(made["exit_code"], made["output"], Usage.of(made["usage"])) if made else None,
                   id=raw.get("id"), score=Score(score["points"], score["max"]) if score else None,
                   groups=[GroupResult(g["name"], g["points"], g["max"], g["verdict"]) for g in raw.get("groups") or ()],
                   files=raw.get("files"), files_missing=raw.get("files_missing"), **_common(raw))


@dataclass(frozen=True)
class Job:
    """How a job stands: `state` is queued, running or done; `position` counts those before it while it is queued."""

    id: str
    state: str
    position: Optional[int]
    result: Optional[Result]
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def done(self) -> bool:
        return self.result is not None

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Job:
        result = raw.get("result")
        return cls(raw["id"], raw["state"], raw.get("position"), Result.of(result) if result else None, raw)


TestLike = Union[Test, "tuple[str, str]", Mapping[str, Any]]
