# SPDX-License-Identifier: Apache-2.0
"""Chromium from Debian, the real service, and nobody between them."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from served import Served  # noqa: E402
from visit import Visit  # noqa: E402


@pytest.fixture(scope="session")
def served():
    service = Served()
    yield service
    service.close()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as p:
        # Root has no user namespace sandbox in Chromium; it visits nothing but the service under test.
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, served, request):
    v = Visit(chromium, served.url, **getattr(request, "param", {}))
    yield v
    v.context.close()
    assert v.complaints == []
