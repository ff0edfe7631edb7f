# SPDX-License-Identifier: Apache-2.0
"""deploy/kubernetes as a cluster would look at it, without one: each object beside its schema, and what no schema says.

Schemas of Kubernetes' own kinds are those that kubernetes-validate has, in which no field may be that is not known; those
of KEDA's are its own, in crds/, made as strict here. What KEDA's schema leaves open, since it is text to it, is a trigger's
metadata: their names are in STREAMS_KEYS."""

import copy
import functools
import json
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/kubernetes"
CRDS = Path(__file__).parent / "crds"
VERSIONS = ("1.33", "1.37")  # the first that gives pods a /proc of their own by default; the newest whose schemas are there
EXAMPLE = "secret.example.yaml"
# What KEDA 2.21 reads of a redis-streams trigger (its redis_streams_scaler.go); another name would be ignored there.
STREAMS_KEYS = {"address", "addresses", "addressFromEnv", "host", "hosts", "port", "ports", "username", "usernameFromEnv",
                "password", "passwordFromEnv", "sentinelUsername", "sentinelPassword", "sentinelMaster", "unsafeSsl", "stream",
                "streamLength", "consumerGroup", "pendingEntriesCount", "lagCount", "activationLagCount", "databaseIndex",
                "enableTLS"}
AUTH_KEYS = {"address", "addresses", "host", "hosts", "port", "ports", "username", "password", "sentinelUsername",
             "sentinelPassword", "sentinelMaster", "tls", "cert", "key", "keyPassword", "ca"}
STREAMS = {"kodewar:jobs:high", "kodewar:jobs", "kodewar:jobs:low"}
TEARDOWN_SEC = 10  # from the end of the drain to the end of the process, and then some


def load(path):
    return [d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d]


def everything():
    """All objects of the folder, each with its file's name."""
    return [(path.name, d) for path in sorted(FOLDER.glob("*.yaml")) if path.name != "kustomization.yaml" for d in load(path)]


# ---- schemas ----

def strict(schema):
    """Where fields are named, no others may be."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema and \
                not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema["additionalProperties"] = False
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


def keda_schemas():
    found = {}
    for path in CRDS.glob("*.yaml"):
        crd, = load(path)
        for version in crd["spec"]["versions"]:
            kind = (f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"])
            schema = version["schema"]["openAPIV3Schema"]
            del schema["properties"]["metadata"]  # Kubernetes' own: below
            found[kind] = strict(schema)
    return found


KEDA = keda_schemas()


def schema_fault(d):
    """What is wrong with an object by its schema, or None. An object whose schema is not known is wrong as well."""
    return schema_fault_of(json.dumps(d))


@functools.cache  # most objects are asked about again and again
def schema_fault_of(text):
    d = json.loads(text)
    try:
        schema = KEDA.get((d.get("apiVersion"), d.get("kind")))
        if schema is None:
            for version in VERSIONS:
                kubernetes_validate.validate(d, version, strict=True)
        else:
            jsonschema.Draft202012Validator(schema).validate({k: v for k, v in d.items() if k != "metadata"})
            bare = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": d.get("metadata", {})}
            kubernetes_validate.validate(bare, VERSIONS[-1], strict=True)
    except (kubernetes_validate.ValidationError, jsonschema.ValidationError) as e:
        return f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}"
    except (kubernetes_validate.SchemaNotFoundError, KeyError) as e:
        return f"no schema: {e}"
    return None


# ---- what no schema says ----

def named(objects, kind):
    return [d for _, d in objects if d.get("kind") == kind]


def chosen(selector, labels):
    return bool(selector) and selector.items() <= labels.items()


def pod_faults(d, makes_boxes):
    """A pod's walls: `docker run` of the README in a cluster's words, or less where it makes no boxes."""
    name, pod = d["metadata"]["name"], d["spec"]["template"]["spec"]
    user = pod.get("securityContext", {})
    if not (user.get("runAsNonRoot") and user.get("runAsUser") == 10001):
        yield f"{name}: must run as the image's user"
    if pod.get("automountServiceAccountToken") is not False:
        yield f"{name}: has a token of the cluster"
    for word in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(word):
            yield f"{name}: {word}"
    if pod.get("hostUsers") is not False:
        yield f"{name}: hostUsers must be false"
    for c in pod["containers"]:
        s = c.get("securityContext", {})
        if s.get("privileged") or s.get("allowPrivilegeEscalation") is not False:
            yield f"{name}: may gain privileges"
        if s.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{name}: must drop all capabilities and add none"
        if not s.get("readOnlyRootFilesystem"):
            yield f"{name}: may write to its image"
        limits, requests = (c.get("resources", {}).get(k, {}) for k in ("limits", "requests"))
        if not limits.get("memory") or limits.get("memory") != requests.get("memory"):
            yield f"{name}: memory must be limited, and asked for"
        yield from box_faults(name, s) if makes_boxes else plain_faults(name, s)


def box_faults(name, s):
    if s.get("procMount") != "Unmasked":
        yield f"{name}: no /proc can be mounted in it"
    if s.get("seccompProfile") != {"type": "Localhost", "localhostProfile": "kodewar/seccomp-service.json"}:
        yield f"{name}: needs the service's seccomp profile"
    if s.get("appArmorProfile") != {"type": "Unconfined"}:
        yield f"{name}: AppArmor's default forbids mount"


def plain_faults(name, s):
    """Who makes no boxes gets no more than anybody."""
    if s.get("procMount", "Default") != "Default" or s.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield f"{name}: asks for more than it needs"


def option(args, name):
    return args[args.index(name) + 1] if name in args else None


def drain_faults(d):
    """What runs may end before the kubelet kills it."""
    pod = d["spec"]["template"]["spec"]
    grace = pod.get("terminationGracePeriodSeconds", 30)
    for c in pod["containers"]:
        drain = int(option(c.get("args", []), "--drain") or 30)
        if grace < drain + TEARDOWN_SEC:
            yield f"{d['metadata']['name']}: is killed after {grace} s, but drains for {drain} s"


def secret_faults(objects, d):
    keys = {s["metadata"]["name"]: set(s.get("stringData", {})) for s in named(objects, "Secret")}
    for c in d["spec"]["template"]["spec"]["containers"]:
        for e in c.get("env", []):
            if "value" in e and "://" in e["value"]:
                yield f"{e['name']}: a URL in plain sight"
            ref = e.get("valueFrom", {}).get("secretKeyRef")
            if ref and ref["key"] not in keys.get(ref["name"], ()):
                yield f"{e['name']}: no secret {ref['name']} with {ref['key']}"


def door_faults(objects, d):
    """What asks a pod finds a door: probes, Services, and the wall lets it through."""
    pod, labels = d["spec"]["template"]["spec"], d["spec"]["template"]["metadata"]["labels"]
    doors = {p["name"]: p["containerPort"] for c in pod["containers"] for p in c.get("ports", [])}
    maps = {m["metadata"]["name"] for m in named(objects, "ConfigMap")}
    for c in pod["containers"]:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            port = c.get(probe, {}).get("httpGet", {}).get("port")
            if port is not None and port not in doors:
                yield f"{probe}: no port {port}"
        if doors and "readinessProbe" not in c or "startupProbe" not in c:
            yield f"{c['name']}: nobody asks whether it serves"
    for s in named(objects, "Service"):
        if chosen(s["spec"]["selector"], labels):
            yield from (f"Service: no port {p['targetPort']}" for p in s["spec"]["ports"] if p["targetPort"] not in doors)
    if doors and not any(chosen(s["spec"]["selector"], labels) for s in named(objects, "Service")):
        yield f"{d['metadata']['name']}: no Service finds it"
    for v in pod.get("volumes", []):
        if "configMap" in v and v["configMap"]["name"] not in maps:
            yield f"volume {v['name']}: no ConfigMap {v['configMap']['name']}"
    for wall in named(objects, "NetworkPolicy"):
        if chosen(wall["spec"]["podSelector"].get("matchLabels"), labels):
            open_ports = {p["port"] for rule in wall["spec"].get("ingress", []) for p in rule.get("ports", [])}
            if open_ports != set(doors.values()) or not all(rule.get("from") for rule in wall["spec"].get("ingress", [])):
                yield f"{d['metadata']['name']}: its wall and its ports do not agree"


def around_faults(objects, d):
    """The selector, the budget and the wall around its network are those of this Deployment."""
    name, labels = d["metadata"]["name"], d["spec"]["template"]["metadata"]["labels"]
    if not chosen(d["spec"]["selector"]["matchLabels"], labels):
        yield f"{name}: does not select its own pods"
    budgets = [b for b in named(objects, "PodDisruptionBudget") if chosen(b["spec"]["selector"]["matchLabels"], labels)]
    walls = [w for w in named(objects, "NetworkPolicy") if chosen(w["spec"]["podSelector"].get("matchLabels"), labels)]
    if len(budgets) != 1:
        yield f"{name}: {len(budgets)} disruption budgets"
    if len(walls) != 1 or set(walls[0]["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
        yield f"{name}: its network is open"
    for wall in walls:
        for rule in wall["spec"].get("egress", []):
            if not rule.get("to") or not rule.get("ports"):
                yield f"{name}: may speak to everybody"


def trigger_faults(objects, scaled):
    auths = {a["metadata"]["name"]: a for a in named(objects, "TriggerAuthentication")}
    seen = set()
    for t in scaled["spec"]["triggers"]:
        metadata = t["metadata"]
        if t["type"] != "redis-streams" or not set(metadata) <= STREAMS_KEYS:
            yield f"trigger {t.get('name')}: {t['type']} does not know {sorted(set(metadata) - STREAMS_KEYS)}"
        if "consumerGroup" in metadata or "lagCount" in metadata or not metadata.get("streamLength", "").isdigit():
            yield f"trigger {t.get('name')}: only the length of a stream says what is not done"
        auth = auths.get(t.get("authenticationRef", {}).get("name"))
        if auth is None:
            yield f"trigger {t.get('name')}: no such authentication"
        seen.add(metadata.get("stream"))
    if seen != STREAMS:
        yield f"streams without a trigger, or the other way round: {sorted(map(str, seen ^ STREAMS))}"


def auth_faults(objects, auth):
    keys = {s["metadata"]["name"]: set(s.get("stringData", {})) for s in named(objects, "Secret")}
    for ref in auth["spec"]["secretTargetRef"]:
        if ref["parameter"] not in AUTH_KEYS:
            yield f"KEDA does not know {ref['parameter']}"
        if ref["key"] not in keys.get(ref["name"], ()):
            yield f"no secret {ref['name']} with {ref['key']}"


def faults(objects):
    """All that is wrong with the folder, in words; none for one that is right."""
    found = []
    for file, d in objects:
        fault = schema_fault(d)
        if fault:
            found.append(f"{file}: {d.get('kind')}: {fault}")
    if found:
        return found  # what is no object is not looked at any further
    if any(d["metadata"].get("namespace", d["metadata"]["name"]) != "kodewar" for _, d in objects):
        found.append("an object outside of the namespace")
    deployments = {d["metadata"]["name"]: d for d in named(objects, "Deployment")}
    for name, d in deployments.items():
        found += [*pod_faults(d, name == "kodewar-worker"), *drain_faults(d), *secret_faults(objects, d), *around_faults(objects, d),
                  *door_faults(objects, d)]
    for scaled in named(objects, "ScaledObject"):
        target = deployments.get(scaled["spec"]["scaleTargetRef"]["name"])
        if target is None or "replicas" in target["spec"]:
            found.append("KEDA and the Deployment do not agree who scales")
        found += trigger_faults(objects, scaled)
    for auth in named(objects, "TriggerAuthentication"):
        found += auth_faults(objects, auth)
    return found


def changed(objects, kind, name, path, value):
    """A copy with one value replaced, or, where VALUE is None, taken away; PATH: "spec.template.spec.containers.0.args"."""
    objects = copy.deepcopy(objects)
    at, = [d for _, d in objects if (d["kind"], d["metadata"]["name"]) == (kind, name)]
    *way, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    for step in way:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return objects
