# SPDX-License-Identifier: Apache-2.0
"""A queue in Redis Streams, by the real worker: results, refusals, notices, events, cancellation, priorities, submit."""
import json
import signal
import threading
import time

from farm import HELLO, ROOT, STREAMS, sleeping, until

PYTHON = ROOT / "languages/python.yaml"


def test_result_is_stored_and_acknowledged(busy):
    busy.add("a1")
    result = busy.result("a1")
    assert (result["status"], result["output"], result["id"]) == ("success", "42\n", "a1")
    until(lambda: busy.left() == 0 and busy.held() == 0)
    assert 0 < busy.client.pttl("kodewar:result:a1") <= 86400000
    assert 0 < busy.client.pttl("kodewar:done:a1") <= 86400000


def test_same_id_is_judged_once(busy):
    busy.add("twice")
    first = busy.result("twice")
    twins = busy.counted("twins")
    busy.add("twice", {"language": "python", "code": "print('another')"})
    until(lambda: busy.counted("twins") == twins + 1)
    assert busy.result("twice") == first
    assert busy.left() == 0


def test_same_id_twice_at_once(busy):
    """The second does not wait for a lease: it is dropped as soon as the first has a result."""
    twins = busy.counted("twins")
    for _ in range(3):
        busy.add("both", sleeping(0.5))
    begun = time.monotonic()
    assert busy.result("both")["output"] == "done\n"
    until(lambda: busy.counted("twins") == twins + 2 and busy.left() == 0)
    assert time.monotonic() - begun < 10


def test_poison_payloads_get_results_that_name_the_field(busy):
    for job, payload, said in (("p1", "{", "body"), ("p2", '{"language":"python"}', "code: "),
                               ("p3", '{"language":"none","code":""}', "language: "),
                               ("p4", '{"language":"python","code":"","test_cases":[{"input":1,"expected":""}]}',
                                "test_cases[0].input: ")):
        busy.add(job, payload)
        result = busy.result(job)
        assert result["status"] == "error" and result["verdict"] is None
        assert result["error"].startswith(said) or said == "body", result
    entry = busy.client.xadd("kodewar:jobs", {"id": "p5"})
    assert busy.result("p5")["error"].startswith("payload: ")
    entry = busy.client.xadd("kodewar:jobs", {"id": "no/name", "payload": json.dumps(HELLO)})
    assert busy.result(entry)["error"].startswith("id: ")
    entry = busy.client.xadd("kodewar:jobs", {"payload": json.dumps(HELLO)})
    assert busy.result(entry)["output"] == "42\n"  # without a name it has its entry's
    until(lambda: busy.left() == 0)
    assert busy.letters() == []


def test_bytes_pass_unchanged(busy):
    code = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"
    request = {"language": "python", "code": code, "stdin": "é\0\"\\\r\n%s%b{}", "output_encoding": "utf-8"}
    busy.add("bytes", request)
    assert busy.result("bytes")["output"] == request["stdin"]


def test_notice_by_pub_sub(busy):
    with busy.client.pubsub() as listener:
        listener.subscribe("kodewar:done")
        assert listener.get_message(timeout=5)["type"] == "subscribe"
        busy.add("noticed")
        busy.result("noticed")
        message = until(lambda: listener.get_message(timeout=5))
        assert (message["type"], message["data"]) == ("message", "noticed")


def test_many_wait_for_one(busy):
    got = []
    waiting = [threading.Thread(target=lambda: got.append(busy.result("shared")["output"])) for _ in range(4)]
    for w in waiting:
        w.start()
    busy.add("shared")
    for w in waiting:
        w.join(30)
    assert got == ["42\n"] * 4


def test_events(busy):
    request = {"language": "python", "code": "print(int(input()) * 2)",
               "test_cases": [{"input": str(i), "expected": str(2 * i)} for i in range(3)]}
    busy.add("told", request, events="1")
    busy.result("told")
    events = [fields for _, fields in busy.client.xrange("kodewar:events:told")]
    names = [e["event"] for e in events]
    assert names[0] == "queued" and names[-1] == "result" and names.count("case") == 3, names
    cases = [json.loads(e["data"]) for e in events if e["event"] == "case"]
    assert sorted(c["index"] for c in cases) == [0, 1, 2] and all(c["passed"] for c in cases)
    assert busy.client.pttl("kodewar:events:told") > 0
    busy.add("quiet", request)
    busy.result("quiet")
    assert not busy.client.exists("kodewar:events:quiet")
    busy.add("loud", events="output")
    busy.result("loud")
    assert any(f["event"] == "output" and "42" in f["data"] for _, f in busy.client.xrange("kodewar:events:loud"))


def test_cancel_reaches_the_worker_that_runs_it(busy):
    busy.add("long", sleeping(50))
    until(busy.held)
    time.sleep(0.3)  # so that it runs: earlier is another case, told below
    begun = time.monotonic()
    assert busy.command("queue", "cancel", "long").returncode == 0
    result = busy.result("long")
    assert time.monotonic() - begun < 5
    assert "cancelled" in result["error"] and result["verdict"] == "internal_error"
    until(lambda: busy.left() == 0)


def test_cancelled_before_it_is_begun(busy):
    busy.client.set("kodewar:cancel:never", 1)
    busy.add("never")
    assert "cancelled before it began" in busy.result("never")["error"]


def test_submit(busy):
    done = busy.command("submit", "--id=s1", "-", input=json.dumps(HELLO))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["output"] == "42\n" and json.loads(done.stdout)["id"] == "s1"
    again = busy.command("submit", "--id=s1", "-", input=json.dumps(HELLO))
    assert again.stdout == done.stdout
    job = busy.command("submit", "--detach", "--priority=high", "-", input=json.dumps(HELLO)).stdout.strip()
    assert busy.result(job)["output"] == "42\n"
    bad = busy.command("submit", "--id=a/b", "-", input="{}")
    assert bad.returncode == 2 and "--id" in bad.stderr


def test_submit_where_nobody_listens(farm, tmp_path):
    full = farm.command("submit", "--wait=1", "--id=w", "-", input=json.dumps(HELLO))
    assert full.returncode == 3 and "job w has no result yet" in full.stderr
    full = farm.command("submit", "--max-waiting=1", "-", input=json.dumps(HELLO))
    assert full.returncode == 3 and "the queue is full" in full.stderr
    assert farm.client.xlen("kodewar:jobs") == 1
    farm.redis.stop()
    gone = farm.command("submit", "-", input=json.dumps(HELLO))
    assert gone.returncode == 3 and "Connection refused" in gone.stderr


def test_priorities_have_weights(farm):
    for n in range(30):
        for stream, letter in zip(STREAMS, "hnl"):
            farm.add(f"{letter}{n}", stream=stream)
    with farm.client.pubsub() as listener:
        listener.subscribe("kodewar:done")
        farm.worker("--prefetch=0")
        order = []
        while len(order) < 90:
            message = listener.get_message(timeout=20)
            assert message
            if message["type"] == "message":
                order.append(message["data"][0])
    # 8 to 4 to 1, while all have some: nothing starves, and what is urgent goes first.
    assert abs(order[:26].count("h") - 16) <= 1 and abs(order[:26].count("n") - 8) <= 1, order
    assert order[:26].count("l") >= 1


def test_holds_no_more_than_it_has_room_for(farm):
    farm.worker("--prefetch=1", lanes=1)
    for n in range(12):
        farm.add(f"slow{n}", sleeping(0.3))
    until(farm.held)
    most = 0
    while farm.left():
        most = max(most, farm.held())
        time.sleep(0.01)
    assert 1 <= most <= 4  # lane, prefetch, and two more that one blocking read over three streams may bring
    assert all(farm.result(f"slow{n}")["output"] == "done\n" for n in range(12))


def test_work_that_came_before_any_worker(farm):
    for n in range(5):
        farm.add(f"early{n}")
    farm.worker()
    assert all(farm.result(f"early{n}")["output"] == "42\n" for n in range(5))


def test_languages_that_changed_while_jobs_come(farm, tmp_path):
    """At SIGHUP: what it held ends, what comes next is judged by the new files, and no entry is left behind."""
    languages = tmp_path / "languages"
    languages.mkdir()
    (languages / "python.yaml").write_text(PYTHON.read_text())
    worker = farm.worker("--languages-dir", languages, "--prefetch=4")
    farm.add("slow", sleeping(1.5))
    for n in range(3):
        farm.add(f"before{n}")
    until(lambda: farm.held() == 4)
    (languages / "python.yaml").write_text(PYTHON.read_text().replace("aliases: [", "aliases: [snake, "))
    worker.process.send_signal(signal.SIGHUP)
    until(lambda: "from now on" in worker.log())
    farm.add("after", {**HELLO, "language": "snake"})
    assert all(farm.result(job)["output"] == "42\n" for job in ("before0", "before1", "before2", "after"))
    assert farm.result("slow")["output"] == "done\n"
    until(lambda: farm.left() == 0 and farm.held() == 0)
    until(lambda: "the boxes of the tree before are gone" in worker.log())
    worker.term()
    worker.end()
