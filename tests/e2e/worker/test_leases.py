# SPDX-License-Identifier: Apache-2.0
"""Workers that die, fall silent and end: takeover, late twins, dead letters, draining."""
import json
import os
import signal
import time

from command_line import descendants
from farm import sleeping, until

LEASE = 2


def signal_all(pid, number):
    for p in (pid, *(below for below, _ in descendants(pid))):
        os.kill(p, number)


def test_jobs_of_a_killed_worker_are_taken_over_in_time(farm):
    first = farm.worker("--prefetch=2")
    for n in range(3):
        farm.add(f"k{n}", sleeping(1.5))
    until(lambda: farm.held() == 3)
    holder = {e["consumer"] for e in farm.pending()}
    first.process.send_signal(signal.SIGSTOP)  # it ends none of them while the second starts
    second = farm.worker("--prefetch=8", lease=LEASE)
    first.kill()
    died = time.monotonic()

    def taken():
        now = farm.pending()
        return now and not holder & {e["consumer"] for e in now}
    until(taken)
    assert time.monotonic() - died <= LEASE + 1
    for n in range(3):
        assert farm.result(f"k{n}")["output"] == "done\n"
    until(lambda: farm.left() == 0)
    assert farm.tally("judged") == 3 and "twins" not in farm.client.hgetall("kodewar:stats")
    second.term()
    second.end()


def test_a_lease_is_renewed_while_the_job_runs(farm):
    farm.worker(lease=1)
    farm.worker(lease=1)
    farm.add("long", sleeping(4))
    farm.result("long")
    until(lambda: farm.left() == 0)
    assert farm.tally("judged") == 1 and farm.tally("twins") == 0


def test_a_late_twin_is_dropped_and_counted(farm):
    first = farm.worker()
    farm.add("twin", {"language": "python", "code": "import time\ntime.sleep(1)\nprint(time.time())"})
    until(farm.held)
    time.sleep(0.3)
    signal_all(first.process.pid, signal.SIGSTOP)
    farm.worker()
    result = farm.result("twin")
    signal_all(first.process.pid, signal.SIGCONT)
    until(lambda: farm.counted("twins") == 1)
    assert farm.result("twin") == result
    assert farm.tally("judged") == 1 and farm.left() == 0


def test_a_job_that_kills_its_worker_each_time_becomes_a_dead_letter(farm):
    farm.add("poison", sleeping(30))
    farm.add("good1")
    for n in (1, 2):
        w = farm.worker("--deliveries=2", lease=1)
        until(lambda: len(farm.pending()) == 2 and all(e["times_delivered"] == n for e in farm.pending()))
        w.kill()
    farm.worker("--deliveries=2", lease=1)
    result = farm.result("poison")
    assert "dead letter" in result["error"] and result["verdict"] == "internal_error"
    letters = {x["id"]: x for x in farm.letters()}
    assert letters["poison"]["deliveries"] == "3" and "died or fell silent" in letters["poison"]["reason"]
    until(lambda: farm.left() == 0)
    assert farm.result("good1")  # judged, or a letter with a result: it was held by the same that died
    assert farm.tally("dead") == len(letters)

    listed = farm.command("queue", "dead")
    assert listed.returncode == 0 and "poison\t3\tnormal\t" in listed.stdout
    assert farm.command("queue", "requeue", "poison").stdout == "1\n"
    assert farm.command("queue", "cancel", "poison").returncode == 0
    assert "cancelled" in farm.result("poison")["error"]
    assert "poison" not in [x["id"] for x in farm.letters()]


def test_purge(farm):
    for n in range(250):
        farm.client.xadd("kodewar:dead", {"id": f"d{n}", "priority": "low", "payload": "{}", "reason": "r"})
    assert farm.command("queue", "purge", "d7", "d8").stdout == "2\n"
    assert farm.client.xlen("kodewar:dead") == 248
    assert farm.command("queue", "purge").returncode == 2
    assert farm.command("queue", "requeue", "--all").stdout == "248\n"
    assert farm.client.xlen("kodewar:dead") == 0 and farm.client.xlen("kodewar:jobs:low") == 248


def test_drain_loses_nothing(farm):
    first = farm.worker("--prefetch=6")
    for n in range(7):
        farm.add(f"d{n}", sleeping(1.0))
    until(lambda: farm.held() == 7)
    time.sleep(0.2)
    first.term()
    first.end()
    done = [n for n in range(7) if farm.client.exists(f"kodewar:result:d{n}")]
    assert 1 <= len(done) < 7  # what ran ended; what waited was given back
    assert all(e["times_delivered"] == 0 for e in farm.pending())
    begun = time.monotonic()
    farm.worker("--prefetch=8", lease=60)
    until(lambda: farm.pending()[0]["times_delivered"] == 1)
    assert time.monotonic() - begun < 30  # at once, without waiting for its lease of a minute
    for n in range(7):
        assert farm.result(f"d{n}")["output"] == "done\n"
    assert farm.tally("judged") == 7 and farm.tally("twins") == 0


def test_queue_tells_the_truth(farm):
    farm.worker(lanes=1)
    farm.add("runs", sleeping(3))
    until(farm.held)
    for n in range(20):
        farm.add(f"w{n}", stream="kodewar:jobs:low")
    until(lambda: farm.held() >= 2)
    state = json.loads(farm.command("queue", "--json").stdout)
    assert state["workers"] == 1 or until(lambda: json.loads(farm.command("queue", "--json").stdout)["workers"] == 1, 10)
    low = state["streams"]["low"]
    assert low["held"] >= 1 and low["waiting"] + low["held"] == 20
    assert state["streams"]["normal"] == {**state["streams"]["normal"], "waiting": 0, "held": 1}
    metrics = farm.command("queue", "--metrics").stdout
    assert f'kodewar_queue_jobs{{queue="kodewar",priority="low",state="waiting"}} {low["waiting"]}\n' in metrics
    assert "priority" in farm.command("queue").stdout
    for n in range(20):
        farm.result(f"w{n}")
