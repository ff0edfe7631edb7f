# SPDX-License-Identifier: Apache-2.0
"""Who may ask: tokens, tenants, web pages, and where it listens without them."""
import os
import signal
import socket
import stat
import subprocess

import pytest

from service import BINARY, CLEAN_ENV, ENDLESS, HELLO, JSON, ROOT, Service, read_answer, request, serving


def new_token(path, name):
    done = subprocess.run([BINARY, "token", "--tokens", path, name], capture_output=True, env=CLEAN_ENV, timeout=30, check=True)
    return done.stdout.decode().strip()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Two tenants, one of whom may do little."""
    path = tmp_path_factory.mktemp("tokens") / "tokens.yaml"
    tokens = {name: new_token(path, name) for name in ("alice", "bob")}
    with open(path, "a") as f:
        f.write("  rate: 0.001\n  burst: 3\n  caps: {cpu_ms: 1000}\n")  # of bob, who is the last
    with serving("--tokens", path, "--origin", "https://play.example") as s:
        s.tokens, s.path = tokens, path
        yield s


def test_the_file_has_hashes_and_is_its_owners_alone(house):
    text = house.path.read_text()
    assert all(t not in text and t[3:] not in text for t in house.tokens.values())
    assert stat.S_IMODE(os.stat(house.path).st_mode) == 0o600


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer kw_" + "0" * 64, "Basic YTpi", "{} ", "Token {}",
                                           "Bearer {}x", "Bearer  x {}", "Bearer {} x"])
def test_without_a_token_nothing_is_told(house, authorization):
    headers = {} if authorization is None else {"Authorization": authorization.format(house.tokens["alice"])}
    if authorization == "{} ":
        headers["Authorization"] = house.tokens["alice"]
    for method, path in (("POST", "/v1/execute"), ("GET", "/v1/languages"), ("GET", "/metrics"), ("POST", "/v1/batches")):
        answer = house.ask(method, path, HELLO if method == "POST" else None, headers)
        assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
        answer.problem
    assert [house.get(p).status for p in ("/healthz", "/readyz", "/v1/openapi.json")] == [200] * 3


def test_with_a_token_it_serves(house):
    for scheme in ("Bearer ", "bearer ", "BEARER  "):
        answer = house.post("/v1/execute", HELLO, headers={"Authorization": scheme + house.tokens["alice"]})
        assert answer.status == 200 and answer.json["output"] == "42\n"


def test_one_tenant_does_not_see_anothers_jobs(house):
    job = house.post("/v1/jobs", HELLO, headers=bearer(house.tokens["alice"])).json["id"]
    assert house.get(f"/v1/jobs/{job}?wait=30", headers=bearer(house.tokens["alice"])).json["state"] == "done"
    for method, tail in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        assert house.ask(method, f"/v1/jobs/{job}{tail}", headers=bearer(house.tokens["bob"])).status == 404


def test_a_tenants_caps_and_rate_hold(house):
    bob = bearer(house.tokens["bob"])
    answer = house.post("/v1/execute", {**HELLO, "limits": {"cpu_ms": 1001}}, headers=bob)
    assert (answer.status, answer.problem["field"]) == (422, "limits.cpu_ms")
    assert house.get("/v1/capabilities", headers=bob).json["caps"]["cpu_ms"] == 1000
    answers = [house.post("/v1/execute", HELLO, headers=bob) for _ in range(3)]
    assert [a.status for a in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert house.post("/v1/execute", HELLO, headers=bearer(house.tokens["alice"])).status == 200


def test_no_token_is_ever_logged(house):
    house.post("/v1/execute", HELLO, headers=bearer("kw_secretsecret"))
    house.await_log("status=401")
    log = house.log()
    assert "kw_" not in log and all(t[3:] not in log for t in house.tokens.values())
    assert "tenant=alice" in log


def test_a_new_token_is_known_after_sighup(house):
    token = new_token(house.path, "carol")
    assert house.get("/v1/languages", headers=bearer(token)).status == 401
    house.process.send_signal(signal.SIGHUP)
    house.await_log("tokens read again")
    assert house.get("/v1/languages", headers=bearer(token)).status == 200
    text = house.path.read_text()
    house.path.write_text(text + "nonsense: [\n")
    house.process.send_signal(signal.SIGHUP)
    house.await_log("tokens stay as they are")
    assert house.get("/v1/languages", headers=bearer(token)).status == 200
    house.path.write_text(text)


def test_a_page_of_a_configured_origin_may_ask(house):
    origin = {"Origin": "https://play.example"}
    answer = house.ask("OPTIONS", "/v1/execute", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    answer = house.post("/v1/execute", HELLO, headers={**origin, **bearer(house.tokens["alice"])})
    assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]


# ---- without tokens ----

@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", "http://localhost.evil.example"])
def test_a_foreign_page_may_not(service, origin):
    for method, path, body in (("POST", "/v1/execute", HELLO), ("GET", "/v1/languages", None), ("DELETE", "/v1/jobs/x", None),
                               ("OPTIONS", "/v1/execute", None)):
        answer = service.ask(method, path, body, {"Origin": origin})
        assert answer.status == 403 and "Access-Control-Allow-Origin" not in answer.headers


def test_its_own_page_may(service):
    assert service.post("/v1/execute", HELLO, headers={"Origin": f"http://127.0.0.1:{service.port}"}).status == 200


@pytest.mark.parametrize("host, status", [("localhost", 200), ("127.0.0.1:80", 200), ("[::1]:8080", 200), ("a.localhost", 200), ("127.1.2.3", 200),
                                          ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil", 403),
                                          ("evil.example:127.0.0.1", 403), ("", 403), ("[::2]", 403)])
def test_a_name_that_leads_here_by_a_trick_is_refused(service, host, status):
    with service.socket() as s:
        s.sendall(f"GET /v1/languages HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert int(read_answer(s)[0].split()[1]) == status


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/jsonx", ""])
def test_a_body_that_any_page_could_send_is_refused(service, kind):
    answer = service.post("/v1/execute", HELLO, headers={"Content-Type": kind})
    assert answer.status == 415
    assert service.post("/v1/execute", HELLO, headers={"Content-Type": "Application/JSON; charset=utf-8"}).status == 200


def fails_to_start(*options):
    done = subprocess.run([BINARY, "serve", *map(str, options)], capture_output=True, env=CLEAN_ENV, cwd=ROOT, timeout=60, check=False)
    assert done.returncode not in (0, None)
    return done.stderr.decode()


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "*:0"])
def test_it_does_not_listen_to_strangers_without_tokens(address, tmp_path):
    said = fails_to_start("--listen", address, "--state-dir", tmp_path / "state", "--log-dir", tmp_path / "logs")
    assert "tokens are needed" in said


@pytest.mark.parametrize("options, words", [
    (["--listen", "127.0.0.1:99999"], 'listen: "127.0.0.1:99999": the port must be from 0'),
    (["--listen", "8080"], 'listen: "8080" is not HOST:PORT'), (["--listen", "systemd"], "that needs a .socket unit"),
    (["--tokens", "/nonexistent"], "tokens: /nonexistent: No such file"), (["--config", "/nonexistent"], "configuration: /nonexistent: No such"),
])
def test_what_users_get_wrong_is_said_by_its_key(options, words, tmp_path):
    said = fails_to_start(*options, "--state-dir", tmp_path / "state", "--log-dir", tmp_path / "logs")
    assert words in said and said.count("\n") <= 2, said


def test_a_port_in_use_is_said_with_the_cure(service, tmp_path):
    said = fails_to_start("--listen", f"127.0.0.1:{service.port}", "--state-dir", tmp_path / "state", "--log-dir", tmp_path / "logs")
    assert "another program does already; --listen HOST:PORT names another" in said


@pytest.mark.parametrize("text, words", [("- name: a b\n  hash: " + "0" * 64 + "\n", "name must"), ("- name: a\n  hash: 12\n", "hash must"),
                                         ("- name: a\n  hash: " + "0" * 64 + "\n  rate: 0\n", "rate must"), ("- nam: a\n", "nam")])
def test_a_broken_file_of_tokens_stops_the_start(text, words, tmp_path):
    path = tmp_path / "tokens.yaml"
    path.write_text(text)
    assert words in fails_to_start("--listen", "127.0.0.1:0", "--tokens", path, "--state-dir", tmp_path / "state", "--log-dir", tmp_path / "logs")


def test_a_unix_socket_needs_no_token(tmp_path):
    path = tmp_path / "socket"
    with serving(listen=[f"unix:{path}"]) as s:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o660 and f"--unix-socket {path}" in s.said
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(str(path))
            client.sendall(request())
            assert read_answer(client)[0].startswith(b"HTTP/1.1 200")
    with serving(listen=[f"unix:{path}"]):
        pass  # a leftover of the first is replaced
