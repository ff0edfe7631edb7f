# SPDX-License-Identifier: Apache-2.0
"""Celery by Sentinels, as its own clients speak to them, and another primary in the midst of tasks."""

import contextlib
import signal
import sys
import types

from broker import ROOT, Client, Worker

sys.path.insert(0, str(ROOT / "tests/e2e/worker"))
from topology import PRIMARY, Watched  # noqa: E402


def test_another_primary_in_the_midst_of_tasks():
    with contextlib.closing(Watched()) as watched:
        theirs = types.SimpleNamespace(url=";".join(f"sentinel://127.0.0.1:{w.port}" for w in watched.watchers))
        with contextlib.closing(Worker(watched, "a@host", "--lease", "3")), contextlib.closing(Client(theirs)) as client:
            client(f"app.conf.update(broker_transport_options={{'master_name': {PRIMARY!r}}}, "
                   f"result_backend_transport_options={{'master_name': {PRIMARY!r}}})")
            assert client("get(send('print(1)', 'python'))")["output"] == "1\n"
            client("globals().update(rs=[send('import time; time.sleep(1); print(%d)' % i, 'python') for i in range(6)])")
            client("until(lambda: sum(r.ready() for r in rs) >= 1)")
            old = watched.primary
            assert old.client.wait(2, 2000) == 2
            old.stop(signal.SIGKILL)
            watched.moved_from(old.port)
            assert client("[app.AsyncResult(r.id) and get(r, 60)['output'] for r in rs]", 120) == [f"{i}\n" for i in range(6)]
            assert client("get(send('print(2)', 'python'), 60)", 90)["output"] == "2\n"
