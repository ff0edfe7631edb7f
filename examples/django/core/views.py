# SPDX-License-Identifier: Apache-2.0
"""
Submit a program, ask how it went.

A submission is known by the cache entry that its view writes, `submission_<id>`; the worker replaces it by the result.
Who may submit, and whose submission an id is, is your project's to say: these views know no users.
"""

import json
import uuid

from celery.result import AsyncResult
from django.core.cache import cache
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from kodewar_site.celery import app

TASK = "core.tasks.run_code_task"
FIELDS = ("code", "language", "test_cases")
KEPT_SEC = 86400


def refuse(text, status=400):
    return JsonResponse({"error": text}, status=status)


@csrf_exempt  # JSON only, and no cookie means anything here; with sessions, leave it out
@require_POST
def submit(request):
    if request.content_type != "application/json":
        return refuse("the body must be application/json", 415)
    try:
        body = json.loads(request.body)
    except ValueError:
        return refuse("the body is not JSON")
    if not isinstance(body, dict) or not isinstance(body.get("code"), str) or not isinstance(body.get("language"), str):
        return refuse("code and language must be strings")
    submission_id = uuid.uuid4().hex
    cache.set(f"submission_{submission_id}", {"status": "queued"}, KEPT_SEC)
    try:
        app.send_task(TASK, task_id=submission_id,
                      kwargs={**{name: body.get(name) for name in FIELDS}, "submission_id": submission_id})
    except app.connection_for_write().recoverable_connection_errors:
        cache.delete(f"submission_{submission_id}")
        return refuse("the queue cannot be reached", 503)
    return JsonResponse({"submission_id": submission_id, "status": "queued"}, status=202)


@require_GET
def status(request, submission_id):
    entry = cache.get(f"submission_{submission_id}")
    if entry is None:
        return refuse("there is no such submission", 404)
    if entry["status"] != "queued":
        return JsonResponse({"submission_id": submission_id, "status": "completed", "result": entry})
    result = AsyncResult(submission_id, app=app)
    if result.failed() or result.state == "REVOKED":
        return JsonResponse({"submission_id": submission_id, "status": "failed", "error": str(result.result)})
    return JsonResponse({"submission_id": submission_id, "status": "queued"})
