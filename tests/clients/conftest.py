# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "clients" / "python" / "src")]

from served import Served  # noqa: E402


@pytest.fixture(scope="session")
def served():
    service = Served()
    yield service
    service.close()
