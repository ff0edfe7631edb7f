# SPDX-License-Identifier: Apache-2.0
"""A running service moves from tree to tree: no job is lost, none sees half of each, and what is broken changes nothing."""
import collections
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

import command_line

sys.path.insert(0, str(command_line.ROOT / "tests/e2e/serve"))
from service import Service  # noqa: E402 pylint: disable=wrong-import-position

WHICH = "usr/share/which-tree"
SAY = f"print(open('/{WHICH}').read())"
# It looks when it begins and when it ends, and has nothing open meanwhile.
SLOW = f"""
import time
first = open('/{WHICH}').read()
print(first, flush=True)
time.sleep(SECONDS)
print(open('/{WHICH}').read())
"""
GONE = "the boxes of the tree before are gone"


def copy(tree, directory, name, mark, manifest=False):
    """The same files once more, by hard links, and one of its own."""
    path = directory / name
    subprocess.run(["cp", "-al", tree.path, path], check=True)
    if manifest:
        shutil.copy(f"{tree.path}.manifest", f"{path}.manifest")
    if mark:
        (path / WHICH).write_text(mark)
        (path / WHICH).chmod(0o644)
    return path


class Trees:
    """A service of two lanes whose configuration names a tree, two trees, and languages of its own."""

    def __init__(self, tree, directory):
        self.tree, self.directory, self.took = tree, directory, 0.5
        for name in "ab":
            copy(tree, directory, name, name)
        self.languages = directory / "languages"
        shutil.copytree(command_line.ROOT / "languages", self.languages)
        self.config = directory / "serve.yaml"
        self.name("a")
        self.service = Service("--config", self.config, "--trees-dir", directory, "--languages-dir", self.languages, "--lanes", "2")

    def name(self, word):
        self.config.write_text(f"tree: {word}\n")

    def hup(self, words="from now on", timeout=60):
        """What the log says more, up to these words."""
        at = len(self.service.log())
        os.kill(self.service.pid, signal.SIGHUP)
        self.service.await_log_after(at, words, timeout)
        return self.service.log()[at:]

    def move(self, word, wait=True):
        self.name(word)
        at, begun = len(self.service.log()), time.monotonic()
        self.hup(f"boxes see the tree {self.directory}/{word}")
        self.took = max(self.took, time.monotonic() - begun)
        if wait:
            self.service.await_log_after(at, GONE)

    def slow(self):
        """A program that outlives a move, however busy this host is."""
        return SLOW.replace("SECONDS", str(3 * self.took))

    def say(self, **more):
        result = self.service.run(language="python", code=SAY, **more)
        assert result["verdict"] == "accepted", result
        return result["output"].strip()

    def serving(self):
        return self.service.get("/v1/capabilities").json["tree"]["name"]

    def submit(self, code, **more):
        answer = self.service.post("/v1/jobs", {"language": "python", "code": code, "limits": {"wall_ms": 60000}, **more})
        assert answer.status == 202, answer.body
        return answer.json["id"]

    def outcome(self, job):
        result = self.service.get(f"/v1/jobs/{job}?wait=30").json["result"]
        assert result["verdict"] == "accepted", result
        return result["output"].split()


@pytest.fixture(scope="module", name="trees")
def fixture_trees(tree):
    directory = tree.path.parent / "switched"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o755)
    trees = Trees(tree, directory)
    try:
        yield trees
    finally:
        trees.service.close()
        shutil.rmtree(directory)


@pytest.fixture(name="at_a")
def fixture_at_a(trees):
    if trees.serving() != "a":
        trees.move("a")
    return trees


class Stream:
    """Submissions without a pause, from several hands."""

    def __init__(self, trees, hands=3):
        self.trees, self.seen, self.wrong, self.end = trees, [], [], False
        self.hands = [threading.Thread(target=self._go) for _ in range(hands)]
        for hand in self.hands:
            hand.start()

    def _go(self):
        while not self.end:
            answer = self.trees.service.post("/v1/execute", {"language": "python", "code": SAY})
            if answer.status != 200 or answer.json["verdict"] != "accepted":
                self.wrong.append(answer.body)
                return
            self.seen.append(answer.json["output"].strip())

    def stop(self):
        self.end = True
        for hand in self.hands:
            hand.join()
        assert not self.wrong, self.wrong[:3]
        return self.seen


def test_a_stream_of_submissions_does_not_notice(at_a):
    stream = Stream(at_a)
    for word in ("b", "a"):
        at_a.move(word)
        assert at_a.serving() == word and at_a.say() == word
        assert at_a.service.get("/readyz").status == 200
    seen = stream.stop()
    turns = [name for i, name in enumerate(seen) if i == 0 or seen[i - 1] != name]
    assert {"a", "b"} == set(seen) and len(turns) < 20, turns  # some in flight, of each


def test_what_runs_ends_where_it_began_and_what_waits_goes_along(at_a):
    slow = [at_a.submit(at_a.slow()) for _ in range(2)]
    until(lambda: at_a.service.get("/v1/capabilities").status == 200 and state(at_a, slow[1]) == "running")
    waits = [at_a.submit(SAY) for _ in range(4)]
    at_a.move("b", wait=False)
    assert [at_a.outcome(j) for j in waits] == [["b"]] * 4
    assert [at_a.outcome(j) for j in slow] == [["a", "a"]] * 2
    at_a.service.await_log(GONE)


def state(trees, job):
    return trees.service.get(f"/v1/jobs/{job}").json["state"]


def until(what, timeout=30):
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def test_cases_of_one_job_are_all_of_one_tree(at_a):
    """Sixty of them, over both lanes, with a move in their midst."""
    cases = [{"input": str(n), "expected": "x"} for n in range(60)]
    code = f"import time; time.sleep(0.03)\nprint(open('/{WHICH}').read())"
    job = at_a.submit(code, test_cases=cases, stop_on_failure=False)
    until(lambda: state(at_a, job) == "running")
    at_a.move("b")
    result = at_a.service.get(f"/v1/jobs/{job}?wait=30").json["result"]
    said = collections.Counter(case["actual"].strip() for case in result["test_results"])
    assert said == {"a": 60}, said


def hollow(trees, name):
    """What looks like a tree."""
    path = trees.directory / name
    (path / "usr/bin").mkdir(parents=True)
    return path


def no_directory(trees):
    trees.name("nowhere")
    return "nowhere: No such file"


def no_word(trees):
    trees.name("'../a'")
    return "is neither an absolute path nor a name"


def others_can_write(trees):
    hollow(trees, "open").chmod(0o777)
    trees.name("open")
    return "open can be written by others"


def not_as_its_manifest_says(trees):
    hollow(trees, "other")
    shutil.copy(f"{trees.tree.path}.manifest", trees.directory / "other.manifest")
    trees.name("other")
    return "other is not as its manifest says: "


def no_tree(trees):
    (trees.directory / "empty").mkdir()
    trees.name("empty")
    return "neither a directory usr nor bin"


def a_link(trees):
    (trees.directory / "link").symlink_to(trees.directory / "b")
    trees.name("link")
    return "is a symbolic link"


def an_unknown_key(trees):
    trees.config.write_text("trie: b\n")
    return "Unexpected key: trie"


def a_broken_language(trees):
    (trees.languages / "broken.yaml").write_text("name: broken\n")
    return "broken.yaml"


BROKEN = (no_directory, no_word, others_can_write, not_as_its_manifest_says, no_tree, a_link, an_unknown_key, a_broken_language)


@pytest.mark.parametrize("how", BROKEN, ids=[f.__name__ for f in BROKEN])
def test_what_is_broken_changes_nothing_and_is_told(at_a, how):
    why = how(at_a)
    try:
        said = at_a.hup("as it is: " if how is an_unknown_key else "stay as they are: ")
        assert why in said, said
        assert at_a.serving() == "a" and at_a.say() == "a" and at_a.service.get("/readyz").status == 200
    finally:
        at_a.name("a")
        (at_a.languages / "broken.yaml").unlink(missing_ok=True)


def test_a_tree_whose_runtime_does_not_start_is_not_moved_to(at_a):
    """The program is there, and executable, and that is all that can be said for it."""
    program = copy(at_a.tree, at_a.directory, "lame", "lame") / "usr/bin/python3.11"
    program.unlink()
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    at_a.name("lame")
    try:
        said = at_a.hup("stay as they are: ")
        assert "python" in said and at_a.serving() == "a" and at_a.say() == "a"
    finally:
        at_a.name("a")


def test_nothing_changed_makes_nothing(at_a):
    until(lambda: len(wardens(at_a)) == 1)  # one that was in vain may be ending
    before = wardens(at_a)
    at_a.hup("boxes are as they were")
    assert wardens(at_a) == before and at_a.say() == "a"


def wardens(trees):
    return sorted(named(trees, "kodewar-warden"))


def below(top):
    """(pid, name) of all that descend from it; what is in a box is named by what it runs."""
    known = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace")
            argv0 = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            continue
        name = fields[fields.index("(") + 1:fields.rindex(")")]
        known[int(pid)] = (int(fields.rpartition(")")[2].split()[1]), name if os.path.basename(argv0) == "kodewar" else os.path.basename(argv0))
    found, seeds = [], {top}
    while seeds:
        seeds = {pid for pid, (parent, _) in known.items() if parent in seeds}
        found += [(pid, known[pid][1]) for pid in seeds]
    return found


def named(trees, name):
    return [pid for pid, other in below(trees.service.pid) if other == name]


def launchers(trees):
    """One for each lane; inits are forked of them, and have their name."""
    return {p for p in named(trees, "kodewar-launcher") if len(inside(p)) == 1}


def inside(pid):
    """Its numbers in the pid namespaces that it is in; none when it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return []
    return next((line.split()[1:] for line in text.splitlines() if line.startswith("NSpid")), [])


def test_a_tree_that_was_made_anew_under_its_name(at_a):
    """Until the service is told it goes on with the one before, wherever that lies: also where a lane has to be made anew."""
    aside = at_a.directory / "aside"
    (at_a.directory / "a").rename(aside)
    (at_a.directory / "b").rename(at_a.directory / "a")
    try:
        until(lambda: len(launchers(at_a)) == 2)
        before = launchers(at_a)
        for launcher in before:
            os.kill(launcher, signal.SIGKILL)
        assert {at_a.say() for _ in range(6)} == {"a"}
        until(lambda: len(launchers(at_a) - before) == 2)
        at_a.move("a")
        assert at_a.say() == "b"
    finally:
        (at_a.directory / "a").rename(at_a.directory / "b")
        aside.rename(at_a.directory / "a")
    at_a.move("a")
    assert at_a.say() == "a"


def test_the_digest_is_told_and_compiled_programs_are_the_trees_own(at_a):
    copy(at_a.tree, at_a.directory, "sealed", "", manifest=True)
    manifest = (at_a.directory / "sealed.manifest").read_text()
    digest = next(line for line in manifest.splitlines() if line.startswith("digest: ")).split()[1]
    at_a.move("sealed")
    assert at_a.service.get("/v1/capabilities").json["tree"] == {"name": "sealed", "digest": digest}
    runners = at_a.service.get("/v1/capabilities").json["runners"]
    assert [r["state"] for r in runners if r["language"] == "python"] == ["ok"]
    assert at_a.service.run(language="python", code="print(1)")["runner"] != "cold"


def test_the_host_and_back(at_a):
    """Languages come and go with the tree."""
    def has_c():
        return any(row["name"] == "c" for row in at_a.service.get("/v1/languages").json["languages"])

    at_a.name("host")
    at_a.hup("boxes see the tree host from now on")
    assert at_a.serving() == "host" and has_c()
    assert at_a.service.run(language="c", code="int puts(); int main(void) { puts(\"42\"); return 0; }")["output"] == "42\n"
    at_a.move("b")
    assert at_a.say() == "b" and not has_c()
    assert at_a.service.post("/v1/execute", {"language": "c", "code": ""}).status == 422


def test_languages_that_changed(at_a):
    """Their directory is closed to the service's user, as that of a source tree may be."""
    at_a.directory.chmod(0o700)
    path = at_a.languages / "python.yaml"
    was = path.read_text()
    held = at_a.submit(at_a.slow())
    until(lambda: state(at_a, held) == "running")
    try:
        path.write_text(was.replace("aliases: [", "aliases: [snake, ", 1) if "aliases: [" in was else was + "\naliases: [snake]\n")
        at_a.hup()
        listed = {row["name"]: row for row in at_a.service.get("/v1/languages").json["languages"]}
        assert "snake" in listed["python"]["aliases"]
        assert at_a.service.run(language="snake", code="print(5)")["output"] == "5\n"
        assert at_a.outcome(held) == ["a", "a"]
    finally:
        path.write_text(was)
        at_a.directory.chmod(0o755)
    at_a.hup()
    assert at_a.service.post("/v1/execute", {"language": "snake", "code": ""}).status == 422


def resources(trees):
    """Of everything that could leak, how much there is."""
    names = collections.Counter(name for _, name in below(trees.service.pid))
    return {"descriptors": trees.service.descriptors(), "wardens": names["kodewar-warden"], "keepers": names["kodewar-keeper"],
            "lanes": len(launchers(trees)), "prepare": names["kodewar-prepare"], "mounts": len(mounts("self")),
            "ours": len(mounts(trees.service.pid))}


def mounts(pid):
    return pathlib.Path(f"/proc/{pid}/mountinfo").read_text().splitlines()


def slot(trees):
    """Its warden holds the lock of it."""
    until(lambda: len(wardens(trees)) == 1)
    (warden,) = wardens(trees)
    held = [os.readlink(f"/proc/{warden}/fd/{fd}") for fd in os.listdir(f"/proc/{warden}/fd")]
    return next(name for name in held if name.startswith("/run/kodewar/slot-"))


def left_in(lock):
    """cgroups of a slot that nobody has taken since."""
    with open(lock, "rb") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return []
        return list(pathlib.Path("/sys/fs/cgroup").glob(f"**/kodewar/{pathlib.Path(lock).stem}"))


def test_many_moves_leave_nothing(at_a):
    at_a.move("b")
    at_a.move("a")
    assert at_a.say() == "a"
    until(lambda: resources(at_a)["lanes"] == 2)
    before, slots = resources(at_a), set()
    for _ in range(2):
        for word in ("b", "a"):
            slots.add(slot(at_a))
            at_a.move(word)
    assert at_a.say() == "a"
    until(lambda: resources(at_a) == before)
    assert not [d for lock in slots - {slot(at_a)} for d in left_in(lock)]


def test_a_keeper_that_died_is_told_and_the_service_goes_on(at_a):
    (keeper,) = named(at_a, "kodewar-keeper")
    at = len(at_a.service.log())
    os.kill(keeper, signal.SIGKILL)
    at_a.service.await_log_after(at, "the keeper is gone")
    assert at_a.say() == "a"
