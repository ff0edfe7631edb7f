# SPDX-License-Identifier: Apache-2.0
"""The life of the package on a clean machine, in this order: installed, used, served by, removed, purged."""
import json
import os
import pathlib
import pwd
import re
import signal
import stat

import pytest

from conftest import TOP, run
from unit import Unit, setting

pytestmark = pytest.mark.timeout(600)
EXPOSURE = 6.7  # of `systemd-analyze security`; what it holds against the unit is answered in the unit
HELLO = '{"language": "python", "code": "print(6 * 7)"}'


def gate_uid():
    """What src/sandbox/slot.h says, worked out."""
    slot = (TOP / "src/sandbox/slot.h").read_text(encoding="utf-8")
    wire = (TOP / "src/sandbox/wire.h").read_text(encoding="utf-8")
    base = int(re.search(r"SLOT_UID_BASE (0x[0-9a-f]+)", slot)[1], 16)
    return base + (int(re.search(r"WIRE_LANES_MAX (\d+)", wire)[1]) - 1) * int(
        re.search(r"SLOT_UIDS_PER_LANE (\d+)", slot)[1])


def test_lintian_finds_nothing_that_is_not_answered(deb):
    told = run("lintian", "--allow-root", "--fail-on", "error,warning", deb, timeout=200, check=False)
    assert told.returncode == 0, told.stdout


def test_the_user_has_the_number_that_the_program_becomes(installed):
    told = installed.run("getent", "passwd", "kodewar").stdout.split(":")
    assert int(told[2]) == int(told[3]) == gate_uid()
    assert told[6].strip() == "/usr/sbin/nologin"


@pytest.mark.parametrize("path, mode, owner", [("/run/kodewar", 0o755, 0), ("/var/lib/kodewar", 0o700, None),
                                               ("/var/log/kodewar", 0o750, None), ("/etc/kodewar", 0o755, 0)])
def test_directories_are_there_before_the_first_start(installed, path, mode, owner):
    found = installed.file(path).stat()
    assert stat.S_IMODE(found.st_mode) == mode
    assert found.st_uid == (gate_uid() if owner is None else owner)


def test_what_lies_in_etc_is_a_conffile(installed):
    names = installed.run("dpkg-query", "-W", "-f=${Conffiles}", "kodewar").stdout.split()[::2]
    assert names == ["/etc/kodewar/kodewar.yaml", "/etc/logrotate.d/kodewar"]


def test_the_manual_is_there(installed):
    assert installed.file("/usr/share/man/man1/kodewar.1.gz").is_file()


def test_shells_complete(installed):
    script = (". /usr/share/bash-completion/completions/kodewar; COMP_WORDS=(kodewar run --runner wa); COMP_CWORD=3;"
              " _kodewar; echo \"$COMPREPLY\"")
    assert installed.run("bash", "-c", script).stdout == "warm\n"
    assert installed.file("/usr/share/zsh/vendor-completions/_kodewar").is_file()
    assert installed.file("/usr/share/fish/vendor_completions.d/kodewar.fish").is_file()


def test_doctor_says_that_programs_would_run(installed):
    told = installed.run("kodewar", "doctor", "--quick", check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_python_starts_warm(installed):
    told = json.loads(installed.run("kodewar", "doctor", "--json", check=False).stdout)
    assert {r["language"]: r["state"] for r in told["runners"]}["python"] == "ok", told["runners"]


@pytest.mark.parametrize("extension, code", [
    ("py", "print(6 * 7)"), ("js", "console.log(6 * 7)"),
    ("c", '#include <stdio.h>\nint main(void) { return printf("%d\\n", 6 * 7) < 0; }'),
])
def test_every_language_runs(installed, extension, code):
    installed.file(f"/tmp/hello.{extension}").write_text(code, encoding="utf-8")
    assert installed.run("kodewar", "run", f"/tmp/hello.{extension}").stdout == "42\n"


COMPILER = """#!/bin/sh
[ "$1" != --version ] || exec echo 12.2
while [ $# -gt 1 ]; do [ "$1" != -o ] || echo made >"$2"; shift; done
"""


def test_headers_are_compiled_ahead_when_a_compiler_comes_and_go_with_it(installed):
    """The compiler is made up, and what it makes; that g++ takes it from a box is a test of tests/languages."""
    compiler, made = installed.file("/usr/bin/g++"), installed.file("/usr/lib/kodewar/pch")
    script = installed.file("/usr/libexec/kodewar/precompile-headers")
    assert os.access(script, os.X_OK) and not made.exists() and not compiler.exists()
    compiler.write_text(COMPILER, encoding="utf-8")
    compiler.chmod(0o755)
    try:
        installed.run("dpkg-trigger", "--no-await", "--by-package=kodewar", "/usr/bin/g++")
        installed.run("dpkg", "--configure", "--pending")
        for release in ("17", "20"):
            header = made / release / "bits/stdc++.h.gch"
            assert header.read_text(encoding="utf-8") == "made\n" and stat.S_IMODE(header.stat().st_mode) == 0o644
        compiler.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (made / "20/made-of").write_text("another\n", encoding="utf-8")
        installed.run("dpkg-trigger", "--no-await", "--by-package=kodewar", "/usr/bin/g++")
        told = installed.run("dpkg", "--configure", "--pending")
        assert "is not compiled ahead" in told.stderr and installed.run("dpkg", "--audit").stdout == ""
        assert not list((made / "20/bits").iterdir()) and (made / "17/bits/stdc++.h.gch").exists()
    finally:
        compiler.unlink()
    installed.run("dpkg-trigger", "--no-await", "--by-package=kodewar", "/usr/bin/g++")
    installed.run("dpkg", "--configure", "--pending")
    assert not made.exists()


def test_the_example_is_judged(installed):
    done = installed.run("sh", "-c", "kodewar run - < /usr/share/doc/kodewar/examples/square.json")
    result = json.loads(done.stdout)
    assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer"]
    assert result["id"] in installed.file("/var/log/kodewar/sandbox.log").read_text(encoding="utf-8")


def test_the_configuration_is_one(installed):
    """A key that does not exist, in the file as it is delivered, would be refused by its line."""
    path = installed.file("/etc/kodewar/kodewar.yaml")
    whole = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^#(\w+:|  )", r"\1", whole, flags=re.M) + "lains: 1\n", encoding="utf-8")
    told = installed.run("kodewar", "serve", "--config", "/etc/kodewar/kodewar.yaml", check=False)
    path.write_text(whole, encoding="utf-8")
    assert told.returncode == 2 and "lains" in told.stderr


def test_the_units_are_well_formed(installed):
    told = installed.run("systemd-analyze", "verify", "--man=no", "kodewar.service", "kodewar.socket")
    assert told.stderr == ""


def test_what_the_unit_leaves_open_is_known(installed):
    told = installed.run("systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE * 10)}",
                         "--no-pager", "kodewar.service", check=False)
    assert told.returncode == 0, told.stdout
    unit = installed.file("/lib/systemd/system/kodewar.service").read_text(encoding="utf-8")
    # Each directive that it misses is set, or named in the unit with the reason.
    missed = {name.split("=")[0] for line in told.stdout.splitlines() if line.startswith("✗")
              for name in re.findall(r"(\w+)=", line.split("  ")[0])}
    answered = {"CapabilityBoundingSet", "RestrictAddressFamilies", "RootDirectory", "RootImage", "DeviceAllow"}
    assert {name for name in missed - answered if name + "=" not in unit} == set()


def test_the_unit_gives_the_capabilities_that_the_program_asks_for(installed):
    asked = (TOP / "src/app/privilege.c").read_text(encoding="utf-8")
    given = installed.file("/lib/systemd/system/kodewar.service").read_text(encoding="utf-8")
    assert set(setting(given, "CapabilityBoundingSet").split()) == set(re.findall(r'"(CAP_\w+)", "', asked))


def test_the_service_as_its_unit_starts_it(installed):
    with Unit(installed, env={"WATCHDOG_USEC": "2000000"}).running() as unit:
        status, body = unit.ask("POST", "/v1/execute", HELLO)
        assert status == 200 and json.loads(body)["output"] == "42\n"
        unit.await_said("WATCHDOG=1")
        main = unit.process.pid
        state = pathlib.Path(f"/proc/{main}/status").read_text(encoding="utf-8")
        assert re.search(r"^CapEff:\s0+$", state, re.M) and f"Uid:\t{gate_uid()}\t" in state
        os.kill(main, signal.SIGHUP)
        unit.await_said("RELOADING=1")
        unit.await_said("READY=1")
        os.kill(main, signal.SIGTERM)
        unit.await_said("STOPPING=1")
        assert unit.process.wait(30) == 0
    assert {p.name for p in installed.file("/var/lib/kodewar").iterdir()} >= {"jobs.db", "lock"}


def test_a_token_that_was_made_is_asked_for(installed):
    token = installed.run("kodewar", "token", "--tokens", "/etc/kodewar/tokens", "me").stdout.split()[0]
    with Unit(installed, "--tokens", "/etc/kodewar/tokens").running() as unit:
        assert unit.ask("POST", "/v1/execute", HELLO)[0] == 401
        assert unit.ask("POST", "/v1/execute", HELLO, Authorization=f"Bearer {token}")[0] == 200
        later = installed.run("kodewar", "token", "--tokens", "/etc/kodewar/tokens", "you").stdout.split()[0]
        os.kill(unit.process.pid, signal.SIGHUP)
        unit.await_said("READY=1")
        assert unit.ask("POST", "/v1/execute", HELLO, Authorization=f"Bearer {later}")[0] == 200


def test_logs_are_rotated(installed):
    log = installed.file("/var/log/kodewar/sandbox.log")
    assert log.stat().st_size > 0
    told = installed.run("logrotate", "--force", "/etc/logrotate.d/kodewar")
    assert "error" not in told.stderr
    assert log.stat().st_size == 0 and log.stat().st_uid == gate_uid()
    assert log.with_name("sandbox.log.1").stat().st_size > 0


def test_an_upgrade_keeps_jobs_and_configuration(installed, deb, tmp_path):
    """While a job runs the next version is installed; then the old service is killed, and the new one ends the job."""
    run("dpkg-deb", "--raw-extract", deb, tmp_path / "next")
    control = tmp_path / "next/DEBIAN/control"
    text = control.read_text(encoding="utf-8")
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+next", text, flags=re.M), encoding="utf-8")
    run("dpkg-deb", "-Zgzip", "-z1", "--build", tmp_path / "next", installed.file("/tmp/next.deb"))
    configuration = installed.file("/etc/kodewar/kodewar.yaml")
    ours = configuration.read_text(encoding="utf-8")
    configuration.write_text(ours + "keep_sec: 7200\n", encoding="utf-8")
    with Unit(installed).running() as unit:
        status, body = unit.ask("POST", "/v1/jobs", json.dumps({"language": "python", "code": "import time\ntime.sleep(9)\nprint('kept')"}))
        assert status == 202
        job = json.loads(body)["id"]
        installed.run("dpkg", "--install", "/tmp/next.deb")
        assert unit.ask("GET", f"/v1/jobs/{job}")[0] == 200, "the old one serves on"
        os.kill(unit.process.pid, signal.SIGKILL)
    assert installed.run("dpkg-query", "-W", "-f=${Version}", "kodewar").stdout.endswith("+next")
    assert configuration.read_text(encoding="utf-8") == ours + "keep_sec: 7200\n"
    with Unit(installed).running() as unit:
        told = json.loads(unit.ask("GET", f"/v1/jobs/{job}?wait=60")[1])
        assert told["result"]["output"] == "kept\n" and told["result"]["verdict"] == "accepted"
    configuration.write_text(ours, encoding="utf-8")


def test_on_a_booted_machine(installed):
    """systemd is pid 1 of a guest with pure cgroup v2, whose root this is; tests/install/guest/booted.py asks it there."""
    place = pathlib.Path(__file__).parent / "guest"
    done = run(TOP / "tools/test-guest", "--timeout", "300", "--file", place, f"sh /tmp/host/guest/boot.sh {installed.path}",
               timeout=320, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"booted"')]
    assert lines, done.stdout[-4000:] + done.stderr[-2000:]
    seen = json.loads(lines[0])["booted"]
    assert seen["started_by"] == "kodewar.socket", "a connection to the socket starts the service"
    assert seen["state"] == ["active", "active"] and seen["ready"]["status"] == "ok"
    layers = {layer["name"]: layer["state"] for layer in seen["capabilities"]["layers"]}
    assert {name for name, state in layers.items() if state != "ok"} <= {"cgroup-io"}, "its root lies on no disk"
    result = seen["result"]
    assert result["verdict"] == "accepted" and result["output"] == "tried\n"
    assert {call["name"] for call in result["denied_syscalls"]} >= {"mount", "syslog", "sethostname", "clock_settime"}
    assert seen["memory"]["verdict"] == "memory_limit" and seen["foreign"]["verdict"] == "security_violation"
    assert seen["reload"] == 0 and seen["main_after_reload"] == seen["main"]
    assert seen["main_after_kill"] not in (0, seen["main"]), "after kill -9 it is started again"
    assert seen["readable_home"] is False
    assert seen["stop"] == 0 and seen["left"] == []


def test_removed_it_leaves_configuration_and_what_it_was_trusted_with(installed, before):
    installed.run("dpkg", "--remove", "kodewar")
    kept = re.compile(r"/etc/kodewar|/etc/kodewar/(kodewar\.yaml|tokens)|/etc/logrotate\.d/kodewar|/var/(lib|log)/kodewar(-trees)?(/.*)?"
                      r"|/var/lib/logrotate/status|(/var/lib/systemd/deb-systemd-helper|/etc/systemd/system).*")
    assert [path for path in installed.files() - before if not kept.fullmatch(path)] == []
    assert "/var/lib/kodewar/jobs.db" in installed.files()


def test_purged_it_leaves_nothing(installed, before):
    installed.run("dpkg", "--purge", "kodewar")
    # Two programs' own notes: directories of systemd's helper, which state of what was rotated.
    theirs = {"/var/lib/systemd/deb-systemd-helper-enabled", "/var/lib/systemd/deb-systemd-helper-masked",
              "/var/lib/logrotate/status"}
    left = {path for path in installed.files() - before if path not in theirs}
    assert left == set()
    for name in ("passwd", "group", "shadow", "gshadow"):
        assert "kodewar" not in installed.file(f"/etc/{name}").read_text(encoding="utf-8")
    assert gate_uid() not in [entry.pw_uid for entry in pwd.getpwall()], "this machine has nothing to do with it"
