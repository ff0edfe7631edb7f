# SPDX-License-Identifier: Apache-2.0
import os

import pytest

import host
import runs


def pytest_addoption(parser):
    parser.addoption("--runner", default="cold", choices=["cold", "warm", "pooled"],
                     help="how the programs of attacks become processes (test_hostile.py)")
    parser.addoption("--backend", default="native", choices=["native", "docker"],
                     help="who makes the boxes; docker: of KODEWAR_DOCKER_IMAGE at DOCKER_HOST")


def pytest_configure(config):
    if config.getoption("backend") == "docker":
        runs.BACKEND_OPTIONS[:] = ["--backend=docker", "--docker-host=" + os.environ["DOCKER_HOST"],
                                   "--docker-image=" + os.environ["KODEWAR_DOCKER_IMAGE"]]


def pytest_collection_modifyitems(config, items):
    if config.getoption("runner") != "pooled":  # there is nothing to count
        items[:] = [i for i in items if i.name != "test_boxes_had_waited"]


@pytest.fixture(scope="session")
def canary():
    if os.geteuid() != 0:
        pytest.skip("boxes need root")
    host.stand_apart()
    c = host.Canary()
    yield c
    c.close()


@pytest.fixture(scope="session")
def values(canary):
    return canary.values()
