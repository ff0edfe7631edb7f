# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest
from broker import NEWEST, VERSIONS, Client, Redis, Worker


@pytest.fixture(scope="module")
def redis():
    with contextlib.closing(Redis()) as r:
        yield r


@pytest.fixture(scope="module")
def worker(redis):
    with contextlib.closing(Worker(redis, "kw1@host", "--track-started")) as w:
        yield w


@pytest.fixture(scope="module", params=VERSIONS)
def client(request, redis):
    with contextlib.closing(Client(redis, request.param)) as c:
        yield c


@pytest.fixture(scope="module")
def newest(redis):
    with contextlib.closing(Client(redis, NEWEST)) as c:
        yield c
