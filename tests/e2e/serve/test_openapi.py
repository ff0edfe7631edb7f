# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document, and the running service held against it by schemathesis."""
import pathlib
import re
import subprocess
import sys

from service import HELLO


def test_every_route_and_field_is_in_the_document(service):
    doc = service.get("/v1/openapi.json").json
    assert doc["openapi"] == "3.1.0" and len(doc["paths"]) == 11
    assert set(doc["components"]["schemas"]["Result"]["required"]) <= set(service.run(**HELLO))
    assert list(doc["components"]["schemas"]["Result"]["properties"])[:4] == ["status", "output", "error", "test_results"]
    names = [o["operationId"] for path in doc["paths"].values() for o in path.values()]
    assert len(names) == len(set(names)) == 12


def test_the_service_does_what_its_document_says(service):
    """Requests that the document allows, and such as it does not; each answer must be one that it names."""
    done = subprocess.run([pathlib.Path(sys.executable).parent / "schemathesis", "run", f"http://127.0.0.1:{service.port}/v1/openapi.json",
                           "--max-examples", "10", "--phases", "coverage,fuzzing", "--seed", "1",
                           # an unknown language is valid by the document and refused all the same
                           "--exclude-checks", "positive_data_acceptance"],
                          capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 500
    assert service.run(**HELLO)["output"] == "42\n"
