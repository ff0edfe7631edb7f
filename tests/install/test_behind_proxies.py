# SPDX-License-Identifier: Apache-2.0
"""deploy/nginx.conf and deploy/Caddyfile, as the package delivers them, in Debian's nginx and Caddy before the service:
streams, long polls and bodies come through."""
import contextlib
import http.client
import json
import os
import select
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


@contextlib.contextmanager
def nginx(installed, site, port):
    default = installed.file("/etc/nginx/sites-enabled/default")
    target = os.readlink(default)
    assert "listen 80;" in site
    default.unlink()  # it is port 80, which may be somebody's here
    installed.file(SITE).write_text(site.replace("listen 80;", f"listen 127.0.0.1:{port};"), encoding="utf-8")
    installed.run("usermod", "--append", "--groups", "kodewar", "www-data")
    try:
        yield ["nginx", "-g", "daemon off;"]
    finally:
        installed.file(SITE).unlink()
        default.symlink_to(target)


@contextlib.contextmanager
def caddy(installed, site, port):
    """As its user, without the certificates that it would ask the world for, and without its own port for orders."""
    assert f"\n{HOST} {{\n" in site
    site = "{\n\tadmin off\n\tgrace_period 1s\n}\n" + site.replace(f"\n{HOST} {{\n", f"\nhttp://{HOST}:{port} {{\n\tbind 127.0.0.1\n")
    installed.file("/tmp/Caddyfile").write_text(site, encoding="utf-8")
    installed.run("usermod", "--append", "--groups", "kodewar", "caddy")
    yield ["setpriv", "--reuid", "caddy", "--regid", "caddy", "--init-groups", "env", "HOME=/var/lib/caddy",
           "caddy", "run", "--adapter", "caddyfile", "--config", "/tmp/Caddyfile"]
    installed.file("/tmp/Caddyfile").unlink()


@pytest.fixture(name="proxy", scope="module", params=[(nginx, "nginx.conf"), (caddy, "Caddyfile")], ids=lambda kind: kind[1])
def fixture_proxy(installed, request):
    """A way to ask through it, and the service behind it."""
    kind, name = request.param
    port = free_port()
    site = installed.file(f"/usr/share/doc/kodewar/examples/{name}").read_text(encoding="utf-8")
    with Unit(installed, "--host", HOST).running() as unit, kind(installed, site, port) as command, installed.running(*command):
        end = time.monotonic() + 20
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            assert time.monotonic() < end, f"{name}: nobody listens"
            time.sleep(.02)
        yield lambda timeout=60: http.client.HTTPConnection("127.0.0.1", port, timeout=timeout), unit, kind


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


def refused(proxy):
    """What a body of 40 MiB was answered with, and whether that came before all of it was sent."""
    asks = {} if proxy[2] is caddy else {"Expect": "100-continue"}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**JSON, **asks, "Content-Length": 40 * MIB}.items())
    c = proxy[0]()
    c.connect()
    c.sock.sendall(f"POST /v1/execute HTTP/1.1\r\n{head}\r\n".encode())
    left = 0 if asks else 40 * MIB
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # answered and closed since we looked: the answer is there to be read
        while left and not select.select([c.sock], [], [], 0)[0]:
            left -= c.sock.send(b" " * min(left, 65536))
    line = c.sock.recv(4096).split(b"\r\n")[0]
    c.close()
    return line, bool(asks or left)


def test_one_that_is_too_large_is_refused(proxy):
    """Before it has arrived: its client reads while it sends. nginx answers also one who asks before he sends.

    Caddy says 502 where it notices that it cannot send on before it has read the answer: rarely, and it is refused all the same.
    """
    said = [refused(proxy) for _ in range(3)]
    assert all(early for _, early in said), said
    assert any(line.startswith(b"HTTP/1.1 413 ") for line, _ in said), said
    rest = {line[:13] for line, _ in said} - {b"HTTP/1.1 413 "}
    assert rest <= ({b"HTTP/1.1 502 "} if proxy[2] is caddy else set()), said


@contextlib.contextmanager
def events(proxy, code):
    """The lines of a submission's events; 20 s of silence is an error. Then the client hangs up."""
    with contextlib.closing(proxy[0](timeout=20)) as c:
        c.request("POST", "/v1/execute", json.dumps({"language": "python", "code": code}), {**JSON, "Accept": "text/event-stream"})
        with c.getresponse() as answer:
            assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
            yield answer


def test_no_stream_is_cut(proxy):
    """Of Caddy's one in fifty was, as long as it sent requests on while they came."""
    cut = 0
    for _ in range(300):
        with events(proxy, "pass") as lines:
            cut += b"event: result\n" not in list(lines)
    assert cut == 0


def test_events_come_as_they_happen_and_who_hangs_up_cancels(proxy):
    """The program goes on for a minute after its first line; the line is here at once, or the read times out."""
    with events(proxy, "import time\nprint('on', flush=True)\ntime.sleep(50)") as lines:
        assert any(b'"on\\n"' in line for line in lines), "its output is an event"
    end = time.monotonic() + 20
    while b"\nkodewar_jobs_running 0\n" not in proxy[1].ask("GET", "/metrics")[1]:
        assert time.monotonic() < end, "the job goes on"
        time.sleep(.05)


def test_a_long_poll_is_answered_when_the_job_is_over(proxy):
    c = proxy[0]()
    c.request("POST", "/v1/jobs", json.dumps({"language": "python", "code": "import time\ntime.sleep(1)\nprint('late')"}), JSON)
    answer = c.getresponse()
    job = json.loads(answer.read())
    assert answer.status == 202
    c.request("GET", f"/v1/jobs/{job['id']}?wait=30", headers={"Host": HOST})
    told = json.loads(c.getresponse().read())
    assert told["result"]["output"] == "late\n"


def test_another_name_is_refused(proxy):
    answer = post(proxy, {"language": "python", "code": ""}, Host="other.example.org")
    if proxy[2] is caddy:  # it has no site of that name, which it says with nothing
        assert (answer.status, answer.read()) == (200, b"")
    else:
        assert answer.status == 403
