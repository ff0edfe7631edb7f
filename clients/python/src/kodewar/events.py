# SPDX-License-Identifier: Apache-2.0
"""What happens to a submission, as Server-Sent Events tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional, Union

from .models import Result, TestResult


@dataclass(frozen=True)
class Queued:
    """It waits; `position` jobs are before it."""

    position: int


@dataclass(frozen=True)
class Compiling:
    pass


@dataclass(frozen=True)
class Running:
    """Its first box after the compile step has begun."""


@dataclass(frozen=True)
class CaseDone:
    """A test case was judged; cases end in any order."""

    index: int
    result: TestResult


@dataclass(frozen=True)
class Output:
    """Something was printed: to `stream` ("stdout" or "stderr") by the program of test case `case`."""

    case: int
    stream: str
    data: str


@dataclass(frozen=True)
class Done:
    """The last one."""

    result: Result


Event = Union[Queued, Compiling, Running, CaseDone, Output, Done]


def make(name: str, data: str) -> Optional[Event]:
    """None for an event that this version does not know."""
    raw: dict[str, Any] = json.loads(data)
    if name == "queued":
        return Queued(raw["position"])
    if name == "compiling":
        return Compiling()
    if name == "running":
        return Running()
    if name == "case":
        return CaseDone(raw["index"], TestResult.of(raw))
    if name == "output":
        return Output(raw["case"], raw["stream"], raw["data"])
    if name == "result":
        return Done(Result.of(raw))
    return None


class Parser:
    """Bytes of an event stream to events; `last_id` is where to go on after a broken connection.

    Lines end with LF or CRLF and nothing else: U+2028, which str.splitlines() takes for an end, may stand in JSON.
    """

    def __init__(self) -> None:
        self.last_id = 0
        self.reset()

    def reset(self) -> None:
        """A new connection: half an event of the old one is nothing."""
        self._rest = b""
        self._name = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[Event]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            text = line.rstrip(b"\r").decode("utf-8", "replace")
            if text == "":
                event = make(self._name, "\n".join(self._data)) if self._data else None
                self._name, self._data = "", []
                if event is not None:
                    yield event
            else:
                self._field(*text.partition(":")[::2])

    def _field(self, name: str, value: str) -> None:
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and value.isdigit():
            self.last_id = int(value)
