# SPDX-License-Identifier: Apache-2.0
"""deploy/kubernetes is right, and whatever is wrong with it would be seen."""

import subprocess

import pytest
import yaml

from manifests import EXAMPLE, FOLDER, ROOT, changed, everything, faults, load, schema_fault

OBJECTS = everything()
CONTAINER = "spec/template/spec/containers/0"
WORKER = ("Deployment", "kodewar-worker")
GATE = ("Deployment", "kodewar-gate")
SCALED = ("ScaledObject", "kodewar-worker")
WALL = ("NetworkPolicy", "kodewar-worker")
# (object), path, value (None: taken away), a word of the fault
WRONG = [
    # by schema
    (WORKER, "spec/replica", 3, "replica"),
    (WORKER, "spec/template/spec/terminationGracePeriodSeconds", "75s", "75s"),
    (WORKER, "spec/selector", None, "selector"),
    (WORKER, f"{CONTAINER}/image", 7, "7"),
    (WORKER, f"{CONTAINER}/securityContext/capability", {"drop": ["ALL"]}, "capability"),
    (WORKER, f"{CONTAINER}/startupProbe/exec", ["/usr/bin/kodewar"], "exec"),
    (WORKER, "metadata/label", {}, "label"),
    (WORKER, "apiVersion", "extensions/v1beta1", "no schema"),
    (("PodDisruptionBudget", "kodewar-worker"), "spec/minimum", 1, "minimum"),
    (WALL, "spec/egress/0/ports/0/port", [6379], "6379"),
    (("Secret", "kodewar-redis"), "stringData/worker-url", 1, "1"),
    (SCALED, "spec/maxReplicas", 10, "maxReplicas"),
    (SCALED, "spec/pollingInterval", "5", "'5'"),
    (SCALED, "spec/scaleTargetRef/name", None, "name"),
    (SCALED, "spec/fallback/behavior", "guess", "guess"),
    (SCALED, "spec/triggers/0/metadata/streamLength", 4, "4"),
    (SCALED, "metadata/namespaces", "kodewar", "namespaces"),
    (("TriggerAuthentication", "kodewar-redis"), "spec/secretTargetRef/0/parameter", None, "parameter"),
    # by what it would do
    (WORKER, f"{CONTAINER}/securityContext/privileged", True, "privileges"),
    (WORKER, f"{CONTAINER}/securityContext/allowPrivilegeEscalation", None, "privileges"),
    (WORKER, f"{CONTAINER}/securityContext/capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}, "capabilities"),
    (WORKER, f"{CONTAINER}/securityContext/capabilities", None, "capabilities"),
    (WORKER, f"{CONTAINER}/securityContext/readOnlyRootFilesystem", False, "write"),
    (WORKER, f"{CONTAINER}/securityContext/procMount", None, "/proc"),
    (WORKER, f"{CONTAINER}/securityContext/seccompProfile", {"type": "Unconfined"}, "seccomp"),
    (WORKER, f"{CONTAINER}/securityContext/appArmorProfile", None, "AppArmor"),
    (WORKER, f"{CONTAINER}/resources/limits/memory", None, "memory"),
    (WORKER, f"{CONTAINER}/resources/requests/memory", "64Mi", "memory"),
    (WORKER, f"{CONTAINER}/env/0/valueFrom/secretKeyRef/key", "url", "no secret"),
    (WORKER, f"{CONTAINER}/env/0", {"name": "KODEWAR_REDIS", "value": "redis://u:p@h"}, "plain sight"),
    (WORKER, "spec/template/spec/hostUsers", None, "hostUsers"),
    (WORKER, "spec/template/spec/hostPID", True, "hostPID"),
    (WORKER, "spec/template/spec/automountServiceAccountToken", None, "token"),
    (WORKER, "spec/template/spec/securityContext/runAsUser", 0, "user"),
    (WORKER, "spec/template/spec/terminationGracePeriodSeconds", 60, "killed after 60 s"),
    (WORKER, "spec/template/spec/terminationGracePeriodSeconds", None, "killed after 30 s"),
    (WORKER, "spec/template/metadata/labels", {"app.kubernetes.io/name": "kodewar"}, "select"),
    (WORKER, "spec/replicas", 2, "who scales"),
    (("PodDisruptionBudget", "kodewar-worker"), "spec/selector/matchLabels", {"app": "kodewar"}, "0 disruption budgets"),
    (WALL, "spec/policyTypes", ["Ingress"], "network is open"),
    (WALL, "spec/podSelector/matchLabels", {"app": "kodewar"}, "network is open"),
    (WALL, "spec/egress/0/to", None, "everybody"),
    (SCALED, "spec/scaleTargetRef/name", "kodewar-workers", "who scales"),
    (SCALED, "spec/triggers/0/metadata/streamlength", "4", "streamlength"),
    (SCALED, "spec/triggers/0/metadata/consumerGroup", "workers", "only the length"),
    (SCALED, "spec/triggers/0/metadata/stream", "kodewar:urgent", "without a trigger"),
    (SCALED, "spec/triggers/1", None, "without a trigger"),
    (SCALED, "spec/triggers/0/authenticationRef", None, "no such authentication"),
    (("TriggerAuthentication", "kodewar-redis"), "spec/secretTargetRef/0/parameter", "addres", "does not know addres"),
    (("TriggerAuthentication", "kodewar-redis"), "spec/secretTargetRef/0/key", "url", "no secret"),
    (("Secret", "kodewar-redis-scaler"), "stringData/password", None, "no secret"),
    (("Secret", "kodewar-redis"), "metadata/namespace", "default", "outside"),
    (GATE, f"{CONTAINER}/securityContext/procMount", "Unmasked", "more than it needs"),
    (GATE, f"{CONTAINER}/securityContext/seccompProfile/type", "Unconfined", "more than it needs"),
    (GATE, f"{CONTAINER}/securityContext/capabilities/add", ["NET_BIND_SERVICE"], "capabilities"),
    (GATE, f"{CONTAINER}/readinessProbe/httpGet/port", "web", "no port web"),
    (GATE, f"{CONTAINER}/readinessProbe", None, "nobody asks"),
    (GATE, f"{CONTAINER}/ports/0/containerPort", 80, "do not agree"),
    (GATE, f"{CONTAINER}/env/0/valueFrom/secretKeyRef/name", "redis", "no secret"),
    (GATE, "spec/template/spec/volumes/0/configMap/name", "gate", "no ConfigMap"),
    (WORKER, f"{CONTAINER}/startupProbe", None, "nobody asks"),
    (("Service", "kodewar-gate"), "spec/selector", {"app": "kodewar"}, "no Service"),
    (("Service", "kodewar-gate"), "spec/ports/0/targetPort", 8080, "no port 8080"),
    (("NetworkPolicy", "kodewar-gate"), "spec/ingress/0/from", None, "do not agree"),
]


def test_the_folder_is_right():
    assert faults(OBJECTS) == []
    kinds = {d["kind"] for _, d in OBJECTS}
    assert kinds >= {"Deployment", "PodDisruptionBudget", "NetworkPolicy", "ScaledObject", "TriggerAuthentication", "Secret"}


@pytest.mark.parametrize("which, path, value, word", WRONG, ids=lambda v: str(v)[:60].replace("/", "."))
def test_what_is_wrong_is_seen(which, path, value, word):
    found = faults(changed(OBJECTS, *which, path, value))
    assert found and any(word in fault for fault in found), found


def test_kustomization_has_every_file_but_the_example():
    kustomization, = load(FOLDER / "kustomization.yaml")
    assert set(kustomization["resources"]) == {p.name for p in FOLDER.glob("*.yaml")} - {EXAMPLE, "kustomization.yaml"}


def test_the_example_holds_no_secret_and_nobody_else_does():
    secrets = [(file, d) for file, d in OBJECTS if d["kind"] == "Secret"]
    assert {file for file, _ in secrets} == {EXAMPLE}
    for _, d in secrets:
        for key, value in d["stringData"].items():
            assert "CHANGE-ME" in value or key not in ("password", "worker-url", "gate-url")


def test_the_pod_of_one_request_is_right_by_schema():
    for d in load(ROOT / "deploy/kubernetes.yaml"):
        assert schema_fault(d) is None


def test_a_worker_is_walled_in_as_the_pod_of_one_request_and_the_container_of_compose():
    """What is tried in real containers (tests/docker) is what is written here."""
    pod = load(ROOT / "deploy/kubernetes.yaml")[0]["spec"]
    worker, = [d for _, d in OBJECTS if (d["kind"], d["metadata"]["name"]) == WORKER]
    spec = worker["spec"]["template"]["spec"]
    alone, (container,) = pod["containers"][0]["securityContext"], spec["containers"]
    user = {"runAsNonRoot", "runAsUser", "runAsGroup"}
    assert {k: v for k, v in alone.items() if k not in user} == container["securityContext"]
    assert {k: alone[k] for k in user} == spec["securityContext"] and spec["hostUsers"] == pod["hostUsers"]
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["x-makes-boxes"]
    assert compose["user"] == f"{spec['securityContext']['runAsUser']}:{spec['securityContext']['runAsGroup']}"
    assert compose["cap_drop"] == container["securityContext"]["capabilities"]["drop"]
    assert compose["mem_limit"] == "1g" and container["resources"]["limits"]["memory"] == "1Gi"


def test_the_queue_of_compose_is_safe_and_its_commands_are_ours():
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {name for name, s in services.items() if "queue" in s.get("profiles", [])} == {"redis", "worker", "gate"}
    redis = services["redis"]["command"]
    assert redis[redis.index("--maxmemory-policy") + 1] == "noeviction" and redis[redis.index("--appendfsync") + 1] == "always"
    assert services["worker"]["scale"] == 2 and services["worker"]["security_opt"] == services["kodewar"]["security_opt"]
    gate = services["gate"]
    assert gate["cap_drop"] == ["ALL"] and gate["read_only"] and gate["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for s in services.values() for port in s.get("ports", []))
    for name in ("worker", "gate"):
        command, *words = services[name]["command"]
        helped = subprocess.run([ROOT / "build/kodewar", command, "--help"], capture_output=True, text=True, check=True).stdout
        for option in (w for w in words if w.startswith("--")):
            assert f"{option} " in helped or f"{option}\n" in helped, option
        assert words[words.index("--redis") + 1] == "redis://redis:6379/0"
