# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is, what is kept and for how long, hosts that fail, and what systemd is told: of the real service."""
import os
import signal
import socket
import tempfile
import time

import pytest

from service import ENDLESS, HELLO, Service, serving


@pytest.fixture(name="directory")
def fixture_directory():
    """One that the service's own user may look into, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="kodewar-engine-") as path:
        os.chmod(path, 0o755)
        yield path


@pytest.fixture(name="single", scope="module")
def fixture_single():
    with serving("--lanes", "1") as s:
        yield s


def submit(service, body, query="", **more):
    answer = service.post("/v1/jobs" + query, body, **more)
    assert answer.status == 202, answer.body
    return answer.json["id"]


def result(service, job):
    told = service.get(f"/v1/jobs/{job}?wait=60", timeout=70).json
    assert told["state"] == "done", told
    return told["result"]


def stop(service, job):
    assert service.ask("DELETE", f"/v1/jobs/{job}").status in (200, 202)
    result(service, job)


def configured(directory, text):
    path = os.path.join(directory, "serve.yaml")
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


# ---- whose turn ----

def test_what_has_priority_is_begun_first(single):
    blocks = submit(single, ENDLESS)
    single.await_metric("kodewar_jobs_running", 1)
    jobs = {p: submit(single, HELLO, f"?priority={p}") for p in (-9, 0, 9, 5)}
    assert [single.get(f"/v1/jobs/{jobs[p]}").json["position"] for p in (9, 5, 0, -9)] == [0, 1, 2, 3]
    before = len(single.log())
    stop(single, blocks)
    for job in jobs.values():
        assert result(single, job)["verdict"] == "accepted"
    said = single.log()[before:]
    places = [said.index(f"job judged job={jobs[p]}") for p in (9, 5, 0, -9)]
    assert places == sorted(places)


def test_a_job_that_does_not_begin_in_time_is_told_so(single):
    blocks = submit(single, ENDLESS)
    late = result(single, submit(single, HELLO, "?deadline_ms=100"))
    assert late["verdict"] == "internal_error" and "not begun before its deadline" in late["error"]
    answer = single.post("/v1/execute?deadline_ms=100", HELLO)
    assert answer.status == 200 and "not begun before its deadline" in answer.json["error"]
    stop(single, blocks)
    assert result(single, submit(single, HELLO, "?deadline_ms=60000"))["verdict"] == "accepted"


def test_cases_of_one_submission_use_idle_lanes_and_starve_nobody():
    many = {"language": "python", "code": "import time; time.sleep(0.05)", "test_cases": [{"input": "", "expected": ""}] * 300}
    with serving("--lanes", "2") as s:
        big = submit(s, many)
        s.await_metric("kodewar_lanes_idle", 0)  # nobody else is there
        for n in range(3):
            assert s.run(language="python", code=f"print({n})")["output"] == f"{n}\n"
        told = s.get(f"/v1/jobs/{big}").json
        assert told["state"] == "running", "the small ones were to overtake it"
        stop(s, big)


# ---- what is kept ----

def test_results_are_forgotten_after_their_time(directory):
    with serving("--config", configured(directory, "keep_sec: 1\n")) as s:
        job = submit(s, HELLO)
        assert result(s, job)["output"] == "42\n"
        until = time.monotonic() + 30
        while (answer := s.get(f"/v1/jobs/{job}")).status == 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert answer.status == 404 and answer.problem["detail"]


def test_of_more_results_than_may_be_kept_the_oldest_go(directory):
    loud = {"language": "python", "code": "print('x' * 200000)"}
    with serving("--config", configured(directory, "keep_bytes: 500000\nkept_bytes: 0\n")) as s:
        jobs = []
        for _ in range(5):
            jobs.append(submit(s, loud))
            s.await_metric("kodewar_jobs_running", 0)
            if len(jobs) == 1:
                assert result(s, jobs[0])["verdict"] == "accepted"
        until = time.monotonic() + 30
        while s.get(f"/v1/jobs/{jobs[0]}").status == 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert len(result(s, jobs[-1])["output"]) == 200001


# ---- hosts that fail ----

def test_a_job_that_takes_the_service_down_three_times_is_not_begun_again(directory):
    state, job = directory + "/state", None
    for life in range(3):
        s = Service("--lanes", "1", state=state)
        try:
            if life == 0:
                job = submit(s, ENDLESS)
            until = time.monotonic() + 30
            while s.get(f"/v1/jobs/{job}").json["state"] != "running":
                assert time.monotonic() < until
                time.sleep(0.02)
        finally:
            s.end(signal.SIGKILL)
    with serving("--lanes", "1", state=state) as s:
        told = result(s, job)
        assert told["verdict"] == "internal_error" and "begun 3 times and never ended" in told["error"]
        assert s.run(**HELLO)["output"] == "42\n"


def on_a_small_disk(directory):
    """Its state lies on a file system of its own, which nobody else has mounted."""
    inside = 'mkdir -p "$0" && mount -t tmpfs -o size=40m small "$0" && exec "$@"'
    return lambda *command: ["unshare", "-m", "--propagation", "private", "/bin/sh", "-c", inside, directory, *command]


def test_a_full_disk_refuses_new_jobs_and_serves_what_is_there(directory):
    disk = directory + "/disk"
    with serving(state=disk + "/state", wrap=on_a_small_disk(disk)) as s:
        kept = submit(s, HELLO)
        assert result(s, kept)["output"] == "42\n"
        ballast = f"/proc/{s.pid}/root{disk}/ballast"
        with open(ballast, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
        answer = s.post("/v1/jobs", {**HELLO, "code": "#" * 100000})
        assert answer.status == 503 and int(answer.headers["Retry-After"]) >= 1 and "kept safe" in answer.problem["detail"]
        assert result(s, kept)["output"] == "42\n" and s.run(**HELLO)["output"] == "42\n"
        assert s.get("/healthz").status == 200
        os.unlink(ballast)
        until = time.monotonic() + 30
        while (answer := s.post("/v1/jobs", HELLO)).status == 503:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert result(s, answer.json["id"])["output"] == "42\n"


# ---- systemd ----

def words(listener, until, seconds=30):
    """What systemd would be told, up to a word."""
    told, end = [], time.monotonic() + seconds
    while not told or until not in told[-1]:
        assert time.monotonic() < end, told
        told.append(listener.recv(4096).decode())
    return told


def test_systemd_is_told_how_it_stands(directory):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(directory + "/notify")
        os.chmod(directory + "/notify", 0o777)
        listener.settimeout(30)
        s = Service(env={"NOTIFY_SOCKET": directory + "/notify", "WATCHDOG_USEC": "400000"})
        assert "STATUS=Serving" in words(listener, "READY=1")[-1]
        for _ in range(3):
            words(listener, "WATCHDOG=1")
        os.kill(s.pid, signal.SIGHUP)
        told = words(listener, "RELOADING=1")[-1]
        assert "MONOTONIC_USEC=" in told
        words(listener, "READY=1")
        os.kill(s.pid, signal.SIGTERM)
        words(listener, "STOPPING=1")
        s.close()


def test_a_service_that_hangs_does_not_feed_its_watchdog(directory):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(directory + "/notify")
        os.chmod(directory + "/notify", 0o777)
        listener.settimeout(30)
        s = Service(env={"NOTIFY_SOCKET": directory + "/notify", "WATCHDOG_USEC": "400000"})
        words(listener, "WATCHDOG=1")
        os.kill(s.pid, signal.SIGSTOP)
        while "State:\tT" not in open(f"/proc/{s.pid}/status", encoding="ascii").read():
            time.sleep(0.01)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                listener.recv(4096)
        listener.settimeout(1.5)
        with pytest.raises(TimeoutError):
            listener.recv(4096)
        os.kill(s.pid, signal.SIGCONT)
        listener.settimeout(30)
        words(listener, "WATCHDOG=1")
        s.close()
