# SPDX-License-Identifier: Apache-2.0
"""The Python client against the real service."""

import asyncio
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from kodewar import (AsyncSandbox, Busy, CaseDone, Compiling, Conflict, Done, NotFound, NotReached, Output, Queued, Refused,
                     Running, Sandbox, Test, Unauthorized)
from kodewar.errors import from_answer
from kodewar.events import Parser
from served import BINARY, Served

ROOT = Path(__file__).resolve().parents[2]
SQUARE = "print(int(input())**2)"
ENDLESS = "while True: pass"


@pytest.fixture
def sandbox(served):
    with Sandbox(served.url, timeout=60) as s:
        yield s


def test_run_judges_test_cases(sandbox):
    r = sandbox.run(SQUARE, "python", tests=[("7", "49"), Test("8", "63"), {"input": "9", "expected": "81"}])
    assert [t.passed for t in r.test_results] == [True, False, True]
    assert (r.status, r.verdict, r.accepted) == ("success", "wrong_answer", False)
    assert r.test_results[1].actual == "64\n"
    assert r.usage.memory_kb > 0 and r.id and r.raw["verdict"] == "wrong_answer"


def test_run_passes_every_option(sandbox):
    code = "import sys, os; print(sys.argv[1:], os.environ['A'], open('f.txt').read(), open('b','rb').read(), input())"
    r = sandbox.run(code, "py", stdin="in", args=["x", "y z"], env={"A": "1"},
                    files={"f.txt": "text", "b": b"\x00\xff"}, limits={"cpu_ms": 5000}, fresh=True)
    assert r.output == "['x', 'y z'] 1 text b'\\x00\\xff' in\n"
    assert r.runner == "cold" and r.accepted


def test_what_the_program_did_is_no_exception(sandbox):
    r = sandbox.run("import os; os.write(2, b'bad'); raise SystemExit(3)", "python")
    assert (r.verdict, r.exit_code, r.stderr, r.status) == ("runtime_error", 3, "bad", "error")
    r = sandbox.run(ENDLESS, "python", limits={"cpu_ms": 200})
    assert r.verdict == "time_limit" and r.usage.cpu_ms >= 200


def test_compile_errors_are_told(sandbox):
    r = sandbox.run("int main(void) { return x; }", "c")
    assert r.verdict == "compile_error" and r.compile is not None and "x" in r.compile.output


def test_a_refusal_names_field_and_rule(sandbox):
    with pytest.raises(Refused) as e:
        sandbox.run("", "klingon")
    assert e.value.status == 422 and e.value.field == "language" and e.value.rule and e.value.request_id
    with pytest.raises(Refused) as e:
        sandbox.run("", "python", tests=[{"input": "1"}])
    assert e.value.field == "test_cases[0].expected"


def test_stream_tells_what_happens(sandbox):
    code = "print('a\u2028b\u0085c'); import sys; print('e', file=sys.stderr)"
    events = list(sandbox.stream(code, "python", tests=[("", "a\u2028b\u0085c"), ("", "no")]))
    kinds = [type(e) for e in events]
    assert kinds[0] is Queued and Running in kinds and kinds[-1] is Done
    cases = {e.index: e.result for e in events if isinstance(e, CaseDone)}
    assert {i: c.passed for i, c in cases.items()} == {0: True, 1: False}
    printed = "".join(e.data for e in events if isinstance(e, Output) and (e.case, e.stream) == (0, "stdout"))
    assert printed == "a\u2028b\u0085c\n"
    assert any(isinstance(e, Output) and e.stream == "stderr" for e in events)
    assert events[-1].result.test_results == [cases[0], cases[1]]


def test_a_compiled_language_tells_that_it_compiles(sandbox):
    kinds = [type(e) for e in sandbox.stream("int main(void) { return 0; }", "c")]
    assert kinds.index(Compiling) < kinds.index(Running)


def wait_until_idle(sandbox):
    end = time.monotonic() + 15
    while "kodewar_jobs_running 0\n" not in sandbox._http.get("/metrics").text:
        assert time.monotonic() < end, "the job of a client that went away still runs"
        time.sleep(0.05)


def test_leaving_a_stream_cancels(sandbox):
    for event in (stream := sandbox.stream(ENDLESS, "python")):
        if isinstance(event, Running):
            break
    stream.close()
    wait_until_idle(sandbox)


def test_jobs(sandbox):
    job = sandbox.submit(SQUARE, "python", tests=[("3", "9")], idempotency_key="one", priority=2)
    assert sandbox.submit(SQUARE, "python", tests=[("3", "9")], idempotency_key="one", priority=2).id == job.id
    with pytest.raises(Conflict):
        sandbox.submit("other", "python", idempotency_key="one")
    assert sandbox.wait(job.id, timeout=30).accepted
    done = sandbox.job(job.id)
    assert done.done and done.state == "done" and done.position is None and done.result.id == job.id
    assert isinstance(list(sandbox.events(job.id))[-1], Done)
    with pytest.raises(NotFound):
        sandbox.job("0" * 32)


def test_a_job_is_cancelled(sandbox):
    job = sandbox.submit(ENDLESS, "python")
    for event in sandbox.events(job.id):
        if isinstance(event, Running):
            break
    with pytest.raises(TimeoutError):
        sandbox.wait(job.id, timeout=1)
    sandbox.cancel(job.id)
    result = sandbox.wait(job.id, timeout=20)
    assert result.verdict == "internal_error" and "cancel" in result.error


def test_many_at_once(sandbox):
    requests = [{"code": f"print({i})", "language": "python"} for i in range(4)] + [{"code": "", "language": "none"}]
    *jobs, refused = sandbox.submit_many(requests)
    assert [sandbox.wait(j.id, timeout=30).output for j in jobs] == [f"{i}\n" for i in range(4)]
    assert isinstance(refused, Refused) and "language" in refused.field


def test_about_the_service(sandbox):
    assert {"python", "c", "javascript"} <= {entry["name"] for entry in sandbox.languages()}
    assert sandbox.capabilities()["lanes"] >= 1 and sandbox.ready()


def test_nobody_there():
    with Sandbox("http://127.0.0.1:9") as s:
        with pytest.raises(NotReached):
            s.run("", "python")
        assert not s.ready()


def test_events_go_on_where_a_connection_broke():
    service = Served("--runner", "cold")
    try:
        with Sandbox(service.url, timeout=60) as s:
            job = s.submit("import time\nprint('x', flush=True)\ntime.sleep(2)", "python")
            seen = []
            for event in s.events(job.id):
                if isinstance(event, Running) and Running not in map(type, seen):
                    service.process.kill()  # its journal has the job: the next life runs it again
                    service.kill()
                    service.start()
                seen.append(event)
            assert isinstance(seen[-1], Done) and seen[-1].result.accepted
    finally:
        service.close()


def test_unix_socket_and_tokens(tmp_path):
    tokens = tmp_path / "tokens"
    made = subprocess.run([BINARY, "token", "--tokens", tokens, "alice"], capture_output=True, text=True, timeout=20)
    token = next((word for word in made.stdout.split() if word.startswith("kw_")), "")
    assert made.returncode == 0 and token, made.stderr
    tmp_path.chmod(0o755)
    service = Served("--runner", "cold", "--tokens", str(tokens), "--listen", f"unix:{tmp_path}/socket")
    try:
        with Sandbox(service.url, timeout=30) as s, pytest.raises(Unauthorized):
            s.run("", "python")
        with Sandbox("http://localhost", unix_socket=f"{tmp_path}/socket", token=token, timeout=30) as s:
            assert s.run("print(1)", "python").output == "1\n"
    finally:
        service.close()


def test_async_client(served):
    async def together():
        async with AsyncSandbox(served.url, timeout=60) as s:
            first, second = await asyncio.gather(s.run(SQUARE, "python", tests=[("4", "16")]), s.run("print(2)", "python"))
            assert first.accepted and second.output == "2\n"
            events = [e async for e in s.stream("print(3)", "python")]
            assert isinstance(events[-1], Done)
            job = await s.submit("print(4)", "python")
            assert (await s.wait(job.id, timeout=30)).output == "4\n"
            assert [type(e) async for e in s.events(job.id)][-1] is Done
            *jobs, bad = await s.submit_many([{"code": "", "language": "python"}, {"code": "", "language": "none"}])
            assert (await s.wait(jobs[0].id, timeout=30)).accepted and isinstance(bad, Refused)
            with pytest.raises(Refused):
                await s.run("", "none")
            assert (await s.capabilities())["lanes"] >= 1 and len(await s.languages()) >= 3 and await s.ready()

    asyncio.run(together())


def test_async_cancellation_cancels_the_program(served, sandbox):
    async def leave():
        async with AsyncSandbox(served.url, timeout=60) as s:
            task = asyncio.create_task(s.run(ENDLESS, "python"))
            while "kodewar_jobs_running 0\n" in sandbox._http.get("/metrics").text:
                await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(leave())
    wait_until_idle(sandbox)


def test_every_problem_has_its_exception():
    busy = from_answer(429, {"retry-after": "7"}, b'{"status":429,"detail":"full","position":12}')
    assert isinstance(busy, Busy) and (busy.retry_after, busy.position, str(busy)) == (7, 12, "full")
    assert str(from_answer(502, {}, b"<html>bad gateway</html>")) == "<html>bad gateway</html>"


def test_events_are_read_in_any_pieces():
    text = b': hello\n\nid: 3\r\nevent: queued\r\ndata: {"position":\r\ndata: 4}\r\n\r\nevent: new\ndata: {}\n\n'
    for size in range(1, len(text)):
        parser = Parser()
        pieces = (text[i:i + size] for i in range(0, len(text), size))
        assert [e for piece in pieces for e in parser.feed(piece)] == [Queued(4)]
        assert parser.last_id == 3


def test_types():
    out = subprocess.run([sys.executable, "-m", "mypy", "--strict", "src"], cwd=ROOT / "clients/python",
                         capture_output=True, text=True, timeout=110)
    assert out.returncode == 0, out.stdout


def test_a_wheel_is_built(tmp_path):
    out = subprocess.run([sys.executable, "-m", "flit_core.wheel", "--outdir", tmp_path], cwd=ROOT / "clients/python",
                         capture_output=True, text=True, timeout=60)
    assert out.returncode == 0, out.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("kodewar-*.whl"))).namelist()
    assert {"kodewar/__init__.py", "kodewar/py.typed", "kodewar/aio.py"} <= set(names)
