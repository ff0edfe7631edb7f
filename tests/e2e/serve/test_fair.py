# SPDX-License-Identifier: Apache-2.0
"""One tenant fills the service with hostile boxes; the other's answers are right, and come in their turn."""
import http.client
import json
import signal
import subprocess
import threading
import time

import pytest

from service import BINARY, CLEAN_ENV, JSON, serving

HOSTILE = 64
ASKED = 25
LIMITS = {"cpu_ms": 1000, "wall_ms": 1000, "memory_kb": 65536, "processes": 16, "output_bytes": 1 << 20}
PROGRAMS = [
    "while True: pass",
    "import time\ntime.sleep(60)",
    "import os\nwhile True:\n  try:\n    os.fork()\n  except OSError:\n    pass",
    "a = []\nwhile True:\n  a.append(bytearray(1 << 20))",
    "while True: print('x' * 65536)",
    "import os\nwhile True:\n  try:\n    os.kill(-1, 9); os.kill(1, 9)\n  except OSError:\n    pass",
    "import threading\nfor _ in range(15):\n  threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()",
    "n = 0\nwhile True:\n  open(f'/tmp/{n}', 'wb').write(b'x' * 65536); n += 1",
]


@pytest.fixture
def house(tmp_path):
    path = tmp_path / "tokens.yaml"
    tokens = [subprocess.run([BINARY, "token", "--tokens", path, name], capture_output=True, env=CLEAN_ENV, timeout=30, check=True)
              .stdout.decode().strip() for name in ("mallory", "alice")]
    with serving("--lanes", 2, "--tokens", path) as s:
        s.mallory, s.alice = ({"Authorization": f"Bearer {t}"} for t in tokens)
        yield s


class Hostile(threading.Thread):
    """One of 64 clients: as soon as its box is ended, another one."""

    def __init__(self, service, number, over):
        super().__init__()
        self.service, self.number, self.over = service, number, over
        self.wall_ms, self.verdicts, self.failure = [], set(), None

    def run(self):
        try:
            while not self.over.is_set():
                code = PROGRAMS[self.number % len(PROGRAMS)]
                self.number += 1
                answer = self.service.post("/v1/execute", {"language": "python", "code": code, "limits": LIMITS},
                                           headers=self.service.mallory, timeout=120)
                if answer.status == 503 and self.over.is_set():
                    return
                assert answer.status == 200, answer.body
                self.wall_ms.append(answer.json["usage"]["wall_ms"])
                self.verdicts.add(answer.json["verdict"])
        except (OSError, http.client.HTTPException) as e:
            self.failure = None if self.over.is_set() else e
        except BaseException as e:
            self.failure = e


def ask(service, connection, n):
    """Milliseconds from the question to its answer, which must be its own."""
    begun = time.monotonic()
    body = {"language": "python", "code": f"print({n}, int(input()) ** 2)", "test_cases": [{"input": "12", "expected": f"{n} 144"}]}
    connection.request("POST", "/v1/execute", json.dumps(body), {**JSON, **service.alice})
    answer = connection.getresponse()
    result = json.loads(answer.read())
    assert answer.status == 200 and result["verdict"] == "accepted", result
    return (time.monotonic() - begun) * 1000


@pytest.mark.timeout(240)
def test_sixty_four_hostile_boxes_cost_an_honest_client_its_turn_and_no_more(house):
    """His turn is the end of one box of the other tenant: with two lanes he never waits for a second one."""
    c, over = house.connection(60), threading.Event()
    alone = sorted(ask(house, c, n) for n in range(ASKED))
    hostile = [Hostile(house, n, over) for n in range(HOSTILE)]
    for h in hostile:
        h.start()
    try:
        while house.ask("GET", "/metrics", headers=house.alice).body.decode().find("kodewar_jobs_waiting 62") < 0:
            time.sleep(0.05)
        beside = sorted(ask(house, c, n) for n in range(ASKED))
    finally:
        over.set()
        house.process.send_signal(signal.SIGTERM)
        house.await_log("drains")
        house.end()  # at once, by the second signal: nobody waits for the rest of theirs
        for h in hostile:
            h.join()
    assert not [h.failure for h in hostile if h.failure]
    walls = sorted(w for h in hostile for w in h.wall_ms)
    verdicts = {v for h in hostile for v in h.verdicts}
    print(f"alone {alone[ASKED // 2]:.0f} ms, at most {alone[-1]:.0f}; beside {beside[ASKED // 2]:.0f}, at most {beside[-1]:.0f}; "
          f"{len(walls)} hostile boxes, at most {walls[-1]} ms; {verdicts}")
    assert len(walls) > 10 and {"time_limit", "memory_limit", "output_limit"} <= verdicts
    assert beside[-1] <= walls[-1] + alone[-1] + 100
    assert beside[ASKED // 2] < walls[-1]
