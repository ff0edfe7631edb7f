# SPDX-License-Identifier: Apache-2.0
"""Runs in a virtual environment of Celery: each line on stdin is Python to evaluate, as JSON; each on stdout its value."""

import json
import sys
import time
import traceback

from celery import Celery, chord, group  # noqa: F401: for what is evaluated

URL = sys.argv[1]
app = Celery("kodewar", broker=URL, backend=URL, set_as_current=True)
app.conf.task_protocol = int(sys.argv[2])
TASK, QUEUE = "core.tasks.run_code_task", "code_execution"


def send(*args, **options):
    return app.send_task(TASK, args=args, queue=QUEUE, **options)


def call(**kwargs):
    return app.send_task(TASK, kwargs=kwargs, queue=QUEUE)


def sig(code):
    return app.signature(TASK, args=[code, "python"], queue=QUEUE)


def get(result, timeout=30):
    return result.get(timeout=timeout)


def failure(result, timeout=30):
    """The exception of a task, as (type, text)."""
    try:
        value = result.get(timeout=timeout)
    except Exception as e:  # noqa: BLE001: any is what is asked for
        return type(e).__name__, str(e)
    return "none", value


def until(predicate, timeout=30):
    end = time.monotonic() + timeout
    while not predicate():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.02)
    return True


def main():
    for line in sys.stdin:
        try:
            answer = {"value": eval(json.loads(line), globals())}  # pylint: disable=eval-used
        except Exception:  # noqa: BLE001: the test is told
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer, default=repr), flush=True)


if __name__ == "__main__":
    main()
