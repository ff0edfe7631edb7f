# SPDX-License-Identifier: Apache-2.0
"""Tasks of real Celery clients, old and new, done by `kodewar worker --celery`."""

import contextlib
import json
import time

import pytest
from broker import NEWEST, Client

pytestmark = pytest.mark.usefixtures("worker")
SLEEP = "'import time; time.sleep(30)', 'python'"


def test_a_task_returns_a_dict(client):
    result = client("get(call(code='print(6*7)', language='python', submission_id=7, "
                    "test_cases=[dict(input='', expected='42')]))")
    assert list(result)[:4] == ["status", "output", "error", "test_results"]
    assert result["status"] == "success" and result["test_results"][0]["passed"] is True


def test_async_result_has_states(client):
    assert client("(lambda r: (until(lambda: r.state == 'STARTED'), r.info['hostname'], r.revoke(terminate=True), "
                  "failure(r), r.state))(send(" + SLEEP + "))") \
        == [True, "kw1@host", None, ["TaskRevokedError", "terminated"], "REVOKED"]
    assert client("(lambda r: (get(r)['output'], r.state, r.successful(), r.date_done is not None))"
                  "(send('print(1)', 'python'))") == ["1\n", "SUCCESS", True, True]


def test_a_group(client):
    assert client("[r['output'] for r in group(sig('print(%d)' % i) for i in range(20))().get(timeout=30)]") \
        == [f"{i}\n" for i in range(20)]


def test_a_refused_request_is_a_result(client):
    result = client("get(send('print(1)', 'klingon'))")
    assert result["status"] == "error" and result["verdict"] is None
    assert result["error"].startswith("language: ")


def test_what_a_program_prints_comes_back(client):
    assert client("get(send('print(\"\\\\u20ac \\\\x00 \\\\U0001f600\")', 'python'))")["output"] == "€ \0 😀\n"


@pytest.mark.parametrize("call, kind, text", [
    ("send(1, 2, 3, 4, 5)", "TypeError", "takes 4 positional arguments but 5 were given"),
    ("send('print(1)', 'python', serializer='pickle')", "ContentDisallowed", "pickle"),
    ("send('print(1)', 'python', compression='gzip')", "ContentDisallowed", "compression"),
    ("send('print(1)', 'python', link=app.signature('a.b'))", "NotImplementedError", "callbacks"),
    ("send('print(1)', 'python', link_error=app.signature('a.b'))", "NotImplementedError", "errbacks"),
    ("chord([sig('print(1)'), sig('print(2)')])(app.signature('a.b'))", "NotImplementedError", "chord"),
    ("(sig('print(1)') | sig('print(2)'))()", "NotImplementedError", "chain"),
    ("app.send_task('another.task', queue=QUEUE)", "NotRegistered", "another.task"),
    ("send('a', 'python', None, 'no name')", "ValueError", "submission_id"),
])
def test_what_is_not_done_is_said(client, call, kind, text):
    got = client(f"failure({call})")
    assert got[0] == kind and text in got[1], got


def test_eta_is_waited_for(client):
    before = time.time()
    assert client("get(send('print(1)', 'python', countdown=1.5))")["output"] == "1\n"
    assert time.time() - before >= 1.5


def test_what_expired_is_not_run(client):
    assert client("failure(send('print(1)', 'python', expires=-1))") == ["TaskRevokedError", "expired"]


def test_what_expires_while_it_waits_is_told_then(client):
    before = time.time()
    assert client("failure(send('print(1)', 'python', countdown=60, expires=1))") == ["TaskRevokedError", "expired"]
    assert time.time() - before < 20


def test_a_waiting_task_is_revoked(client):
    assert client("(lambda r: (until(lambda: r.id in str(app.control.inspect().scheduled())), r.revoke(), failure(r)))"
                  "(send('print(1)', 'python', countdown=60))")[2] == ["TaskRevokedError", "revoked"]


@pytest.mark.parametrize("option, kind", [("time_limit", "TimeLimitExceeded"),
                                          ("soft_time_limit", "SoftTimeLimitExceeded")])
def test_time_limits(client, option, kind):
    assert client(f"failure(send({SLEEP}, {option}=1))")[0] == kind


def test_protocol_1(redis):
    with contextlib.closing(Client(redis, NEWEST, protocol=1)) as old:
        assert old("get(send('print(1)', 'python'))")["output"] == "1\n"


def test_smaller_priorities_go_first(newest, redis):
    """kombu's lists: 0 before 9. All lanes are busy while they are sent."""
    outputs = newest("(lambda blockers, low, high: ([get(r) for r in blockers], [get(r) for r in low + high], "
                     "[r.date_done.timestamp() for r in low], [r.date_done.timestamp() for r in high]))"
                     "([send('import time; time.sleep(1)', 'python') for _ in range(4)],"
                     " [send('print(1)', 'python', priority=9) for _ in range(8)],"
                     " [send('print(1)', 'python', priority=0) for _ in range(8)])")
    assert max(outputs[3]) < min(sorted(outputs[2])[4:]), outputs[2:]
    assert redis.cli("KEYS", "code_execution*") == ""


def test_a_thousand(client, redis):
    client("globals().update(rs=[send('print(%d)' % i, 'python') for i in range(1000)])")
    assert client("[r.get(timeout=100)['output'] for r in rs]", timeout=110) == [f"{i}\n" for i in range(1000)]
    client("until(lambda: not app.backend.client.exists('unacked', 'unacked_index'))")


def test_nonsense_is_put_aside(redis, newest):
    redis.cli("LPUSH", "code_execution", "this is no message")
    assert newest("get(send('print(1)', 'python'))")["output"] == "1\n"
    newest("until(lambda: app.backend.client.llen('kodewar:unreadable') == 1)")
    newest("until(lambda: not app.backend.client.exists('unacked', 'unacked_index'))")


def test_the_remote_control(client):
    assert client("app.control.ping(timeout=2)") == [{"kw1@host": {"ok": "pong"}}]
    assert client("app.control.ping(destination=['another@host'], timeout=0.5)") == []
    assert client("app.control.inspect().registered()") == {"kw1@host": ["core.tasks.run_code_task"]}
    stats = client("app.control.inspect().stats()")["kw1@host"]
    assert stats["pool"]["max-concurrency"] == 2 and stats["broker"]["transport"] == "redis"
    assert client("app.control.inspect().active_queues()")["kw1@host"][0]["name"] == "code_execution"
    active = client("(lambda r: (until(lambda: r.state == 'STARTED'), app.control.inspect().active(), "
                    "r.revoke(terminate=True), failure(r)))(send(" + SLEEP + "))")[1]
    assert active["kw1@host"][0]["name"] == "core.tasks.run_code_task"
    assert "error" in client("app.control.broadcast('pool_grow', reply=True, timeout=2)")[0]["kw1@host"]


def test_events_are_told_when_asked_for(client):
    """As Flower does: events on, and a receiver with Celery's own picture of the cluster."""
    script = """
exec('''
import threading
state = app.events.State()
def receive():
    with app.connection() as c:
        try:
            app.events.Receiver(c, handlers={"*": state.event}).capture(limit=None, timeout=20, wakeup=False)
        except Exception:
            pass
threading.Thread(target=receive, daemon=True).start()
''', globals())
"""
    client(script.strip())
    client("until(lambda: 'kw1@host' in state.workers)")
    assert client("app.control.enable_events(reply=True)")[0]["kw1@host"]["ok"].startswith("task events")
    client("globals().update(r=send('print(1)', 'python')) or get(r)")
    client("until(lambda: r.id in state.tasks and state.tasks[r.id].state == 'SUCCESS')")
    task = client("(lambda t: (t.name, t.worker.hostname, t.runtime))(state.tasks[r.id])")
    assert task[:2] == ["core.tasks.run_code_task", "kw1@host"] and task[2] > 0
    assert client("state.workers['kw1@host'].alive") is True


def test_results_are_as_celery_keeps_them(newest, redis):
    task_id = newest("(lambda r: (get(r), r.id))(send('print(1)', 'python'))")[1]
    meta = json.loads(redis.cli("GET", f"celery-task-meta-{task_id}"))
    assert {"status", "result", "traceback", "children", "date_done", "task_id"} <= set(meta)
    assert 86000 < int(redis.cli("TTL", f"celery-task-meta-{task_id}")) <= 86400
