# SPDX-License-Identifier: Apache-2.0
from core import views
from django.urls import path

urlpatterns = [
    path("api/submit/", views.submit),
    path("api/status/<str:submission_id>/", views.status),
]
