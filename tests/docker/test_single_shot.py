# SPDX-License-Identifier: Apache-2.0
"""`docker run` with the README's flags: request on stdin, result on stdout, every case in a box inside the container."""

import json
import re
import secrets
import subprocess

import pytest
import yaml

from conftest import ROOT

pytestmark = pytest.mark.timeout(600)
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.search(r"```sh\n(docker run --rm -i .*?)```", README, re.S)[1]
FLAGS = COMMAND.replace("\\\n", " ").split("kodewar-sandbox")[0].split()[4:]
NEEDED = ["--security-opt", "seccomp=deploy/seccomp-service.json", "--security-opt", "systempaths=unconfined",
          "--memory", "1g"]
# Looks for needles in its memory, in what it sees of others, and in every file; says which it found.
SEARCH = r"""
import os, re
needle = re.compile(b"NEE" + b"DLE-[0-9a-f]{32}")
seen = input().encode()
found = set()
def look(path, data):
    found.update((os.path.dirname(path), hit) for hit in needle.findall(data))
for line in open("/proc/self/maps"):
    span, rights = line.split()[:2]
    if rights[0] != "r" or "[v" in line:
        continue
    start, end = (int(x, 16) for x in span.split("-"))
    with open("/proc/self/mem", "rb", 0) as f:
        f.seek(start)
        try:
            look("memory/", f.read(end - start))
        except OSError:
            pass
for top in ("/proc", "/box", "/tmp", "/dev", "/etc", "/usr/share", "/usr/libexec"):
    for directory, _, names in os.walk(top):
        for path in (os.path.join(directory, name) for name in names):
            if path.startswith(("/proc/self/mem", "/proc/thread-self")) or "/task/" in path or path.endswith(("/mem", "kmsg")):
                continue
            try:
                fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                look(path, os.read(fd, 1 << 20))
                os.close(fd)
            except OSError:
                pass
for hit in sorted({hit for _, hit in found}):
    print("found", hit.decode()[::-1])
"""


@pytest.fixture(name="judge", scope="module")
def fixture_judge(engine, image):
    def judge(code, language="python", flags=FLAGS, **fields):
        body = json.dumps({"code": code, "language": language, **fields}).encode()
        done = engine.docker("run", "--rm", "-i", *flags, image, stdin=body, check=False, cwd=ROOT, timeout=120)
        return json.loads(done.stdout), done
    return judge


class TestAnswers:
    def test_the_readmes_command_as_it_stands(self, engine, image):
        done = subprocess.run(["sh", "-c", COMMAND], env=engine.env, cwd=ROOT, capture_output=True, timeout=120, check=False)
        result = json.loads(done.stdout)
        assert done.returncode == 0 and result["status"] == "success", done.stderr
        assert [case["passed"] for case in result["test_results"]] == [
            case["expected"].strip() == str(int(case["input"]) ** 2) for case in result["test_results"]]

    def test_pass_and_fail(self, judge):
        cases = [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]
        result, done = judge("print(int(input())**2)", test_cases=cases)
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer"]
        assert done.returncode == 0

    def test_javascript(self, judge):
        result, _ = judge("console.log(require('fs').readFileSync(0, 'utf8').trim() * 2)", "javascript", stdin="21")
        assert result["output"] == "42\n" and result["verdict"] == "accepted"

    def test_stdout_is_the_result_alone_and_stderr_the_log(self, judge):
        result, done = judge("print(1)")
        assert done.stdout.count(b"\n") <= 1
        assert re.search(rf"^\S+Z info job judged job={result['id']} .*verdict=accepted", done.stderr.decode(), re.M)

    def test_a_refusal_is_one(self, judge):
        result, done = judge("print(1)", "klingon")
        assert done.returncode == 2 and result["verdict"] is None and result["error"].startswith("language: ")

    def test_docker_logs_has_both(self, engine, image):
        name = "kodewar-test-" + secrets.token_hex(4)
        body = b'{"code": "print(6 * 7)", "language": "python"}'
        try:
            engine.docker("run", "-i", "--name", name, *FLAGS, image, stdin=body, cwd=ROOT)
            told = engine.docker("logs", name)
            assert json.loads(told.stdout)["output"] == "42\n" and b"job judged" in told.stderr
        finally:
            engine.docker("rm", "-f", name)


class TestLimits:
    @pytest.mark.parametrize("code, limits, verdict", [
        ("while True: pass", {"cpu_ms": 500}, "time_limit"),
        ("import time; time.sleep(60)", {"wall_ms": 500}, "time_limit"),
        ("x = []\nwhile True: x.append(bytearray(1 << 20))", {"memory_kb": 65536}, "memory_limit"),
        ("while True: print('x' * 1000)", {}, "output_limit"),
        ("f = open('/tmp/x', 'wb')\nwhile True: f.write(b'x' * (1 << 20))", {}, "disk_limit"),
    ])
    def test_each_bites(self, judge, code, limits, verdict):
        result, done = judge(code, limits=limits)
        assert result["verdict"] == verdict and done.returncode == 0

    def test_a_fork_bomb_ends_in_its_box(self, judge):
        """Without a control group of its own the kernel does not count refusals: the verdict may miss their cause."""
        result, done = judge("import os\nwhile True: os.fork()", limits={"wall_ms": 5000, "processes": 16})
        assert done.returncode == 0 and result["verdict"] in ("process_limit", "runtime_error")
        assert "BlockingIOError" in result["stderr"]

    def test_after_a_bomb_the_next_case_is_judged(self, judge):
        code = "import os\nif input() == 'bomb':\n    while True: os.fork()\nprint('fine')"
        cases = [{"input": "bomb", "expected": "fine"}, {"input": "calm", "expected": "fine"}]
        result, _ = judge(code, test_cases=cases, limits={"wall_ms": 5000})
        bomb, calm = result["test_results"]
        assert not bomb["passed"] and calm["verdict"] == "accepted"


class TestContained:
    def test_there_is_no_network(self, judge):
        result, _ = judge("import socket\nfor f in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
                          "    try: socket.socket(f, socket.SOCK_DGRAM); print('made')\n    except OSError: print('refused')")
        assert result["output"] == "refused\n" * 3

    def test_the_container_is_not_to_be_seen(self, judge):
        result, _ = judge("import os\nprint(sorted(os.listdir('/')), os.path.exists('/var'), os.listdir('/usr'), "
                          "[p for p in os.listdir('/proc') if p.isdigit()])")
        assert "'var'" not in result["output"] and "kodewar" not in result["output"]
        assert result["output"].rstrip().endswith("['2']")  # itself alone; init is hidden

    def test_the_expected_output_is_in_no_box(self, judge):
        asked, told = ("NEEDLE-" + secrets.token_hex(16) for _ in range(2))
        result, _ = judge(SEARCH, test_cases=[{"input": asked, "expected": told}])
        output = result["test_results"][0]["actual"]
        assert asked[::-1] in output, result  # what it was given it finds, so it can find
        assert told[::-1] not in output


class TestFlags:
    def test_these_alone_are_needed(self, judge):
        result, done = judge("print(1)", flags=NEEDED)
        assert done.returncode == 0 and result["output"] == "1\n"

    @pytest.mark.parametrize("left_out, word", [(0, "user namespace"), (2, "systempaths=unconfined"), (4, "memory")])
    def test_without_one_of_them_it_refuses_and_says_what_is_missing(self, judge, left_out, word):
        result, done = judge("print(1)", flags=flags_without(left_out))
        assert done.returncode == 3 and result["verdict"] == "internal_error" and word in result["error"]
        assert result["output"] == ""

    def test_doctor_says_so_too(self, engine, image):
        asked = (image, "doctor", "--quick", "--log-dir", "-")
        assert engine.docker("run", "--rm", *FLAGS, *asked, check=False, cwd=ROOT).returncode == 0
        assert engine.docker("run", "--rm", *asked, check=False, cwd=ROOT).returncode == 3

    def test_the_health_check_is_healthy(self, engine, image):
        """A container that waits for its request, asked at once and not after half a minute."""
        name = "kodewar-test-" + secrets.token_hex(4)
        try:
            engine.docker("run", "-d", "-i", "--name", name, "--health-interval=1s", *FLAGS, image, cwd=ROOT)
            script = "until docker inspect -f '{{.State.Health.Status}}' \"$0\" | grep -v starting; do sleep .2; done"
            told = subprocess.run(["sh", "-c", script, name], env=engine.env, capture_output=True, timeout=60, check=False)
            assert told.stdout == b"healthy\n", engine.docker("inspect", "-f", "{{json .State.Health}}", name).stdout
        finally:
            engine.docker("rm", "-f", name)


def flags_without(at):
    """The README's flags without one that is needed, and without what goes with it."""
    flag, value = NEEDED[at:at + 2]
    kept, i = [], 0
    while i < len(FLAGS):
        pair = FLAGS[i:i + 2]
        drop = pair == [flag, value] or (flag == "--memory" and pair[0] == "--memory-swap")
        if not drop:
            kept += pair if pair[1:] and not pair[1].startswith("--") else pair[:1]
        i += 2 if pair[1:] and not pair[1].startswith("--") else 1
    assert len(kept) < len(FLAGS)
    return kept


class TestKubernetes:
    """Not run here: only that it says the same as the flags, in a cluster's words."""

    def documents(self):
        return list(yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text(encoding="utf-8")))

    def test_each_document_has_what_a_cluster_asks_for(self):
        kinds = [(d["apiVersion"], d["kind"]) for d in self.documents()]
        assert kinds == [("v1", "Pod"), ("networking.k8s.io/v1", "NetworkPolicy")]
        assert all(d["metadata"]["name"] for d in self.documents())

    def test_the_pod_is_as_the_flags_say(self):
        spec = self.documents()[0]["spec"]
        container, = spec["containers"]
        security = container["securityContext"]
        assert security["runAsUser"] == 10001 and security["runAsNonRoot"] and security["readOnlyRootFilesystem"]
        assert security["allowPrivilegeEscalation"] is False and security["capabilities"] == {"drop": ["ALL"]}
        assert security["seccompProfile"]["type"] == "Localhost"
        assert security["seccompProfile"]["localhostProfile"].endswith("seccomp-service.json")
        assert security["procMount"] == "Unmasked" and spec["hostUsers"] is False
        assert container["resources"]["limits"].keys() >= {"memory", "cpu"}
        assert spec["automountServiceAccountToken"] is False and "privileged" not in security

    def test_nothing_goes_out_or_comes_in(self):
        pod, policy = self.documents()
        spec = policy["spec"]
        assert set(spec["policyTypes"]) == {"Ingress", "Egress"} and not {"ingress", "egress"} & spec.keys()
        assert spec["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
