# SPDX-License-Identifier: Apache-2.0
"""Only what the example needs; a real project has its own."""

import os
import secrets

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
ROOT_URLCONF = "kodewar_site.urls"
INSTALLED_APPS = ["core"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
USE_TZ = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20  # a submission

REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")

# `kodewar worker --celery --redis $REDIS/0 --cache $REDIS/1`
CELERY_BROKER_URL = f"{REDIS}/0"
CELERY_RESULT_BACKEND = f"{REDIS}/0"
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ROUTES = {"core.tasks.run_code_task": {"queue": "code_execution"}}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"{REDIS}/1"}}
