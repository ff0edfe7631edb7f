# SPDX-License-Identifier: Apache-2.0
"""Dashboard and alerts speak of metrics that the running service really has."""

import json
import re
import urllib.request
from pathlib import Path

import pytest
from kodewar import Sandbox

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME = re.compile(r"\bkodewar_[a-z_]+")


@pytest.fixture(scope="module")
def metrics(served):
    with Sandbox(served.url, timeout=60) as sandbox:  # what was never counted is not told
        sandbox.run("print(1)", "python")
    text = urllib.request.urlopen(f"{served.url}/metrics", timeout=20).read().decode()
    return {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}


def expressions():
    panels = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    for panel in panels:
        for target in panel["targets"]:
            yield f"dashboard, {panel['title']}", target["expr"]
    for line in (DEPLOY / "alerts.yaml").read_text().splitlines():
        if line.strip().startswith("expr:"):
            yield "alert", line


def test_every_metric_exists(metrics):
    asked = [(where, re.sub(r"_bucket$", "", name)) for where, text in expressions() for name in NAME.findall(text)]
    assert len({where for where, _ in asked}) > 15
    assert [(where, name) for where, name in asked if name not in metrics] == []


def test_rates_are_of_counters_only():
    for where, text in expressions():
        rated = re.findall(r"rate\((kodewar_\w+)", text)
        assert all(name.endswith(("_total", "_bucket")) for name in rated), where
        assert set(re.findall(r"kodewar_\w+_(?:total|bucket)", text)) == set(rated), where


def test_panels_do_not_overlap():
    taken = set()
    for panel in json.loads((DEPLOY / "grafana.json").read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
