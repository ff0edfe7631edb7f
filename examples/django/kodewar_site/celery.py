# SPDX-License-Identifier: Apache-2.0
"""The Celery application.  It only sends: the tasks are done by `kodewar worker --celery`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kodewar_site.settings")
app = Celery("kodewar_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
