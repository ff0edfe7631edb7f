# SPDX-License-Identifier: Apache-2.0
"""Why there is no result. What a program did is never one of these: it is data in the result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class KodewarError(Exception):
    """Everything this package raises."""


class NotReached(KodewarError):
    """No answer: the service is not there, or the connection broke before the answer came."""


class ApiError(KodewarError):
    """The service answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = dict(problem)
        self.detail = str(problem.get("detail") or problem.get("title") or f"status {status}")
        self.request_id: str | None = problem.get("request_id")
        super().__init__(self.detail)


class Refused(ApiError):
    """The request breaks a rule: `field` names what, `rule` says which (both None where no field is to blame)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(status, problem)
        self.field: str | None = problem.get("field")
        self.rule: str | None = problem.get("rule")


class Unauthorized(ApiError):
    """No token, a wrong one, or a place from which one may not ask."""


class NotFound(ApiError):
    """There is no such job, or it is somebody else's."""


class Conflict(ApiError):
    """The idempotency key was used for another request."""


class Unavailable(ApiError):
    """Not now: the service begins, ends, or may not run programs. `retry_after` in seconds, where it is known."""

    @property
    def retry_after(self) -> float | None:
        return self.problem.get("retry_after_sec")


class Busy(Unavailable):
    """The queue is full, or the rate spent. `position` is how many jobs wait, where that is why."""

    @property
    def position(self) -> int | None:
        return self.problem.get("position")


class ServerFailed(ApiError):
    """The service broke."""


_BY_STATUS: dict[int, type[ApiError]] = {401: Unauthorized, 403: Unauthorized, 404: NotFound, 409: Conflict}


def from_answer(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):  # a proxy's page, say
        problem = {"detail": body[:200].decode("utf-8", "replace").strip() or f"status {status}"}
    after = headers.get("retry-after", "")
    if after.isdigit():
        problem.setdefault("retry_after_sec", int(after))
    return from_problem({**problem, "status": status})


def from_problem(problem: Mapping[str, Any]) -> ApiError:
    status = int(problem.get("status", 500))
    if status in (429, 503):
        return (Busy if status == 429 else Unavailable)(status, problem)
    if status in _BY_STATUS:
        return _BY_STATUS[status](status, problem)
    return (Refused if 400 <= status < 500 else ServerFailed)(status, problem)
