# SPDX-License-Identifier: Apache-2.0
"""--backend docker, on a real engine: what containers are made of, how they end, what is left, what doctor says.

The contract and the attacks are run against it by suites of their own (docker-contract, docker-hostile), in the image that
has compilers; their differences from native boxes are listed by name, and each must still be one.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from conftest import BUILD, PROXIES, ROOT

pytestmark = pytest.mark.timeout(580)
KODEWAR = ROOT / "build/kodewar"
LABEL = "org.kodewar.sandbox=1"
HELLO = {"code": "print('hello')", "language": "python"}


class Product:
    """kodewar with the options of one engine and image."""

    def __init__(self, engine, image, directory):
        self.engine, self.image, self.logs = engine, image, directory
        self.host = engine.env["DOCKER_HOST"]

    def command(self, name, *words, image=None, host=None):
        return [str(KODEWAR), name, "--backend=docker", f"--docker-host={host or self.host}",
                f"--docker-image={image or self.image}", f"--log-dir={self.logs}", *words]

    def call(self, name, *words, stdin=b"", timeout=60, **more):
        return subprocess.run(self.command(name, *words, **more), input=stdin, capture_output=True, timeout=timeout,
                              env={"PATH": "/usr/bin:/bin"}, check=False)

    def judge(self, *words, image=None, **request):
        done = self.call("run", *words, "-", stdin=json.dumps(request).encode(), image=image)
        assert done.stdout, done.stderr
        return json.loads(done.stdout), done.returncode

    def doctor(self, *words, **more):
        done = self.call("doctor", "--json", *words, **more)
        found = json.loads(done.stdout)
        return {f["fact"]: f for f in found["docker"]}, {x["layer"]: x for x in found["layers"]}, done.returncode

    def stay(self, *words):
        return subprocess.Popen(self.command("bench", "--requests", "--runner=cold", *words), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": "/usr/bin:/bin"})

    def containers(self):
        return self.engine.docker("ps", "-aq", "--no-trunc", "--filter", f"label={LABEL}").stdout.decode().split()


def ask(process, **request):
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, process.stderr.read()  # it ended: why
    return json.loads(line)


def leave(process):
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()
    process.stderr.close()


def wait_until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(name="product", scope="module")
def fixture_product(engine, image, tmp_path_factory):
    directory = tmp_path_factory.mktemp("logs")
    directory.chmod(0o755)
    return Product(engine, image, directory)


@pytest.fixture(name="place")
def fixture_place():
    """A directory that everybody may enter: kodewar is nobody by the time it connects."""
    with tempfile.TemporaryDirectory(prefix="kodewar-test-") as directory:
        os.chmod(directory, 0o755)
        yield pathlib.Path(directory)


@pytest.fixture(name="full", scope="module")
def fixture_full(engine, image):
    """The image with compilers; its layers are those of the other one's build."""
    del image
    arguments = [word for name, value in PROXIES.items() for word in ("--build-arg", f"{name}={value}")]
    words = [w if w != "kodewar-sandbox" else "kodewar-full" for w in BUILD.split()[1:-1]]
    engine.docker(*words, "--target", "full", *arguments, ".", timeout=570, cwd=ROOT)
    return "kodewar-full"


class TestVerdicts:
    def test_cases_are_judged(self, product):
        result, code = product.judge(code="print(int(input()) ** 2)", language="python",
                                     test_cases=[{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}])
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer"] and code == 0

    @pytest.mark.parametrize("verdict, code, limits", [
        ("time_limit", "while True: pass", {"cpu_ms": 200}),
        ("time_limit", "import time; time.sleep(60)", {"wall_ms": 300}),
        ("memory_limit", "x = bytearray(400 << 20)", {"memory_kb": 65536}),
        ("output_limit", "print('x' * 100000)", {"output_bytes": 1000}),
        ("disk_limit", "open('/tmp/x', 'w').write('x' * (8 << 20))", {"disk_kb": 1024}),
        ("process_limit", "import os\nfor i in range(40):\n  if os.fork() == 0:\n    import time; time.sleep(60)",
         {"processes": 8}),
        ("runtime_error", "raise SystemExit(137)", {}),
        ("runtime_error", "import os; os.kill(os.getpid(), 9)", {}),
    ])
    def test_each_limit_has_its_verdict(self, product, verdict, code, limits):
        result, _ = product.judge(code=code, language="python", limits=limits)
        assert result["verdict"] == verdict, result

    def test_live_stdin_is_passed_on(self, product, tmp_path):
        source = tmp_path / "main.py"
        source.write_text("print(input()[::-1])")
        done = product.call("run", str(source), stdin=b"abc\n")
        assert (done.stdout, done.returncode) == (b"cba\n", 0), done.stderr

    def test_a_large_input_and_output_arrive_whole(self, product):
        text = "".join(f"{n}\n" for n in range(300000))
        result, _ = product.judge(code="import sys; sys.stdout.write(sys.stdin.read())", language="python",
                                  limits={"output_bytes": 4 << 20}, test_cases=[{"input": text, "expected": text}])
        assert result["verdict"] == "accepted"

    def test_a_language_that_the_image_lacks_is_refused_by_name(self, product, image):
        result, code = product.judge(code="int main(void) { return 0; }", language="c")
        assert code == 2 and result["error"] == "language: c needs /usr/bin/gcc, which the image " + image + " does not have"

    def test_c_is_compiled_in_one_container_and_run_in_others(self, product, full):
        code = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", n * n); }\n'
        result, _ = product.judge(image=full, code=code, language="c",
                                  test_cases=[{"input": str(n), "expected": str(n * n)} for n in range(3)])
        assert result["verdict"] == "accepted" and result["compile"]["exit_code"] == 0, result

    def test_expected_is_nowhere_inside(self, product):
        needle = "exp" + os.urandom(8).hex()
        code = ("import os, glob\nfor p in glob.glob('/proc/[0-9]*/*') + glob.glob('/box/*') + glob.glob('/tmp/*'):\n"
                "  try:\n    if b'exp' + bytes.fromhex('%s') in open(p, 'rb').read(1 << 20): print(p)\n"
                "  except OSError: pass\nprint(os.environ)" % needle[3:].encode().hex())
        result, _ = product.judge(code=code, language="python", test_cases=[{"input": "", "expected": needle}])
        assert needle not in result["output"] and "/proc" not in result["output"], result["output"]


class TestContainers:
    """What the engine says that it made."""

    @pytest.fixture(name="made", scope="class")
    def fixture_made(self, product):
        with product.stay("--lanes=1") as process:
            assert ask(process, **HELLO)["verdict"] == "accepted"  # the probe's own, with other limits, are gone
            assert wait_until(lambda: len(product.containers()) == 1)
            made = json.loads(product.engine.docker("inspect", product.containers()[0]).stdout)[0]
            leave(process)
        return made

    def test_every_wall_was_asked_for(self, made):
        h = made["HostConfig"]
        assert h["NetworkMode"] == "none" and h["ReadonlyRootfs"] and h["IpcMode"] == "none" and not h["Privileged"]
        assert h["CapDrop"] == ["ALL"] and not h["CapAdd"] and not h["Binds"] and not h["Devices"]
        assert "no-new-privileges" in h["SecurityOpt"] and h["LogConfig"]["Type"] == "none"
        assert set(h["Tmpfs"]) == {"/box", "/tmp", "/dev/shm"}
        assert all(re.search(r"nosuid,nodev,.*size=\d+k,nr_inodes=\d+", o) for o in h["Tmpfs"].values())
        assert h["Memory"] == h["MemorySwap"] > 0 and h["PidsLimit"] == 65 and h["CpuQuota"] == h["CpuPeriod"] == 10000
        limits = {u["Name"]: u["Hard"] for u in h["Ulimits"]}
        assert limits["nofile"] == 1024 and limits["core"] == 1 and {"nproc", "fsize"} <= set(limits)
        assert h["BlkioDeviceReadBps"] and h["BlkioDeviceWriteBps"] and h["Init"] is False
        assert {"/proc/kcore", "/proc/keys"} <= set(h["MaskedPaths"]) and "/proc/sys" in h["ReadonlyPaths"]

    def test_the_profile_is_ours_with_five_calls_of_the_runner(self, made):
        text = next(o for o in made["HostConfig"]["SecurityOpt"] if o.startswith("seccomp="))[8:]
        ours = json.loads((ROOT / "profiles/seccomp.json").read_text(encoding="utf-8"))

        def allowed(profile):
            return {n for r in profile["syscalls"] if r["action"] == "SCMP_ACT_ALLOW" for n in r["names"]}
        assert json.loads(text)["defaultAction"] == ours["defaultAction"] == "SCMP_ACT_ERRNO"
        assert allowed(json.loads(text)) - allowed(ours) == {"landlock_create_ruleset", "landlock_add_rule",
                                                             "landlock_restrict_self", "openat2", "seccomp"}

    def test_the_image_is_an_id_and_the_user_nobody(self, made):
        assert made["Config"]["Image"].startswith("sha256:")
        uid, gid = map(int, made["Config"]["User"].split(":"))
        assert uid == gid >= 0x71000000

    def test_no_two_containers_have_the_same_user(self, product):
        with product.stay("--lanes=2") as process:
            assert ask(process, **HELLO)["verdict"] == "accepted"
            assert wait_until(lambda: len(product.containers()) == 2)
            users = {json.loads(product.engine.docker("inspect", c).stdout)[0]["Config"]["User"] for c in product.containers()}
            leave(process)
        assert len(users) == 2

    def test_the_calls_of_the_runner_are_closed_to_programs(self, product):
        code = ("import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfor nr in (444, 445, 446, 317, 165, 101):\n"
                "  print(libc.syscall(nr, 1, 0, 0, 0), ctypes.get_errno())")
        result, _ = product.judge(code=code, language="python")
        assert result["output"].split("\n")[:6] == ["-1 38"] * 3 + ["-1 1"] * 3, result

    def test_pid_1_is_out_of_reach(self, product):
        code = ("import os, resource, signal\n"
                "def no(f, *a):\n  try: f(*a); print('REACHED', f, a)\n  except OSError as e: print(e.errno)\n"
                "no(os.kill, 1, signal.SIGTERM)\nno(resource.prlimit, 1, resource.RLIMIT_CPU, (1, 1))\n"
                "no(os.setpriority, os.PRIO_USER, 0, 19)\nno(os.setpriority, os.PRIO_PROCESS, 1, 19)\n"
                "no(os.sched_setaffinity, 1, {0})\nno(os.pidfd_open, 1)\nno(open, '/proc/1/mem', 'rb')\n"
                "no(os.listdir, '/proc/1/fd')\nprint('alive')")
        result, _ = product.judge(code=code, language="python")
        assert "REACHED" not in result["output"] and result["output"].endswith("alive\n"), result

    def test_a_container_is_used_once(self, product):
        with product.stay("--lanes=1") as process:
            code = "import os\nprint(os.path.exists('/tmp/x')); open('/tmp/x', 'w'); print(os.getuid())"
            outputs = [ask(process, code=code, language="python")["output"].split() for _ in range(4)]
            leave(process)
        assert [o[0] for o in outputs] == ["False"] * 4 and len({o[1] for o in outputs}) == 4


class TestNothingIsLeft:
    def test_after_a_run(self, product):
        product.judge(**HELLO)
        assert product.containers() == []

    def test_after_a_stream(self, product):
        with product.stay() as process:
            for _ in range(5):
                assert ask(process, **HELLO)["verdict"] == "accepted"
            leave(process)
        assert product.containers() == []

    def test_after_a_kill_its_containers_end_and_the_next_start_removes_them(self, product):
        with product.stay("--lanes=2") as process:
            assert wait_until(lambda: len(product.containers()) == 2)
            process.stdin.write(json.dumps({"code": "import time; time.sleep(600)", "language": "python",
                                            "limits": {"wall_ms": 600000}}).encode() + b"\n")
            process.stdin.flush()
            time.sleep(1)
            process.send_signal(signal.SIGKILL)
            process.wait()
        left = product.containers()
        assert left

        def running():
            return product.engine.docker("ps", "-q", "--filter", f"label={LABEL}").stdout.split()
        assert wait_until(lambda: not running()), "containers outlive their owner"
        product.judge(**HELLO)
        assert not set(left) & set(product.containers())

    def test_another_instance_is_left_alone(self, product):
        with product.stay("--lanes=1") as process:
            assert wait_until(lambda: len(product.containers()) == 1)
            product.judge(**HELLO)
            assert ask(process, **HELLO)["output"] == "hello\n"
            leave(process)


class TestEngineTrouble:
    def test_a_killed_container_is_our_failure_not_a_verdict(self, product):
        with product.stay("--lanes=1") as process:
            process.stdin.write(json.dumps({"code": "import time; print(1, flush=True); time.sleep(30)",
                                            "language": "python", "limits": {"wall_ms": 40000}}).encode() + b"\n")
            process.stdin.flush()
            assert wait_until(lambda: product.containers())
            time.sleep(3)
            product.engine.docker("kill", *product.containers(), check=False)  # one of a probe may have ended meanwhile
            result = json.loads(process.stdout.readline())
            assert result["verdict"] == "internal_error", result
            assert ask(process, **HELLO)["verdict"] == "accepted"
            leave(process)

    def test_it_needs_no_root_where_the_socket_may_be_used(self, product, tmp_path):
        tmp_path.chmod(0o777)
        done = subprocess.run(["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               *product.command("run", "-")], input=json.dumps(HELLO).encode(), capture_output=True,
                              timeout=60, check=False)
        assert done.returncode == 3 and b"may not use" in done.stdout, done.stdout
        group = str(os.stat(product.host.removeprefix("unix://")).st_gid)
        done = subprocess.run(["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", f"--groups={group}",
                               *product.command("run", "-")], input=json.dumps(HELLO).encode(), capture_output=True,
                              timeout=60, check=False)
        assert json.loads(done.stdout)["output"] == "hello\n", done


class FakeEngine:
    """Answers every request as it is told to, on a socket of its own."""

    def __init__(self, path, answers):
        self.server, self.answers = socket.socket(socket.AF_UNIX), answers
        self.server.bind(str(path))
        self.server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.server.accept()
            except OSError:
                return
            with peer:
                head = peer.recv(65536).decode("latin1").split(" ")
                body = next((a for p, a in self.answers.items() if len(head) > 1 and head[1].endswith(p)), None)
                status = "404 Not Found" if body is None else "200 OK"
                data = json.dumps(body or {"message": "no"}).encode()
                peer.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n"
                             f"Content-Length: {len(data)}\r\n\r\n".encode() + data)

    def close(self):
        self.server.close()


GOOD_INFO = {"MemoryLimit": True, "SwapLimit": True, "PidsLimit": True, "CpuCfsQuota": True, "CgroupVersion": "1",
             "SecurityOptions": ["name=seccomp,profile=default"], "Runtimes": {"runc": {}}, "DefaultRuntime": "runc",
             "DockerRootDir": "/nowhere"}
VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}


class TestDoctor:
    def test_a_good_engine(self, product):
        facts, layers, code = product.doctor()
        assert {n for n, f in facts.items() if f["state"] != "ok"} <= {"engine-userns", "engine-lsm", "limit-io"}
        assert {n for n, x in layers.items() if x["state"] != "ok"} <= {"userns", "cgroup-io", "landlock"}
        assert code == 1  # without userns-remap

    @pytest.mark.parametrize("how, fact, says", [
        (lambda p, t: p.doctor(host=f"unix://{t}/none"), "engine", "no such socket"),
        (lambda p, t: p.doctor(image="nobody/has:this"), "image", "no such image"),
        (lambda p, t: p.doctor("--docker-runtime=runsc"), "runtime", 'no runtime "runsc"'),
        (lambda p, t: p.doctor(f"--profile={t}/none.json"), "seccomp-profile", "No such file"),
        (lambda p, t: p.doctor(image="debian:bookworm-slim"), "container", "kodewar-inbox"),
    ])
    def test_each_cause_is_named_with_its_cure(self, product, place, how, fact, says):
        facts, _, code = how(product, place)
        assert code == 2 and facts[fact]["state"] == "missing", facts
        assert says in facts[fact]["detail"] and facts[fact]["cure"]
        assert [n for n, f in facts.items() if f["state"] == "missing" and f["required"]] == [fact]

    @pytest.mark.parametrize("answers, fact, says", [
        ({"/_ping": {}, "/version": {**VERSION, "ApiVersion": "1.24"}}, "api", "too old"),
        ({"/_ping": {}, "/version": {**VERSION, "ApiVersion": "1.90", "MinAPIVersion": "1.80"}}, "api", "too new"),
        ({}, "engine", "no Docker Engine"),
        *(({"/_ping": {}, "/version": VERSION, "/info": {**GOOD_INFO, key: False}, "/json": {"Id": "sha256:1"}}, name, key)
          for key, name in (("MemoryLimit", "limit-memory"), ("SwapLimit", "limit-swap"), ("PidsLimit", "limit-pids"),
                            ("CpuCfsQuota", "limit-cpu"))),
        ({"/_ping": {}, "/version": VERSION, "/info": {**GOOD_INFO, "SecurityOptions": []}, "/json": {"Id": "sha256:1"}},
         "engine-seccomp", "no seccomp"),
    ])
    def test_what_an_engine_cannot_do_is_found(self, product, place, answers, fact, says):
        engine = FakeEngine(place / "sock", answers)
        (place / "sock").chmod(0o666)
        facts, _, code = product.doctor(host=f"unix://{place}/sock")
        engine.close()
        assert code == 2 and facts[fact]["state"] == "missing" and says in facts[fact]["detail"], facts

    def test_a_socket_that_is_not_ours_to_use(self, product, place):
        engine = FakeEngine(place / "sock", {})
        (place / "sock").chmod(0o600)
        facts, _, code = product.doctor(host=f"unix://{place}/sock")
        engine.close()
        assert code == 2 and facts["engine-access"]["state"] == "missing" and "group" in facts["engine-access"]["cure"]

    def test_plain_tcp_is_refused(self, product):
        done = product.call("run", "-", stdin=json.dumps(HELLO).encode(), host="tcp://127.0.0.1:2375")
        assert done.returncode == 3 and b"needs TLS" in done.stdout, done


def test_a_warm_pool_is_fast(product, image):
    """A Python hello in at most 0.35 of what `docker run` takes, side by side; and no slower than creation under load."""
    done = subprocess.run([sys.executable, ROOT / "bench/docker_backend.py", "--turns=9", f"--host={product.host}",
                           f"--image={image}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
