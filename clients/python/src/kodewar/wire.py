# SPDX-License-Identifier: Apache-2.0
"""What both clients share: arguments to request JSON, answers to models; no I/O."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional, Union
from urllib.parse import quote

from .models import Test, TestLike

WAIT_SEC = 30  # of one long poll; the service takes up to 60
RETRIES = 3  # of what may be asked again, when no answer came

FileContent = Union[str, bytes]


def compare_json(compare: Union[str, Mapping[str, Any]]) -> Union[str, dict[str, Any]]:
    return compare if isinstance(compare, str) else dict(compare)


def test_json(test: TestLike) -> dict[str, Any]:
    if isinstance(test, Test):
        out: dict[str, Any] = {"input": test.input, "expected": test.expected}
        if test.limits:
            out["limits"] = dict(test.limits)
        if test.compare is not None:
            out["compare"] = compare_json(test.compare)
        if test.points is not None:
            out["points"] = test.points
        if test.group is not None:
            out["group"] = test.group
        if test.output_files is not None:
            out["output_files"] = list(test.output_files)
        if test.output_file is not None:
            out["output_file"] = test.output_file
        if test.expected_files is not None:
            out["expected_files"] = dict(test.expected_files)
        return out
    if isinstance(test, Mapping):
        return dict(test)
    given, expected = test
    return {"input": given, "expected": expected}


def file_json(name: str, content: FileContent) -> dict[str, str]:
    if isinstance(content, str):
        return {"name": name, "content": content}
    return {"name": name, "content": base64.b64encode(content).decode(), "encoding": "base64"}


def submission(
    code: str,
    language: str,
    tests: Optional[Iterable[TestLike]] = None,
    *,
    stdin: Optional[str] = None,
    args: Optional[Sequence[str]] = None,
    env: Optional[Mapping[str, str]] = None,
    files: Optional[Mapping[str, FileContent]] = None,
    output_files: Optional[Sequence[str]] = None,
    input_file: Optional[str] = None,
    output_file: Optional[str] = None,
    compare: Union[str, Mapping[str, Any], None] = None,
    function: Union[str, Mapping[str, Any], None] = None,
    checker: Optional[Mapping[str, Any]] = None,
    interactor: Optional[Mapping[str, Any]] = None,
    groups: Optional[Iterable[Mapping[str, Any]]] = None,
    limits: Optional[Mapping[str, int]] = None,
    repeat: Union[int, Mapping[str, Any], None] = None,
    language_factors: Optional[Mapping[str, Mapping[str, float]]] = None,
    stop_on_failure: Optional[bool] = None,
    fresh: Optional[bool] = None,
    output_encoding: Optional[str] = None,
) -> dict[str, Any]:
    """The request JSON. What is None is left out, so that the service's default holds."""
    out: dict[str, Any] = {"code": code, "language": language}
    optional = {
        "test_cases": [test_json(t) for t in tests] if tests is not None else None,
        "stdin": stdin,
        "args": list(args) if args is not None else None,
        "env": dict(env) if env is not None else None,
        "files": [file_json(n, c) for n, c in files.items()] if files is not None else None,
        "output_files": list(output_files) if output_files is not None else None,
        "input_file": input_file,
        "output_file": output_file,
        "compare": compare_json(compare) if compare is not None else None,
        "function": {"name": function} if isinstance(function, str) else function,
        "checker": dict(checker) if checker is not None else None,
        "interactor": dict(interactor) if interactor is not None else None,
        "groups": [dict(g) for g in groups] if groups is not None else None,
        "limits": dict(limits) if limits is not None else None,
        "repeat": dict(repeat) if isinstance(repeat, Mapping) else repeat,
        "language_factors": {n: dict(f) for n, f in language_factors.items()} if language_factors is not None else None,
        "stop_on_failure": stop_on_failure,
        "fresh": fresh,
        "output_encoding": output_encoding,
    }
    return {**out, **{name: value for name, value in optional.items() if value is not None}}


def job_path(job_id: str, tail: str = "") -> str:
    return f"/v1/jobs/{quote(job_id, safe='')}{tail}"


def query(**values: Optional[int]) -> dict[str, int]:
    return {name: value for name, value in values.items() if value is not None}


def common_headers(token: Optional[str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


EVENT_STREAM = {"Accept": "text/event-stream"}
