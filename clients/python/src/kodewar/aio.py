# SPDX-License-Identifier: Apache-2.0
"""The asynchronous client; client.py is the same without await."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Any, Optional, Union

import httpx

from . import errors, wire
from .events import Done, Event, Parser
from .models import Job, Result, TestLike


class AsyncSandbox:
    """A connection to `kodewar serve`. Close it, or use it in an `async with`.

    `timeout` bounds, in seconds, how long the service may be silent, not how long a program may run: that is the
    submission's limits' business.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", *, token: Optional[str] = None,
                 unix_socket: Optional[str] = None, timeout: float = 660.0) -> None:
        transport = httpx.AsyncHTTPTransport(uds=unix_socket) if unix_socket else None
        self._http = httpx.AsyncClient(base_url=url, headers=wire.common_headers(token), transport=transport,
                                       timeout=httpx.Timeout(timeout, connect=10.0))

    async def __aenter__(self) -> AsyncSandbox:
        return self

    async def __aexit__(self, kind: Optional[type[BaseException]], e: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    # -- one way to ask --

    async def _ask(self, method: str, path: str, *, retries: int = 0, **kwargs: Any) -> Any:
        for attempt in range(retries + 1):
            try:
                answer = await self._http.request(method, path, **kwargs)
                break
            except httpx.TransportError as e:
                if attempt == retries:
                    raise errors.NotReached(f"{method} {path}: {e or type(e).__name__}") from e
                await asyncio.sleep(0.2 * 2**attempt)
        if answer.is_error:
            raise errors.from_answer(answer.status_code, answer.headers, answer.content)
        return answer.json()

    async def _events(self, method: str, path: str, parser: Parser, **kwargs: Any) -> AsyncIterator[Event]:
        try:
            async with self._http.stream(method, path, **kwargs) as answer:
                if answer.is_error:
                    raise errors.from_answer(answer.status_code, answer.headers, await answer.aread())
                async for chunk in answer.aiter_raw():
                    for event in parser.feed(chunk):
                        yield event
        except httpx.TransportError as e:
            raise errors.NotReached(f"{method} {path}: {e or type(e).__name__}") from e

    # -- submissions that are waited for --

    async def run(self, code: str, language: str, tests: Optional[Iterable[TestLike]] = None, **options: Any) -> Result:
        """Runs it and waits for the result. Options are those of `kodewar.wire.submission`."""
        body = wire.submission(code, language, tests, **options)
        return Result.of(await self._ask("POST", "/v1/execute", json=body))

    async def stream(self, code: str, language: str, tests: Optional[Iterable[TestLike]] = None,
               **options: Any) -> AsyncIterator[Event]:
        """What happens, as it happens; the last event is `Done`. Closing the iterator cancels the program."""
        body = wire.submission(code, language, tests, **options)
        async for event in self._events("POST", "/v1/execute", Parser(), json=body, headers=wire.EVENT_STREAM):
            yield event
            if isinstance(event, Done):
                return
        raise errors.NotReached("the stream ended before the result came")

    # -- jobs --

    async def submit(self, code: str, language: str, tests: Optional[Iterable[TestLike]] = None, *,
               idempotency_key: Optional[str] = None, priority: Optional[int] = None,
               deadline_ms: Optional[int] = None, **options: Any) -> Job:
        """Accepted once this returns, even if the service is killed then. Where no answer comes it is asked again,
        with the same key, so that it is one job all the same."""
        return Job.of(await self._ask("POST", "/v1/jobs", retries=wire.RETRIES,
                                json=wire.submission(code, language, tests, **options),
                                params=wire.query(priority=priority, deadline_ms=deadline_ms),
                                headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex}))

    async def submit_many(self, submissions: Iterable[Mapping[str, Any]], *,
                    idempotency_key: Optional[str] = None) -> list[Union[Job, errors.ApiError]]:
        """Up to 1,000 requests (as `kodewar.wire.submission` makes them): a job or the problem of each, in order."""
        answer = await self._ask("POST", "/v1/batches", retries=wire.RETRIES, json={"submissions": list(submissions)},
                           headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex})
        return [Job.of(entry) if "id" in entry else errors.from_problem(entry) for entry in answer["jobs"]]

    async def job(self, job_id: str, *, wait: Optional[int] = None) -> Job:
        """How it stands; with `wait`, after at most so many seconds, as soon as it is done."""
        return Job.of(await self._ask("GET", wire.job_path(job_id), retries=wire.RETRIES,
                                      params=wire.query(wait=wait)))

    async def wait(self, job_id: str, *, timeout: Optional[float] = None) -> Result:
        """Its result, waited for. TimeoutError when it is not done by then; the job goes on."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = wire.WAIT_SEC if end is None else max(0, min(wire.WAIT_SEC, int(end - time.monotonic())))
            job = await self.job(job_id, wait=left)
            if job.result is not None:
                return job.result
            if end is not None and time.monotonic() >= end - 1:
                raise TimeoutError(f"job {job_id} is {job.state} after {timeout} s")

    async def cancel(self, job_id: str) -> Job:
        return Job.of(await self._ask("DELETE", wire.job_path(job_id), retries=wire.RETRIES))

    async def events(self, job_id: str, *, after: int = 0) -> AsyncIterator[Event]:
        """Its events, those that happened already first; a broken connection is taken up where it broke."""
        parser = Parser()
        parser.last_id = after
        broken = 0
        while True:
            seen = parser.last_id
            try:
                headers = {**wire.EVENT_STREAM, "Last-Event-ID": str(seen)}
                async for event in self._events("GET", wire.job_path(job_id, "/events"), parser, headers=headers):
                    yield event
                    if isinstance(event, Done):
                        return
            except errors.NotReached:
                if broken >= wire.RETRIES and parser.last_id == seen:
                    raise
            broken = 0 if parser.last_id > seen else broken + 1
            if broken > wire.RETRIES:
                raise errors.NotReached("the stream ends before the result comes")
            await asyncio.sleep(0.2 * 2**broken)
            parser.reset()

    # -- about the service --

    async def languages(self) -> list[dict[str, Any]]:
        return list((await self._ask("GET", "/v1/languages"))["languages"])

    async def capabilities(self) -> dict[str, Any]:
        """Which layers really hold on that host, lanes, limits and caps."""
        return dict(await self._ask("GET", "/v1/capabilities"))

    async def ready(self) -> bool:
        """Whether it takes submissions; False also where it does not answer."""
        try:
            await self._ask("GET", "/readyz")
        except errors.KodewarError:
            return False
        return True
