# SPDX-License-Identifier: Apache-2.0
"""deploy/nginx.conf, as the package delivers it, in Debian's nginx before the service: streams and bodies come through."""
import contextlib
import http.client
import json
import os
import socket
import time

import pytest

from unit import Unit

pytestmark = pytest.mark.timeout(600)
HOST = "kodewar.example.org"
SITE = "/etc/nginx/sites-enabled/kodewar"
JSON = {"Host": HOST, "Content-Type": "application/json"}
MIB = 1 << 20


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(name="proxy", scope="module")
def fixture_proxy(installed):
    """A way to ask through nginx, and the service behind it."""
    port = free_port()
    site = installed.file("/usr/share/doc/kodewar/examples/nginx.conf").read_text(encoding="utf-8")
    assert "listen 80;" in site and HOST in site
    installed.file(SITE).write_text(site.replace("listen 80;", f"listen 127.0.0.1:{port};"), encoding="utf-8")
    default = installed.file("/etc/nginx/sites-enabled/default")
    target = os.readlink(default)
    default.unlink()  # it is port 80, which may be somebody's here
    installed.run("usermod", "--append", "--groups", "kodewar", "www-data")
    try:
        with Unit(installed, "--host", HOST).running() as unit, installed.running("nginx", "-g", "daemon off;"):
            end = time.monotonic() + 20
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert time.monotonic() < end, "nginx does not listen"
                time.sleep(.02)
            yield lambda timeout=60: http.client.HTTPConnection("127.0.0.1", port, timeout=timeout), unit
    finally:
        installed.file(SITE).unlink()
        default.symlink_to(target)


def post(proxy, request, **headers):
    c = proxy[0]()
    c.request("POST", "/v1/execute", json.dumps(request), {**JSON, **headers})
    return c.getresponse()


def test_a_result(proxy):
    answer = post(proxy, {"language": "python", "code": "print(6 * 7)"})
    assert answer.status == 200 and json.loads(answer.read())["output"] == "42\n"


def test_a_large_body_arrives_whole(proxy):
    answer = post(proxy, {"language": "python", "code": "import sys\nprint(len(sys.stdin.read()))", "stdin": "x" * (20 * MIB)})
    assert json.loads(answer.read())["output"] == f"{20 * MIB}\n"


def test_one_that_is_too_large_is_refused(proxy):
    c = proxy[0]()
    c.putrequest("POST", "/v1/execute", skip_host=True)
    for name, value in {**JSON, "Content-Length": str(40 * MIB), "Expect": "100-continue"}.items():
        c.putheader(name, value)
    c.endheaders()
    assert c.getresponse().status == 413


def test_events_come_as_they_happen_and_who_hangs_up_cancels(proxy):
    """The program goes on for a minute after its first line; the line is here at once, or the read times out."""
    c = proxy[0](timeout=20)
    c.request("POST", "/v1/execute", json.dumps({"language": "python", "code": "import time\nprint('on', flush=True)\ntime.sleep(50)"}),
              {**JSON, "Accept": "text/event-stream"})
    answer = c.getresponse()
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
    assert any(b'"on\\n"' in line for line in answer), "its output is an event"
    c.close()
    answer.close()
    end = time.monotonic() + 20
    while b"\nkodewar_jobs_running 0\n" not in proxy[1].ask("GET", "/metrics")[1]:
        assert time.monotonic() < end, "the job goes on"
        time.sleep(.05)


def test_another_name_is_refused(proxy):
    assert post(proxy, {"language": "python", "code": ""}, Host="other.example.org").status == 403
