# SPDX-License-Identifier: Apache-2.0
"""The Celery worker that ours is measured beside: the same task, run by subprocess without any sandbox.

    celery -A plain_celery worker     serves the queue of PLAIN_QUEUE at PLAIN_URL
    python plain_celery.py            sends one task there, for somebody to look at"""
import os
import subprocess

from celery import Celery

app = Celery("plain", broker=os.environ["PLAIN_URL"], backend=os.environ["PLAIN_URL"])
app.conf.update(task_default_queue=os.environ["PLAIN_QUEUE"], worker_hijack_root_logger=False)


@app.task(name="core.tasks.run_code_task")
def run(code, language):
    assert language == "python"
    done = subprocess.run(["python3", "-c", code], capture_output=True, text=True, timeout=30, check=False)
    return {"status": "error" if done.returncode else "success", "output": done.stdout, "error": done.stderr, "test_results": []}


if __name__ == "__main__":
    with open(os.environ["PLAIN_CODE"], encoding="utf-8") as f:
        run.delay(code=f.read(), language="python")
