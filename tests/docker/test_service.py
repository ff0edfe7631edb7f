# SPDX-License-Identifier: Apache-2.0
"""deploy/compose.yaml: the service in a container. Every key of the file is turned into the flag of `docker run` that compose
makes of it, and a key that is not known here fails: so the file is tried where there is no compose plugin, too."""
import http.client
import json
import secrets
import time

import pytest
import yaml

from conftest import PROXIES, ROOT

pytestmark = pytest.mark.timeout(600)
NAME = "kodewar-test-" + secrets.token_hex(4)
SOON = "--health-interval=1s"  # than the image's own half a minute
HELLO = {"language": "python", "code": "print(6 * 7)"}


def seconds(text):
    assert text.endswith("s")
    return text[:-1]


def security(words):
    """Paths are the file's neighbours."""
    return [flag for word in words for flag in ("--security-opt", word.replace("seccomp=./", f"seccomp={ROOT}/deploy/"))]


FLAGS = {
    "user": lambda v: ["--user", v],
    "read_only": lambda v: ["--read-only"] if v else [],
    "cap_drop": lambda v: [f"--cap-drop={word}" for word in v],
    "security_opt": security,
    "mem_limit": lambda v: ["--memory", v],
    "memswap_limit": lambda v: ["--memory-swap", v],
    "pids_limit": lambda v: ["--pids-limit", str(v)],
    "cpus": lambda v: ["--cpus", str(v)],
    "restart": lambda v: [],  # tests end what they start
    "stop_grace_period": lambda v: ["--stop-timeout", seconds(v)],
    "ports": lambda v: [f"--expose={port.rsplit(':', 1)[1]}" for port in v],  # asked from inside: this machine's may be taken
    "volumes": lambda v: [flag for volume in v for flag in ("--volume", f"{NAME}-{volume}")],
}


@pytest.fixture(name="compose", scope="module")
def fixture_compose():
    return yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(name="flags", scope="module")
def fixture_flags(compose):
    assert set(compose) == {"name", "x-makes-boxes", "services", "volumes"}
    service = compose["services"]["kodewar"]
    assert service.pop("image") == "kodewar-full"
    assert {volume.split(":")[0] for volume in service["volumes"]} == set(compose["volumes"]) - {"queue"}
    return [flag for key, value in service.items() for flag in FLAGS[key](value)]


@pytest.fixture(name="service", scope="module")
def fixture_service(engine, flags):
    """The container, and a token that was made before it, as the file's head says."""
    arguments = [word for name, value in PROXIES.items() for word in ("--build-arg", f"{name}={value}")]
    engine.docker("build", "--target", "full", "-t", "kodewar-full", "-f", "Dockerfile.sandbox", *arguments, ".", timeout=570,
                  cwd=ROOT)
    try:
        made = engine.docker("run", "--rm", *flags, "kodewar-full", "token", "--tokens", "/etc/kodewar/tokens", "me")
        engine.docker("run", "-d", SOON, "--name", NAME, *flags, "kodewar-full")
        await_health(engine, "healthy")
        yield made.stdout.decode().split()[0]
    finally:
        engine.docker("rm", "-f", NAME, check=False)
        engine.docker("volume", "rm", "-f", f"{NAME}-state", f"{NAME}-tokens", check=False)


def inspect(engine):
    return json.loads(engine.docker("inspect", NAME).stdout)[0]


def await_health(engine, status):
    end = time.monotonic() + 90
    while (state := inspect(engine)["State"])["Health"]["Status"] != status:
        assert state["Running"] and time.monotonic() < end, engine.docker("logs", NAME).stderr.decode()[-2000:]
        time.sleep(.2)


def ask(engine, method, path, body=None, **headers):
    address = next(iter(inspect(engine)["NetworkSettings"]["Networks"].values()))["IPAddress"]
    c = http.client.HTTPConnection(address, 8080, timeout=60)
    c.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **headers})
    answer = c.getresponse()
    return answer.status, json.loads(answer.read() or "null")


def test_it_is_no_root_and_has_no_capability(engine, service):
    assert service
    host = inspect(engine)["HostConfig"]
    assert not host["Privileged"] and host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"]
    assert inspect(engine)["Config"]["User"] == "10001:10001" and "8080/tcp" in inspect(engine)["Config"]["ExposedPorts"]


def test_strangers_are_asked_for_a_token(engine, service):
    assert ask(engine, "POST", "/v1/execute", HELLO)[0] == 401
    status, result = ask(engine, "POST", "/v1/execute", HELLO, Authorization=f"Bearer {service}")
    assert status == 200 and result["output"] == "42\n"


def test_c_is_compiled(engine, service):
    code = '#include <stdio.h>\nint main(void) { return printf("42\\n") < 0; }'
    assert ask(engine, "POST", "/v1/execute", {"language": "c", "code": code},
               Authorization=f"Bearer {service}")[1]["output"] == "42\n"


def test_it_tells_the_truth_about_itself(engine, service):
    status, seen = ask(engine, "GET", "/v1/capabilities", Authorization=f"Bearer {service}")
    layers = {layer["name"]: layer["state"] for layer in seen["layers"]}
    assert status == 200 and seen["ready"] and seen["lanes"] == 1
    assert layers["cgroup-cpu"] == "missing" and layers["cgroup-memory"] == layers["seccomp"] == "ok"


def test_what_it_accepted_outlives_the_container(engine, service, flags):
    bearer = {"Authorization": f"Bearer {service}"}
    status, job = ask(engine, "POST", "/v1/jobs", HELLO, **bearer)
    assert status == 202
    engine.docker("stop", NAME)
    assert inspect(engine)["State"]["ExitCode"] == 0
    engine.docker("rm", NAME)
    engine.docker("run", "-d", SOON, "--name", NAME, *flags, "kodewar-full")
    await_health(engine, "healthy")
    status, job = ask(engine, "GET", f"/v1/jobs/{job['id']}?wait=30", **bearer)
    assert status == 200 and job["result"]["output"] == "42\n"


def test_without_what_boxes_need_it_is_not_healthy(engine, service, flags):
    """A container that starts and serves nothing must not pass for one that does."""
    assert service
    engine.docker("rm", "-f", NAME)
    less = [flag for flag in flags if flag != "systempaths=unconfined"]
    at = [i for i, flag in enumerate(less) if flag == "--security-opt" and less[i + 1].startswith("-")]
    for i in reversed(at):
        del less[i]
    engine.docker("run", "-d", "--name", NAME, *less, "kodewar-full")
    end = time.monotonic() + 60
    while inspect(engine)["State"]["Running"] and time.monotonic() < end:
        code = engine.docker("exec", NAME, *inspect(engine)["Config"]["Healthcheck"]["Test"][1:], check=False).returncode
        if code == 1:
            break
        time.sleep(.2)
    state = inspect(engine)["State"]
    assert state["Health"]["Status"] != "healthy" and (not state["Running"] or code == 1)
