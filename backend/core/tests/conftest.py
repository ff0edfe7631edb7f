# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the contract suite.  Nothing is ever skipped: a host that cannot judge fails."""

import os

import pytest

pytest.register_assert_rewrite("contract")

# pylint: disable=wrong-import-position
from contract import client, isolation  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def binary():
    """The program under test: build/kodewar, or KODEWAR_BIN."""
    if not os.access(client.BINARY, os.X_OK):
        pytest.fail(f"{client.BINARY} is missing: run `make build`, or set KODEWAR_BIN", pytrace=False)
    return client.BINARY


@pytest.fixture(scope="session")
def judge():
    return client.Judge()


@pytest.fixture(scope="session")
def seen(judge):
    """What a program of one box saw, for the many tests that look at it."""
    return isolation.probe(judge)
