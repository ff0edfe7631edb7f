# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document, and the running service held against it by schemathesis."""
import json
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
    env = doc["components"]["schemas"]["Request"]["properties"]["env"]["allOf"][0]
    for name in ("A_1", "1A", "a-b", "_"):
        told = re.search(env["propertyNames"]["pattern"], name) is not None
        assert told == (service.post("/v1/execute", {**HELLO, "env": {name: "x"}}).status == 200), name
    names = [o["operationId"] for path in doc["paths"].values() for o in path.values()]
    assert len(names) == len(set(names)) == 12


# 422 is for rules that a schema cannot tell (a file's base64, the names of this host's languages); malformed JSON is never
# what the document allows.
EXPECTED = """[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]
"""


def test_the_service_does_what_its_document_says(service, tmp_path):
    """Requests that the document allows, and such as it does not, and sequences of them; each answer must be one that it names.

    The languages are pinned to two that are here, so that what is valid really runs."""
    doc = service.get("/v1/openapi.json").json
    doc["components"]["schemas"]["Request"]["properties"]["language"] = {"enum": ["python", "PY3"]}
    (tmp_path / "openapi.json").write_text(json.dumps(doc))
    (tmp_path / "schemathesis.toml").write_text(EXPECTED)
    done = subprocess.run([pathlib.Path(sys.executable).parent / "schemathesis", "run", "openapi.json",
                           "--url", f"http://127.0.0.1:{service.port}", "--phases", "examples,coverage,fuzzing,stateful",
                           # DELETE cancels: the job, and what became of it, can still be looked at, which is what use_after_free minds
                           "--checks", "all", "--exclude-checks", "use_after_free", "--max-examples", "12", "--seed", "1", "--generation-database", "none"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 1000
    assert service.run(**HELLO)["output"] == "42\n"
