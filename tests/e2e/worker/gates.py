# SPDX-License-Identifier: Apache-2.0
"""Gates in front of a queue: `kodewar serve --redis` beside the workers of a farm."""
import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "serve"))
from service import Service  # noqa: E402

from farm import farming, until  # noqa: E402


@contextlib.contextmanager
def gating(farm, *options, n=1, **more):
    gates = []
    try:
        for _ in range(n):
            gates.append(Service("--redis", farm.redis.url, *options, **more))
        yield gates if n > 1 else gates[0]
    finally:
        for gate in gates:
            gate.close()


def ready(gate, seconds=30):
    until(lambda: gate.get("/readyz").status == 200, seconds)
    return gate


def connected(*gates):
    """To a queue that nobody serves yet."""
    for gate in gates:
        until(lambda gate=gate: "worker" in gate.get("/readyz").json.get("detail", ""))


@contextlib.contextmanager
def standing(n=2, lanes=2, options=(), redis_options=()):
    """A Redis, a worker and so many gates, all of them ready."""
    with farming(*redis_options) as farm:
        farm.worker("--prefetch=2", lanes=lanes, lease=5)
        with gating(farm, *options, n=n) as gates:
            for gate in gates if n > 1 else [gates]:
                ready(gate)
            yield farm, gates
