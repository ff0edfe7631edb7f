# SPDX-License-Identifier: Apache-2.0
"""The bench of the service: its promises can break, its section replaces itself, its clients end on what is no good answer."""
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import promises  # noqa: E402
import report  # noqa: E402
from serve import PARTS  # noqa: E402

MACHINE = {"commit": "0123456", "date": "2000-01-01", "load before": "0 0 0"}


def measured(rates=(990, 1000), p99=1.5, more_us=200.0, mb=11.0, ratio=.9):
    crowd = {str(n): {"rate": rate, "p50_ms": 2.0, "p99_ms": p99 * n * 1e3 / rate, "queue_ms": n * 1e3 / rate,
                      "cpu_us": dict.fromkeys(PARTS, 100.0)} for n, rate in zip((1, 2, 64), (500, *rates))}
    return {"machine": MACHINE, "absent": {}, "service": {
        "overhead": {"http_us": 900.0, "engine_us": 900.0 - more_us, "http_p99_us": 1000.0, "engine_p99_us": 900.0,
                     "more_us": more_us, "ping_us": 75.0, "missed": 0},
        "clients": crowd, "streams": {"count": 1000, "mb": mb},
        "durable": {"sync_rate": 1000.0, "async_rate": 900.0, "accept_rate": 9000.0, "ratio": ratio}}}


def held(result):
    return [held for *_, held in promises.service(result)]


def test_promises_hold_and_break_one_by_one():
    assert held(measured()) == [True] * 5
    for i, worse in enumerate(({"more_us": 301.0}, {"rates": (940, 1000)}, {"p99": 2.1}, {"mb": 21.0}, {"ratio": .7})):
        assert [n for n, ok in enumerate(held(measured(**worse))) if not ok] == [i], worse
    assert held({"service": None}) == [False] * 5, "what was not measured does not hold"


def test_one_client_is_no_crowd():
    result = measured()
    result["service"]["clients"]["1"]["p99_ms"] = 1000.0
    assert held(result) == [True] * 5


def test_the_section_replaces_itself_and_nothing_else():
    first, second = measured(), measured(rates=(500, 1000))
    for result in (first, second):
        result["promises"] = promises.service(result)
    old = (ROOT / "docs/BENCH.md").read_text()
    once = report.with_service(old, first)
    again = report.with_service(once, second)
    assert report.with_service(again, first) == once
    assert again.count(report.SERVICE) == 1 and again.count("| Service: ") == 5
    assert "0.5x | **broken** |" in again and "0.5x | **broken** |" not in once

    def others(text):
        before, _, rest = text.partition(report.SERVICE)
        rows = rest.partition("\n## Promises\n")[2].splitlines()
        return before, [row for row in rows if not row.startswith("| Service: ")]
    assert others(old) == others(again)


@pytest.fixture(name="answering")
def fixture_answering(tmp_path):
    """answering(status, body, word) -> bench-load after one line, of a server that always says so."""
    body_file = tmp_path / "body.json"
    body_file.write_text("{}")
    servers = []

    def ask(status, body, line):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *args: None  # a client that ends in the middle is what is tested
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return subprocess.run([ROOT / "build/bench-load", str(server.server_port), body_file], input=line, text=True,
                              capture_output=True, timeout=30, check=False)

    yield ask
    for server in servers:
        server.shutdown()
        server.server_close()


def test_clients_measure_good_answers_and_end_on_others(answering):
    good = answering(200, b'{"verdict":"accepted"}', "sync 20 4\none\n")
    burst, one = map(json.loads, good.stdout.splitlines())
    assert good.returncode == 0 and 0 < burst["p50_nsec"] <= burst["p99_nsec"] <= burst["max_nsec"] <= burst["nsec"]
    assert one["answer"] == {"verdict": "accepted"} and one["nsec"] > 0
    for status, body, line in ((200, b'{"verdict":"wrong_answer"}', "sync 20 4\n"), (503, b'{"verdict":"accepted"}', "sync 20 4\n"),
                               (200, b'{"id":"x"}', "async 4 2\n")):
        bad = answering(status, body, line)
        assert bad.returncode == 1 and "unexpected answer" in bad.stderr and not bad.stdout, (status, body)
