# SPDX-License-Identifier: Apache-2.0
"""The command `judge` as a person or a script calls it."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from command_line import FAILED, HOST, OK, REFUSED, kodewar  # noqa: E402

__all__ = ["FAILED", "HOST", "OK", "PACKAGES", "REFUSED", "copy_sum", "judge", "rows_of", "write"]
PACKAGES = pathlib.Path(__file__).resolve().parent / "packages"


def judge(*words, **more):
    return kodewar("judge", *words, **more)


def copy_sum(into):
    """A copy of the package sum, to be spoilt: with a limit of its own, so that nothing is measured, and few examples."""
    shutil.copytree(PACKAGES / "sum", into / "sum")
    for slow in ("time_limit_exceeded", "run_time_error"):
        shutil.rmtree(into / "sum/submissions" / slow)
    (into / "sum/submissions/accepted/sum.c").unlink()
    write(into / "sum/.timelimit", "1\n")
    return into / "sum"


def rows_of(report):
    return {row["path"]: row for row in report["submissions"]}


def write(path, text):
    """A file, and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
