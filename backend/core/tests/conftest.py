# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the contract suite.  Nothing is ever skipped: a host that cannot judge fails."""

import os
import pathlib
import re

import pytest

pytest.register_assert_rewrite("contract")

# pylint: disable=wrong-import-position
from contract import client, isolation  # noqa: E402


DIFFERENCES = pathlib.Path(__file__).parent / "contract/docker_differences.txt"


def differences():
    """What containers do not keep: name of the test, and what is found in its failure there."""
    if client.BACKEND == "native":
        return {}
    lines = [line.split("  ", 1) for line in DIFFERENCES.read_text().splitlines() if line and line[0] != "#"]
    return {name: re.compile(pattern.strip(), re.S) for name, pattern in lines}


KNOWN = differences()


def pytest_collection_finish(session):
    unknown = set(KNOWN) - {item.nodeid.partition("::")[2] for item in session.items}
    if unknown and not (session.config.option.keyword or "::" in "".join(session.config.args)):
        pytest.exit(f"{DIFFERENCES.name} names tests that are not there: {sorted(unknown)}", returncode=2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A listed difference passes if it is just that, and fails if it is another or none: the list is no longer than it has to be."""
    report = yield
    expected = KNOWN.get(item.nodeid.partition("::")[2])
    if expected is None or call.when != "call":
        return report
    if report.passed:
        report.outcome, report.longrepr = "failed", f"no different from a box of our own: take it off {DIFFERENCES.name}"
    elif report.failed and expected.search(str(call.excinfo.value)):
        report.outcome, report.longrepr = "passed", None
    return report


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
