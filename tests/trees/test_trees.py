# SPDX-License-Identifier: Apache-2.0
"""Trees of Debian packages, made by the program, and real boxes in them."""
import fcntl
import json
import os
import re
import shutil
import time

import pytest

import attack
import command_line
import host
import lent
import runs
import served

LOOK = """
import os
print(json_of := __import__('json').dumps({
    "top": sorted(os.listdir("/")), "etc": sorted(os.listdir("/etc")),
    "mounts": [line.split(" - ") for line in open("/proc/self/mountinfo").read().splitlines()],
    "owner": os.stat("/usr/bin/python3").st_uid, "device": os.stat("/usr").st_dev}))
"""
LOCK = """
import fcntl, os, time
fd = os.open("/usr/bin/env", os.O_RDONLY)
try:
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("alone")
except OSError:
    print("seen")
time.sleep(0.7)
"""


def bench(options, *requests, lanes=1, runner="cold", program=command_line.kodewar):
    lines = "".join(json.dumps(r) + "\n" for r in requests)
    done = program("bench", *options, "--requests", "--runner", runner, "--lanes", lanes, "--in-flight", lanes,
                   stdin=lines.encode() if program is command_line.kodewar else lines)
    assert done.returncode == 0, done.stderr
    return sorted(map(json.loads, done.stdout.splitlines()), key=lambda r: r["line"])


def python(code, **more):
    return {"code": code, "language": "python", "limits": {"wall_ms": 10000}, **more}


# ---- what is made ----

AIM = "build bookworm python3 libpython3.11-minimal"


def test_a_stage_that_was_done_is_not_done_again(tree, tmp_path):
    """As if it had been interrupted behind its first stage: the packages are there, and marked."""
    part = tree.path.parent / "again.part"
    part.mkdir(mode=0o700)
    shutil.copytree(tree.path / "usr/share", part / "root/usr/share", symlinks=True)
    (part / "aim").write_text(AIM)
    (part / "packages").touch()
    declaration = tmp_path / "tree.yaml"
    declaration.write_text("packages: [python3, libpython3.11-minimal]\nsuite: bookworm\n")
    try:
        done = build(tree, declaration, "again")
        assert done.returncode == 0 and b"packages\n  done before" in done.stderr, done.stderr
        assert verified(tree.path.parent / "again").returncode == 0 and not part.exists()
    finally:
        command_line.kodewar("tree", "remove", "--trees-dir", tree.path.parent, "again")
    assert not [name for name in os.listdir(tree.path.parent) if "again" in name]


def build(tree, declaration, name):
    return command_line.kodewar("tree", "build", "--trees-dir", tree.path.parent, "--declaration", declaration, name)


def test_a_build_that_is_killed_leaves_no_tree_and_no_mount(tree):
    """Nor does anything of it run on."""
    part = tree.path.parent / "killed.part"
    started = command_line.start("tree", "build", "--trees-dir", tree.path.parent, "killed")
    try:
        wait_for(lambda: list(part.glob("root/var/lib/apt/lists/partial")), 60)
        busy = command_line.kodewar("tree", "remove", "--trees-dir", tree.path.parent, "killed")
        assert busy.returncode == 2 and part.exists()
        below = command_line.descendants(started.pid)
        assert len(below) > 3  # mmdebstrap, and apt below it
    finally:
        command_line.stop(started)
    assert not command_line.gone(below, 30)
    with open("/proc/self/mountinfo", encoding="ascii") as mounts:
        assert "killed.part" not in mounts.read()
    assert part.exists() and not (tree.path.parent / "killed").exists()
    assert command_line.kodewar("tree", "remove", "--trees-dir", tree.path.parent, "killed").returncode == 0
    assert not part.exists()


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def test_what_was_built(tree):
    listed = command_line.kodewar("tree", "list", "--json", "--trees-dir", tree.path.parent)
    (row,) = [row for row in json.loads(listed.stdout) if row["name"] == "python"]
    assert row["made"] == AIM and row["error"] == ""
    assert len(row["digest"]) == 64 and row["files"] > 1000
    of_the_host = ["etc/resolv.conf", "etc/hostname", "etc/machine-id", "etc/apt", "var/cache/apt", "var/lib/apt/lists"]
    assert not [name for name in of_the_host if (tree.path / name).exists()]
    odd = [p for p in tree.path.rglob("*") if not p.is_symlink()
           and (p.lstat().st_mode & 0o7022 or p.lstat().st_uid or not (p.is_file() or p.is_dir()))]
    assert not odd, odd[:5]


def test_verify_tells_what_is_different(tree, tmp_path):
    shutil.copytree(tree.path / "usr/share", tmp_path / "trees/copy/usr", symlinks=True)
    os.chmod(tmp_path / "trees", 0o755)
    made = command_line.kodewar("tree", "import", "--trees-dir", tmp_path / "trees", "one", "-", stdin=packed(tmp_path))
    assert made.returncode == 0, made.stderr
    one = tmp_path / "trees/one"
    assert verified(one).returncode == 0
    some = sorted(p for p in one.rglob("*") if p.is_file() and not p.is_symlink())[:2]
    some[0].write_bytes(b"other" + some[0].read_bytes())
    some[1].unlink()
    (one / "usr/added").write_bytes(b"")
    os.chmod(one / "usr", 0o777)
    told = verified(one)
    assert told.returncode == 1
    lines = told.stdout.decode().splitlines()
    want = [f"changed: {some[0].relative_to(one)}", f"missing: {some[1].relative_to(one)}", "added: usr/added", "changed: usr"]
    assert sorted(lines) == sorted(want)
    manifest = one.parent / "one.manifest"
    manifest.write_text(manifest.read_text().replace("usr", "usx", 1))
    assert verified(one).returncode == 2 and b"digest" in verified(one).stderr


def packed(tmp_path):
    shutil.make_archive(str(tmp_path / "copy"), "tar", tmp_path / "trees/copy")
    shutil.rmtree(tmp_path / "trees/copy")
    return (tmp_path / "copy.tar").read_bytes()


def verified(path):
    return command_line.kodewar("tree", "verify", "--quiet", "--trees-dir", path.parent, path.name)


@pytest.mark.parametrize("text, why", [
    ("suite: no/suite\n", b"suite"), ("packages: ['-o=Dir=/']\n", b"packages"), ("packages: [a=1]\n", b"packages"),
    ("mirror: http://x\n", b"mirror"), ("suite: [a]\n", b"suite"), ("packages: python3\n", b"SEQUENCE"),
    ("languages: [klingon]\n", b"languages: klingon")])
def test_broken_declarations(tmp_path, text, why):
    file = tmp_path / "tree.yaml"
    file.write_text(text)
    done = command_line.kodewar("tree", "build", "--trees-dir", tmp_path / "trees", "--declaration", file, "one")
    assert done.returncode == 2 and why in done.stderr and b"tree.yaml" in done.stderr, done.stderr
    assert not (tmp_path / "trees/one.part").exists()


# ---- which may be used ----

def test_only_trees_that_nobody_else_can_write(tree, tmp_path):
    copy = tmp_path / "tree"
    (copy / "usr/bin").mkdir(parents=True)
    theirs, everybodys, below = tmp_path / "theirs", tmp_path / "everybodys", tmp_path / "way" / "tree"
    for path in (theirs, everybodys, below):
        shutil.copytree(copy, path)
    os.chown(theirs, 1234, 1234)
    os.chmod(everybodys, 0o1777)
    os.chmod(below.parent, 0o777)
    (tmp_path / "link").symlink_to(copy)
    (tmp_path / "empty").mkdir()
    refused = {theirs: "user 1234", everybodys: "written by others", below: "written by others", tmp_path / "link": "symbolic link",
               tmp_path / "empty": "neither", tmp_path / "none": "No such", "/": "own root", f"{copy}/../tree": "..",
               "unknown": "No such", "../x": "neither an absolute path", "x.part": "neither an absolute path"}
    for word, why in refused.items():
        done = command_line.kodewar("run", "--tree", word, "--trees-dir", tmp_path, "-", stdin=b"{}")
        assert done.returncode == 3 and why in done.stderr.decode(), (word, done.stderr)
    done = command_line.kodewar("run", "--tree", tree.name, "--backend", "docker", "-", stdin=b"{}")
    assert done.returncode == 3 and b"image" in done.stderr


def test_a_tree_in_use_is_not_removed(tree):
    held = os.open(tree.path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)  # as whoever uses it does
    done = command_line.kodewar("tree", "remove", "--trees-dir", tree.path.parent, tree.name)
    os.close(held)
    assert done.returncode == 2 and b"uses it" in done.stderr and tree.path.exists()


# ---- boxes ----

def test_a_box_sees_the_tree_and_nothing_of_the_host(tree):
    (result,) = bench(tree.options, python(LOOK))
    assert result["verdict"] == "accepted", result
    seen = json.loads(result["output"])
    assert not {"root", "home", "run", "srv", "sys", "mnt", "media", "boot"} & set(seen["top"])
    assert not {"shadow", "resolv.conf", "fstab", "machine-id", "apt"} & set(seen["etc"])
    sources = {mount[0].split()[4]: mount[1].split()[1] for mount in seen["mounts"]}
    assert sources["/"] == "kodewar" and set(sources.values()) <= {"kodewar", "tmpfs", "proc"}
    assert str(tree.path) not in result["output"] and "test-trees" not in result["output"]
    assert seen["device"] != os.stat(tree.path).st_dev


def test_locks_are_seen_by_nobody(tree):
    both = bench(tree.options, python(LOCK), python(LOCK), lanes=2)
    assert [r["output"] for r in both] == ["alone\n", "alone\n"]
    holder = open(tree.path / "usr/bin/env", "rb")
    fcntl.flock(holder, fcntl.LOCK_EX)
    (alone,) = bench(tree.options, python(LOCK))
    holder.close()
    assert alone["output"] == "alone\n"


def test_warm_programs_are_of_the_tree(tree):
    code = "import sys, os\nprint(sys.version_info[:2], os.path.exists('/usr/bin/gcc'))"
    warm = bench(tree.options, python(code), python(code), runner="warm")
    assert {r["runner"] for r in warm} == {"warm"} and {r["output"] for r in warm} == {"(3, 11) False\n"}, warm
    (cold,) = bench(tree.options, python(code))
    assert cold["runner"] == "cold" and cold["output"] == "(3, 11) False\n"


def test_what_a_tree_lacks_is_told(tree):
    done = command_line.kodewar("doctor", "--json", *tree.options)
    found = json.loads(done.stdout)
    states = {row["runner"]: (row["state"], row["detail"]) for row in found["runners"]}
    assert done.returncode == 1 and states["python"][0] == "ok"
    assert states["node"][0] != "ok" and "node" in states["node"][1], states
    (layer,) = [row for row in found["layers"] if row["layer"] == "tree"]
    assert layer["state"] == "ok", layer


def test_service(tree):
    with_tree = served.Served(*map(str, tree.options))
    try:
        import urllib.request
        languages = json.load(urllib.request.urlopen(with_tree.url + "/v1/languages"))
        listed = {row["name"]: row for row in (languages["languages"] if isinstance(languages, dict) else languages)}
        body = json.dumps(python("print(6 * 7)")).encode()
        ask = urllib.request.Request(with_tree.url + "/v1/execute", body, {"Content-Type": "application/json"})
        result = json.load(urllib.request.urlopen(ask))
        assert result["output"] == "42\n" and result["runner"] != "cold"
        assert "python" in listed and not listed.get("c", {"available": False}).get("available", True), listed
        assert f"boxes see the tree {tree.path}" in (with_tree.dir / "log/sandbox.log").read_text()
        done = command_line.kodewar("tree", "remove", "--trees-dir", tree.path.parent, tree.name)
        assert done.returncode == 2 and b"uses it" in done.stderr
    finally:
        with_tree.stop()


@pytest.mark.skipif(not lent.possible(), reason="needs root and cgroup v1")
def test_without_root(tree):
    def program(*words, stdin):
        return group.kodewar(*words, stdin=stdin)

    with lent.Group() as group:
        (result,) = bench(tree.options, python(LOOK), program=program)
    assert result["verdict"] == "accepted" and "root" not in json.loads(result["output"])["top"], result


# ---- attacks, on a tree ----

# They look for what a host has: here it is the tree's own, which is nobody's secret.
OF_THE_TREE = {"filesystem/secrets.py": r"(/var/lib): \[", "filesystem/home_of_host.py": r"BREACH (/\S+)"}
CHOSEN = ("crossstate/", "filesystem/", "proc/", "ipc/")


@pytest.fixture(scope="module", name="canary")
def fixture_canary():
    host.stand_apart()
    canary = host.Canary()
    yield canary
    canary.close()


def attacks():
    return [a for a in attack.load_all() if a.name.startswith(CHOSEN) and a.language == "python" and a.mode != "stream"]


def test_the_attack_by_locks_is_among_them():
    assert "crossstate/lock_beside.py" in {a.name for a in attacks()}


def test_attacks(tree, canary):
    """All in one process, as a service would meet them; on a tree none is expected to get through."""
    env, values, wrong = runs.environment(canary.secret), canary.values(), []
    program = str(command_line.ROOT / "build/kodewar")
    runs.BACKEND_OPTIONS[:] = tree.options
    begun = time.monotonic()
    try:
        with runs.Resident(program, "cold", env, beside=2) as resident:
            for a in attacks():
                stolen = host.stolen_ms()
                for answer, mine in runs.through(resident, a, values):
                    if a.name in OF_THE_TREE:
                        said = re.sub(OF_THE_TREE[a.name], "", answer.result["output"])
                        wrong += [f"{a.name}: {said}"] if "BREACH /" in said else []
                        continue
                    faults = a.faults(answer, host.stolen_ms() - stolen) if mine else runs.honest_faults(answer)
                    wrong += [f"{a.name}: {f}" for f in faults]
    finally:
        runs.BACKEND_OPTIONS.clear()
    assert not wrong, "\n".join(wrong)
    assert time.monotonic() > begun and len(attacks()) > 20
