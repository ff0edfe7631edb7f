# SPDX-License-Identifier: Apache-2.0
"""A tree of Debian packages, made once by the program itself and kept under build/ for as long as it is what it was."""
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "hostile"), str(HERE.parent)]

import command_line  # noqa: E402 pylint: disable=wrong-import-position

TREES = command_line.ROOT / "build" / "test-trees"
DECLARATION = "suite: bookworm\npackages: [python3, libpython3.11-minimal]\n"


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="trees and boxes need root"))


class Tree:
    """Its name, its directory, and the options with which it is used."""

    def __init__(self, name):
        self.name, self.path = name, TREES / name
        self.options = ["--trees-dir", str(TREES), "--tree", name]


@pytest.fixture(scope="session", name="tree")
def fixture_tree(tmp_path_factory):
    declaration = tmp_path_factory.mktemp("declaration") / "tree.yaml"
    declaration.write_text(DECLARATION)
    trees = ["--trees-dir", TREES]
    manifest = TREES / "python.manifest"
    kept = manifest.exists() and "build bookworm python3 libpython3.11-minimal\n" in manifest.read_text(errors="replace")
    if kept and command_line.kodewar("tree", "verify", *trees, "--quiet", "python").returncode == 0:
        return Tree("python")
    command_line.kodewar("tree", "remove", *trees, "python")
    done = command_line.kodewar("tree", "build", *trees, "--declaration", declaration, "python", timeout=300)
    assert done.returncode == 0, done.stderr
    return Tree("python")
