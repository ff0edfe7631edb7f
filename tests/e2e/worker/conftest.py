# SPDX-License-Identifier: Apache-2.0
import pytest

from farm import farming


@pytest.fixture
def farm():
    with farming() as f:
        yield f


@pytest.fixture(scope="module")
def busy():
    """One worker for all tests of a file that do it no harm."""
    with farming() as f:
        f.worker("--prefetch=4", lanes=2, lease=60)
        yield f
