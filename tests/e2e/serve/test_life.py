# SPDX-License-Identifier: Apache-2.0
"""Start, end, and what holds across both."""
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time

import pytest

from command_line import descendants, gone
from service import BINARY, CLEAN_ENV, ENDLESS, HELLO, JSON, ROOT, Service, request, serving


def test_a_drain_answers_what_runs_and_takes_nothing_more():
    s = Service("--lanes", "1")
    answers = []
    slow = {"language": "python", "code": "import time; time.sleep(2); print('done')"}
    thread = threading.Thread(target=lambda: answers.append(s.post("/v1/execute", slow)))
    thread.start()
    s.await_metric("kodewar_jobs_running", 1)
    s.process.send_signal(signal.SIGTERM)
    s.await_log("drains")
    ready = s.get("/readyz")
    assert ready.status == 503 and ready.headers["Retry-After"] and ready.problem
    assert s.post("/v1/execute", HELLO).status == 503 and s.get("/healthz").status == 200
    thread.join()
    assert answers[0].status == 200 and answers[0].json["output"] == "done\n"
    s.close()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_when_nothing_runs_and_leaves_nothing(by):
    s = Service()
    below = descendants(s.pid)
    assert below and s.run(**HELLO)["output"] == "42\n"
    idle = s.socket()
    idle.sendall(request("GET", "/healthz"))
    assert idle.recv(4096).startswith(b"HTTP/1.1 200")  # so it was taken, and does not wait in front of the door
    begun = time.monotonic()
    assert s.end(by) == 0 and time.monotonic() - begun < 10
    while idle.recv(4096):
        pass  # an end, not a reset
    assert not gone(below)


def test_a_second_signal_ends_it_at_once():
    s = Service("--lanes", "1")
    with s.socket() as c:
        c.sendall(request("POST", "/v1/execute", json.dumps(ENDLESS).encode()))
        s.await_metric("kodewar_jobs_running", 1)
        s.process.send_signal(signal.SIGTERM)
        s.await_log("drains")
        begun = time.monotonic()
        assert s.end() == 0 and time.monotonic() - begun < 10


@pytest.fixture
def open_path():
    """A directory that the service's own user may look into, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="kodewar-serve-") as path:
        os.chmod(path, 0o755)
        yield path


def test_an_accepted_job_outlives_kill_9(open_path):
    s = Service("--lanes", "1", state=open_path + "/state")
    s.post("/v1/jobs", {"language": "python", "code": "import time; time.sleep(3)"})
    job = s.post("/v1/jobs", HELLO).json["id"]
    s.end(signal.SIGKILL)
    with serving("--lanes", "1", state=open_path + "/state") as again:
        assert again.get(f"/v1/jobs/{job}?wait=30").json["result"]["output"] == "42\n"


def test_two_services_do_not_share_their_jobs(tmp_path):
    with serving() as s:
        done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--state-dir", s.state, "--log-dir", s.logs],
                              capture_output=True, env=CLEAN_ENV, cwd=ROOT, timeout=60, check=False)
        assert done.returncode == 3 and b"another service keeps its jobs" in done.stderr


def test_the_default_configuration_is_one(tmp_path):
    text = subprocess.run([BINARY, "serve", "--print-config"], capture_output=True, env=CLEAN_ENV, timeout=30, check=True).stdout
    (tmp_path / "c.yaml").write_bytes(text)
    with serving("--config", tmp_path / "c.yaml") as s:
        assert s.run(**HELLO)["output"] == "42\n"


@pytest.mark.parametrize("text, words", [("lane: 3\n", ":1:1: Unexpected key: lane"), ("lanes: 64\n", "lanes: must be from 0 to 63"), ("max_body: x\n", ":1:"),
                                         ("caps: {cpu_ms: 999999999}\n", "caps: cpu_ms must be"), ("listen: []\n", "Insufficient entries"), ("a: [\n", ":")])
def test_a_broken_configuration_is_refused_by_line_and_key(text, words, tmp_path):
    (tmp_path / "c.yaml").write_text(text)
    done = subprocess.run([BINARY, "serve", "--config", tmp_path / "c.yaml"], capture_output=True, env=CLEAN_ENV, timeout=30, check=False)
    assert done.returncode == 2 and words in done.stderr.decode(), done.stderr


def test_a_missing_required_layer_refuses_submissions_and_says_why():
    binary = str(ROOT / "build-layers/kodewar")
    if not os.path.exists(binary):
        subprocess.run([ROOT / "tools/build-variant.sh", "layers"], check=True, capture_output=True, timeout=600)
    with serving(binary=binary, env={"KODEWAR_LAYERS_OFF": "netns", "KODEWAR_LAYERS_REQUIRED": "1"}) as s:
        assert "required layers do not hold here: netns" in s.said
        for answer in (s.get("/readyz"), s.post("/v1/execute", HELLO), s.post("/v1/jobs", HELLO)):
            assert answer.status == 503 and "netns" in answer.problem["detail"]
        told = s.get("/v1/capabilities").json
        assert not told["ready"] and {x["name"]: x["state"] for x in told["layers"]}["netns"] == "missing"
        assert s.get("/healthz").status == 200


def test_a_socket_that_systemd_hands_over(open_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def hand_over():
            os.dup2(listener.fileno(), 3, inheritable=True)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            os.execve(BINARY, [BINARY, "serve", "--listen", "systemd", "--state-dir", open_path + "/s", "--log-dir", open_path + "/l"],
                      {**CLEAN_ENV, "LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())})
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.dup2(write, 1)
                hand_over()
            finally:
                os._exit(127)
        os.close(write)
        with open(read, "rb") as said:
            try:
                assert b"serves on http://127.0.0.1:%d" % listener.getsockname()[1] in said.readline()
                with socket.create_connection(listener.getsockname(), timeout=30) as c:
                    c.sendall(request())
                    assert c.recv(100).startswith(b"HTTP/1.1 200")
            finally:
                os.kill(pid, signal.SIGTERM)
                assert os.waitpid(pid, 0)[1] == 0
