# SPDX-License-Identifier: Apache-2.0
import os

import pytest

import host


@pytest.fixture(scope="session")
def canary():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    host.become_subreaper()
    c = host.Canary()
    yield c
    c.close()


@pytest.fixture(scope="session")
def values(canary):
    return canary.values()
