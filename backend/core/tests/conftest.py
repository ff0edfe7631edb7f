# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the contract suite.  Nothing is ever skipped: a host that cannot judge fails."""

import os
import pathlib

import pytest

pytest.register_assert_rewrite("contract")

# pylint: disable=wrong-import-position
from contract import client, isolation  # noqa: E402


DIFFERENCES = pathlib.Path(__file__).parent / "contract/docker_differences.txt"


def pytest_collection_modifyitems(items):
    """What containers do not keep is expected to fail there, strictly: the list may not be longer than it has to be."""
    if client.BACKEND == "native":
        return
    names = {line for line in DIFFERENCES.read_text().splitlines() if line and line[0] != "#"}
    for item in items:
        name = item.nodeid.partition("::")[2]
        if name in names:
            item.add_marker(pytest.mark.xfail(reason="see docker_differences.txt", strict=True))


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
