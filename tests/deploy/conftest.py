# SPDX-License-Identifier: Apache-2.0
import re

import pytest

import pods  # noqa: F401: finds farm
from farm import farming
from manifests import FOLDER, ROOT

RULES = (ROOT / "docs/QUEUE.md").read_text(encoding="utf-8") + (FOLDER / "secret.example.yaml").read_text(encoding="utf-8")


@pytest.fixture(name="farm", scope="module")
def fixture_farm():
    """A Redis with the users of the documents, whose passwords are their names."""
    with farming() as farm:
        for name in ("worker", "producer", "gate", "scaler"):
            rule, = re.findall(rf"^[# ]*user {name} +on >\S+ (.*)$", RULES, re.M)
            farm.client.execute_command("ACL", "SETUSER", name, "on", f">{name}", *rule.split())
        yield farm
