# SPDX-License-Identifier: Apache-2.0
"""examples/django end to end: a real Django, a real Redis, a real worker, and a client without a browser."""

import contextlib
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from broker import NEWEST, ROOT, Redis, Worker, free_port, python_of


class Site:
    def __init__(self, redis):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [python_of(NEWEST), "manage.py", "runserver", "--noreload", self.url.removeprefix("http://")],
            cwd=ROOT / "examples/django", env=os.environ | {"REDIS_URL": redis.url.removesuffix("/0")},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while self.ask("/api/status/none/")[0] == 0:
            assert time.monotonic() < end and self.process.poll() is None, "Django does not answer"
            time.sleep(0.05)

    def ask(self, path, body=None, content_type="application/json"):
        request = urllib.request.Request(self.url + path, body, {"Content-Type": content_type})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as e:
            text = e.read()
            return e.code, json.loads(text) if text.startswith(b"{") else text
        except urllib.error.URLError:
            return 0, None

    def submit(self, **body):
        code, answer = self.ask("/api/submit/", json.dumps(body).encode())
        assert code == 202 and answer["status"] == "queued", answer
        return answer["submission_id"]

    def outcome(self, submission_id):
        end = time.monotonic() + 30
        while True:
            code, answer = self.ask(f"/api/status/{submission_id}/")
            assert code == 200, answer
            if answer["status"] != "queued":
                return answer
            assert time.monotonic() < end, "never judged"
            time.sleep(0.05)

    def close(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(name="site", scope="module")
def fixture_site():
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(contextlib.closing(Redis()))
        stack.enter_context(contextlib.closing(Worker(redis, "kw@host", "--cache", redis.url.replace("/0", "/1"))))
        yield stack.enter_context(contextlib.closing(Site(redis)))


def test_submit_and_status(site):
    answer = site.outcome(site.submit(language="python", code="print(input()[::-1])",
                                      test_cases=[{"input": "abc", "expected": "cba"}, {"input": "x", "expected": "y"}]))
    assert answer["status"] == "completed"
    assert list(answer["result"])[:4] == ["status", "output", "error", "test_results"]
    assert [t["passed"] for t in answer["result"]["test_results"]] == [True, False]


def test_without_test_cases(site):
    assert site.outcome(site.submit(language="javascript", code="console.log(6*7)"))["result"]["output"] == "42\n"


def test_a_refused_request_is_told(site):
    assert site.outcome(site.submit(language="klingon", code=""))["result"]["error"].startswith("language: ")


def test_many_at_once(site):
    ids = [site.submit(language="python", code=f"print({i})") for i in range(30)]
    assert [site.outcome(i)["result"]["output"] for i in ids] == [f"{i}\n" for i in range(30)]


@pytest.mark.parametrize("body, content_type, code", [
    (b"{", "application/json", 400),
    (b'{"code": 1, "language": "python"}', "application/json", 400),
    (b"code=1", "application/x-www-form-urlencoded", 415),
])
def test_a_bad_submission(site, body, content_type, code):
    assert site.ask("/api/submit/", body, content_type)[0] == code


def test_an_unknown_submission(site):
    assert site.ask("/api/status/none/")[0] == 404
