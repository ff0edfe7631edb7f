# SPDX-License-Identifier: Apache-2.0
"""The journal on a disk that is full, read-only or broken, and a clock that jumps."""
import os
import pathlib
import subprocess
import tempfile
import time

import pytest

from service import BINARY, CLEAN_ENV, HELLO, ROOT, serving

SLOW = {"language": "python", "code": "import time; time.sleep(3); print('slept')"}


@pytest.fixture
def home():
    """A directory that the service's own user may look into, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="kodewar-store-") as path:
        os.chmod(path, 0o755)
        yield path


def submit(service, body=HELLO):
    answer = service.post("/v1/jobs", body)
    assert answer.status == 202, answer.body
    return answer.json["id"]


def result(service, job):
    answer = service.get(f"/v1/jobs/{job}?wait=30")
    assert answer.status == 200, answer.body
    return answer.json["result"]


def done(service, body=HELLO):
    job = submit(service, body)
    assert result(service, job)["verdict"] == "accepted"
    return job


# In a mount namespace of the service's own, which ends with it.
def on_a_disk_of(path, megabytes, *then):
    script = f"mount -t tmpfs -o size={megabytes}m,mode=755 none {path} && {' && '.join([*then, ''])}exec \"$0\" \"$@\""
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", script]


def fill(path):
    with open(path, "wb", buffering=0) as f:
        for size in (1 << 20, 4096):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass


def test_a_full_disk_refuses_what_cannot_be_kept_and_serves_the_rest(home):
    os.mkdir(home + "/disk")
    with serving("--lanes", "1", state=home + "/disk/state", prefix=on_a_disk_of(home + "/disk", 40)) as s:
        seen = pathlib.Path(f"/proc/{s.pid}/root{home}/disk")
        before = done(s)
        promised = submit(s, SLOW)
        fill(seen / "hog")
        answer = s.post("/v1/jobs", {**HELLO, "code": "#" * 2_000_000})
        until = time.monotonic() + 30
        while answer.status == 202 and time.monotonic() < until:  # the reserve is given up first
            answer = s.post("/v1/jobs", {**HELLO, "code": "#" * 2_000_000})
        assert answer.status == 503 and answer.problem["detail"] == "no job can be kept safe now"
        assert int(answer.headers["Retry-After"]) > 0
        assert s.run(**HELLO)["output"] == "42\n", "what needs no disk is served"
        assert result(s, before)["output"] == "42\n" and result(s, promised)["output"] == "slept\n"
        (seen / "hog").unlink()
        until = time.monotonic() + 30
        while s.post("/v1/jobs", HELLO).status != 202:
            assert time.monotonic() < until, "there is room again, and it takes no jobs"
            time.sleep(0.2)
        done(s)


def starts_not(home, prefix=()):
    run = subprocess.run([*prefix, BINARY, "serve", "--listen=127.0.0.1:0", "--state-dir", home + "/disk/state", "--log-dir", home + "/logs"],
                         capture_output=True, env=CLEAN_ENV, cwd=ROOT, timeout=60, check=False)
    return run.returncode, run.stderr.decode()


def test_a_read_only_disk_is_told_at_the_start(home):
    os.mkdir(home + "/disk")
    with serving(state=home + "/disk/state") as s:
        job = done(s)
    read_only = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                 f"mount --bind {home}/disk {home}/disk && mount -o remount,bind,ro {home}/disk && exec \"$0\" \"$@\""]
    code, said = starts_not(home, read_only)
    assert code == 3 and "Read-only file system" in said and home + "/disk/state" in said, (code, said)
    with serving(state=home + "/disk/state") as s:
        assert result(s, job)["output"] == "42\n"


@pytest.mark.parametrize("how", ["header", "middle", "cut", "empty"])
def test_a_corrupt_journal_is_put_aside_and_said(home, how):
    with serving(state=home + "/state") as s:
        jobs = [done(s) for _ in range(5)]
    path = pathlib.Path(home, "state/jobs.db")
    data = bytearray(path.read_bytes())
    size = len(data)
    assert size >= 8192
    if how == "header":
        data[:64] = os.urandom(64)
    elif how == "middle":
        data[4096:] = os.urandom(size - 4096)
    else:
        del data[size // 2 // 4096 * 4096 + 100 if how == "cut" else 0:]
    path.write_bytes(data)
    with serving(state=home + "/state") as s:
        assert s.run(**HELLO)["output"] == "42\n"
        again = done(s)
        answers = [s.get(f"/v1/jobs/{j}") for j in jobs]
        assert {a.status for a in answers} <= {200, 404}
        assert all(a.json["result"]["output"] == "42\n" for a in answers if a.status == 200), "no result is made up"
        aside = list(pathlib.Path(home, "state").glob("jobs.db.corrupt-*"))
        if how in ("header", "middle", "cut"):
            assert aside and "corrupt" in s.log(), os.listdir(home + "/state")
    with serving(state=home + "/state") as s:
        assert result(s, again)["output"] == "42\n"


def test_a_journal_that_breaks_while_it_serves_costs_no_answer(home):
    with serving("--lanes", "1", state=home + "/state") as s:
        done(s)
        path = pathlib.Path(home, "state/jobs.db")
        for name in (path, pathlib.Path(str(path) + "-wal")):
            with open(name, "r+b") as f:
                f.write(os.urandom(max(4096, name.stat().st_size)))
        answers = [s.post("/v1/jobs", HELLO) for _ in range(20)]
        assert {a.status for a in answers} <= {202, 503}, [a.body for a in answers]
        assert s.run(**HELLO)["output"] == "42\n"
        until = time.monotonic() + 30
        while (answer := s.post("/v1/jobs", HELLO)).status != 202:
            assert answer.status == 503 and time.monotonic() < until, answer.body
            time.sleep(0.2)
        assert result(s, answer.json["id"])["output"] == "42\n"
    with serving(state=home + "/state") as s:
        later = s.get(f"/v1/jobs/{answer.json['id']}")
        aside = list(pathlib.Path(home, "state").glob("jobs.db.corrupt-*"))
        assert later.status == 200 or (later.status == 404 and aside), "a result is gone without a word"
        done(s)


@pytest.fixture
def clock(home):
    """Sets the wall clock that the service sees, and no other."""
    path, library = pathlib.Path(home, "clock"), home + "/clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).with_name("clock.c")], check=True, timeout=60)

    def jump(days):
        path.with_suffix(".new").write_text(f"{days * 86400}\n")
        path.with_suffix(".new").rename(path)
    jump(0)
    jump.env = {"LD_PRELOAD": library, "CLOCK_OFFSET_FILE": str(path)}
    return jump


def test_a_clock_that_jumps_changes_nothing(home, clock):
    """Decades ahead and back, while jobs run, wait and are kept: nothing times out, ages or is lost."""
    with serving("--lanes", "1", state=home + "/state", env=clock.env) as s:
        kept = done(s)
        for to in (9000, -9000, 0):
            running, waiting = submit(s, SLOW), submit(s)
            s.await_metric("kodewar_jobs_running", 1)
            clock(to)
            assert s.run(**HELLO)["output"] == "42\n"
            assert result(s, running)["output"] == "slept\n" and result(s, waiting)["output"] == "42\n"
            assert 2500 < result(s, running)["usage"]["wall_ms"] < 20_000
            assert result(s, kept)["output"] == "42\n", "it has aged"
        years = {line[:4] for line in s.log().splitlines()}
        assert len(years) >= 3 and int(max(years)) - int(min(years)) >= 48, f"the clock did not jump: {years}"
        running = submit(s, SLOW)
        s.await_metric("kodewar_jobs_running", 1)
    clock(-9000)
    with serving("--lanes", "1", state=home + "/state", env=clock.env) as s:
        assert result(s, kept)["output"] == "42\n" and result(s, running)["output"] == "slept\n"
