# SPDX-License-Identifier: Apache-2.0
import pytest

from service import serving


@pytest.fixture(scope="module")
def service():
    with serving() as s:
        yield s
