# SPDX-License-Identifier: Apache-2.0
"""Shared by the end-to-end tests."""

import json
import os

import pytest


@pytest.fixture(name="write")
def fixture_write(tmp_path):
    """Writes a file for the test and gives its path."""
    def write(text, name="main.py"):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path
    return write


@pytest.fixture(scope="session")
def as_root():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
