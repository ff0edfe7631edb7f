# SPDX-License-Identifier: Apache-2.0
"""A section of the bench as a run by itself: its options, and what it measured as JSON."""
import argparse
import json
import os
import sys

from measure import CORES, TOP, quiet


def run(doc, measure):
    """MEASURE gets the folder of the build, rounds, effort and a dict for what is absent; the exit code."""
    p = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default=os.path.join(TOP, "build"))
    p.add_argument("--rounds", type=int, default=60)
    args = p.parse_args()
    absent = {}
    if not quiet(10):
        print("this machine is busy with something else", file=sys.stderr)
    found = measure(args.build, args.rounds, min(1.0, args.rounds / 200), absent)
    print(json.dumps({**(found or {}), "cores": CORES, "absent": absent}, indent=1))
    return 0 if found else 1
