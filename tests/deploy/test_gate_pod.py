# SPDX-License-Identifier: Apache-2.0
"""The gate's command and its ConfigMap, as the user of a pod and of Redis that deploy/kubernetes gives it, asked as a cluster asks."""

import contextlib
import http.client
import json
import os
import subprocess
import tempfile

import pytest
import yaml

from manifests import everything
from farm import free_port, until
from pods import as_user, command_line, in_a_pod, pod

POD, = [d for _, d in everything() if (d["kind"], d["metadata"]["name"]) == ("Deployment", "kodewar-gate")]
MAP, = [d for _, d in everything() if d["kind"] == "ConfigMap"]
CONTAINER, = POD["spec"]["template"]["spec"]["containers"]
USER = POD["spec"]["template"]["spec"]["securityContext"]["runAsUser"]
HELLO = {"language": "python", "code": "print(6 * 7)"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become the pod's user")


class Gate:
    def __init__(self, farm, port):
        self.home = tempfile.TemporaryDirectory(prefix="kodewar-gate-")
        os.chmod(self.home.name, 0o755)
        tokens = f"{self.home.name}/tokens"
        made = subprocess.run([command_line.BINARY, "token", "--tokens", tokens, "me"], capture_output=True, text=True, check=True)
        self.token, self.port = made.stdout.split()[0], port
        os.chown(tokens, USER, USER)
        config = yaml.safe_load(MAP["data"]["kodewar.yaml"])
        assert config["listen"] == [f"*:{CONTAINER['ports'][0]['containerPort']}"]
        config.update(listen=[f"*:{port}"], tokens=tokens)
        with open(f"{self.home.name}/kodewar.yaml", "w", encoding="utf-8") as f:
            yaml.safe_dump(config, f)
        words = [f"{self.home.name}/kodewar.yaml" if word.endswith("/kodewar.yaml") else word for word in CONTAINER["args"]]
        self.process = subprocess.Popen(
            ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--bounding-set=-all", "--inh-caps=-all",
             "--no-new-privs", command_line.BINARY, *words], cwd=self.home.name, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
            env=command_line.CLEAN_ENV | {"KODEWAR_REDIS": f"redis://gate:gate@127.0.0.1:{farm.redis.port}/0"})

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request(method, path, json.dumps(body) if body else None,
                      {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"})
            answer = c.getresponse()
            return answer.status, answer.read()
        except OSError:
            assert self.process.poll() is None, self.process.stderr.read()
            return 0, b""
        finally:
            c.close()

    def probe(self, kind):
        return 200 <= self.ask("GET", CONTAINER[kind]["httpGet"]["path"])[0] < 400

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.home.cleanup()


@as_root
@in_a_pod
def test_gates_serve_by_workers_and_know_when_there_are_none(farm):
    with contextlib.closing(Gate(farm, free_port())) as gate, contextlib.closing(Gate(farm, free_port())) as other:
        for g in (gate, other):
            until(lambda g=g: g.probe("startupProbe"), CONTAINER["startupProbe"]["failureThreshold"])
        assert gate.probe("livenessProbe") and not gate.probe("readinessProbe"), "no worker lives yet"
        with pod(farm) as (worker, first, said):
            assert said, worker.stderr.read()
            until(lambda: gate.probe("readinessProbe") and other.probe("readinessProbe"))
            status, body = gate.ask("POST", "/v1/execute", HELLO)
            assert status == 200 and json.loads(body)["output"] == "42\n", body
            status, body = gate.ask("POST", "/v1/jobs", HELLO)
            job = json.loads(body)["id"]
            status, body = other.ask("GET", f"/v1/jobs/{job}?wait=30")
            assert status == 200 and json.loads(body)["result"]["output"] == "42\n", "any gate finds any job"
        gate.process.terminate()
        assert gate.process.wait(POD["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]) == 0
        assert as_user(farm, "scaler").xlen("kodewar:jobs") == 0
