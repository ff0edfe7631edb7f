# SPDX-License-Identifier: Apache-2.0
"""Packages that are broken, or made to do harm: each is refused by the name of a file and a rule, before anything runs."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from packages import FAILED, OK, PACKAGES, REFUSED, copy_sum, judge, write

SOURCE = PACKAGES / "sum/submissions/accepted/sum.py"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join('*' + chr(97 + i) for _ in range(9))}]\n" for i in range(9))


@pytest.fixture(name="package")
def fixture_package(tmp_path):
    return copy_sum(tmp_path)


def refused(package, *rules):
    done = judge(package, SOURCE, timeout=30)
    told = done.stderr.decode()
    assert done.returncode == REFUSED and done.stdout == b"", told
    assert told.count("\n") == 1 and all(rule in told for rule in rules), told
    return told


def all_refused(folder, cases):
    """(what is spoilt, how, rules…) each: a package of its own, many at a time, since each waits most of its time."""
    def one(numbered):
        number, (name, spoil, *rules) = numbered
        package = copy_sum(folder / str(number))
        spoil(package)
        try:
            refused(package, *rules)
        except AssertionError as wrong:
            return f"{name}: {wrong}"
        return None
    with ThreadPoolExecutor(8) as pool:
        wrong = [told for told in pool.map(one, enumerate(cases)) if told]
    assert cases and not wrong, "\n".join(wrong)


YAML = [
    ("name: [1, 2", "line 2:1: did not find"),
    ("a: 1\nb: 2\na: 3\n", "line 3:1: this key was there before"),
    (BOMB, "line 2:8: must not use an alias"),
    ("x: " + "[" * 40 + "]" * 40, "nested too deep"),
    ("x: [" + "1, " * 20000 + "]", "has too many values"),
    ("#" * 70000, "is too large"),
    (b"name: \xff\n", "must be UTF-8"),
    ('name: "a\\0b"\n', "must not hold NUL"),
    ("a: 1\n---\nb: 2\n", "must be one document"),
    ("- 1\n", "must be a map"),
    ("{a: b}: c\n", "a key must be a plain word"),
    ("limits: 3\n", "limits: must be a map"),
    ("limits: {memory: lots}\n", "memory: must be a number"),
    ("limits: {memory: -1}\n", "memory: must be a number above 0"),
    ("limits: {time_limit: 1e9}\n", "time_limit: must be a number above 0, and not that large"),
    ("limits: {time_multiplier: nan}\n", "time_multiplier: must be a number"),
    ("type: multi-pass interactive\n", '"multi-pass" is not supported'),
    ("type: interactive\n", '"interactive" needs a validator'),
    ("validation: custom interactive score\n", '"custom interactive score" is not supported'),
    ("type: [pass-fail, multi-pass]\n", '"multi-pass" is not supported'),
    ("type: {a: b}\n", "must be a word or a list of words"),
    ("type: scoring\ngrading: {objective: min}\n", "objective: must be max"),
    ("validation: whatever\n", '"whatever" is not supported'),
    ("validator_flags: case_insensitive\n", '"case_insensitive" is no flag'),
    ("validator_flags: float_tolerance\n", "float_tolerance must be followed by a number"),
    ("validator_flags: float_tolerance -1\n", "float_tolerance must be followed by a number"),
    ("validator_flags: float_tolerance inf\n", "float_tolerance must be followed by a number"),
]


class TestProblemYaml:
    def test_broken(self, tmp_path):
        all_refused(tmp_path, [(rule, lambda package, text=text: write(package / "problem.yaml", text), "problem.yaml: ", rule)
                               for text, rule in YAML])

    def test_neither_format(self, package):
        (package / "problem.yaml").unlink()
        refused(package, "neither problem.yaml nor problem.xml")

    def test_an_empty_one_is_one(self, package):
        write(package / "problem.yaml", "")
        assert judge(package, SOURCE).returncode == OK

    def test_a_limit_that_is_none(self, tmp_path):
        def spoil(package, name, text):
            (package / ".timelimit").unlink()
            write(package / name, text)
        all_refused(tmp_path, [(text, lambda package, name=name, text=text: spoil(package, name, text),
                                name + ": the time limit must be a number of seconds")
                               for name, text in [(".timelimit", "soon\n"), (".timelimit", "-1\n"), (".timelimit", "1e9\n"),
                                                  ("domjudge-problem.ini", "timelimit = 'x'\n")]])


LAUGHS = "<!DOCTYPE p [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9)) + "]><problem>&j;</problem>"
XML = [
    ("<problem>", "line 1: no element found"),
    (LAUGHS, "line 1: must not have a DOCTYPE"),
    ("<!DOCTYPE p SYSTEM '/etc/passwd'><problem/>", "must not have a DOCTYPE"),
    ("<a/>", "must be a problem"),
    ("<problem/>", "holds no judging"),
    ("<problem>" + "<a>" * 40 + "</a>" * 40 + "</problem>", "nested too deep"),
    ("<problem>" + "<a/>" * 60000 + "</problem>", "has too many elements"),
    ("<problem><a>" + "x" * 5000 + "</a></problem>", "too long a text"),
    (b"<problem name='\xff'/>", "not well-formed"),
]
SPOILT = [
    ("tests/%02d<", "../../../%02d<", "../../../01: is missing"),
    ("tests/%02d<", "tests/%s<", "input-path-pattern: must be a path with one number"),
    ("tests/%02d<", "tests/%02d%n<", "input-path-pattern: must be a path with one number"),
    ("tests/%02d<", "tests/%999999999d<", "input-path-pattern: must be a path with one number"),
    ("tests/%02d.a", "tests/%03d.a", "tests/001.a: is missing; only Polygon's full packages"),
    ("<test-count>3", "<test-count>4", "tests/04: is missing"),
    ("<test-count>3", "<test-count>1001", "test-count: must be a whole number"),
    ("<test-count>3</test-count>", "", "has no test-count"),
    ("<time-limit>600", "<time-limit>-1", "time-limit: must be a whole number"),
    ('input-file=""', 'input-file="../in.txt"', "input-file and output-file must be single file names"),
    ('output-file=""', 'output-file="a/b"', "input-file and output-file must be single file names"),
    ("std::rcmp6.cpp", "mine.cpp", "checker: has no source with a path"),
    ('<checker name="std::rcmp6.cpp" type="testlib"/>', '<checker><source path="files/../check.cpp"/></checker>', "check.cpp: is missing"),
    ("<checker ", "<interactor/><checker ", "interactor: has no source with a path"),
    ("<checker ", '<interactor><source path="files/talk.cpp"/></interactor><checker ', "files/talk.cpp: is missing"),
    ("solutions/main.py", "solutions/../../../../../etc/passwd", "etc/passwd: is missing, though problem.xml names it"),
]


def polygon(package, text):
    shutil.rmtree(package)
    shutil.copytree(PACKAGES / "polygon", package)
    if text is not None:
        write(package / "problem.xml", text)


class TestProblemXml:
    def test_broken(self, tmp_path):
        good = (PACKAGES / "polygon/problem.xml").read_text()
        assert all(old in good for old, _, _ in SPOILT)
        all_refused(tmp_path, [(rule, lambda package, text=text: polygon(package, text), "problem.xml: ", rule)
                               for text, rule in XML] +
                    [(rule, lambda package, text=good.replace(old, new): polygon(package, text), rule)
                     for old, new, rule in SPOILT])

    def test_links_are_not_followed(self, tmp_path):
        def spoil(package, place):
            polygon(package, None)
            shutil.move(package / place, package / "kept")
            (package / place).symlink_to(package / "kept")
        all_refused(tmp_path, [(place, lambda p, place=place: spoil(p, place), f"{place}: must not be a symbolic link")
                               for place in ["problem.xml", "tests", "tests/02.a", "solutions", "solutions/main.py"]])


def many(package):
    for i in range(1000):
        write(package / f"data/secret/many/{i}.in", "1 2\n")
        write(package / f"data/secret/many/{i}.ans", "3\n")


def grow(path, size):
    with open(write(path, ""), "wb") as file:
        file.truncate(size)


def fill(package):
    for i in range(17):
        grow(package / f"data/secret/{i}.in", 128 << 20)


class TestData:
    def test_broken(self, tmp_path):
        all_refused(tmp_path, [
            ("no answer", lambda p: (p / "data/secret/a/2.ans").unlink(),
             "data/secret/a/2.ans: is missing beside data/secret/a/2.in"),
            ("no input", lambda p: (p / "data/secret/a/2.in").unlink(),
             "data/secret/a/2.in: is missing beside data/secret/a/2.ans"),
            ("no data", lambda p: shutil.rmtree(p / "data"), "data: holds no test"),
            ("many", many, "data: holds more than 1000 tests"),
            ("args", lambda p: write(p / "data/secret/a/1.args", "x\n"), "data/secret/a/1.args: is not supported"),
            ("flags", lambda p: write(p / "data/secret/a/testdata.yaml", "output_validator_flags: [loud]\n"),
             "data/secret/a/testdata.yaml: ", '"loud" is no flag'),
            ("grader", lambda p: write(p / "data/secret/testdata.yaml", "grading: custom\n"), "grading: graders of a package's own"),
            ("grader flags", lambda p: write(p / "data/secret/testdata.yaml", "grader_flags: most\n"),
             '"most" is no flag of the default grader'),
            ("no validator", lambda p: write(p / "problem.yaml", "validation: custom\n"), "output_validators: holds no validator"),
            ("two validators", lambda p: [write(p / "problem.yaml", "validation: custom\n"),
                                          write(p / "output_validators/a.py", ""), write(p / "output_validators/b.py", "")],
             "output_validators: holds more than one validator"),
            ("no language", lambda p: [write(p / "problem.yaml", "validation: custom\n"),
                                       write(p / "output_validators/a/build", ""), write(p / "output_validators/a/run", "")],
             "output_validators/a: has the ending of no language"),
            ("score", lambda p: write(p / "data/secret/testdata.yaml", "accept_score: inf\n"), "accept_score: must be a number"),
            ("reject", lambda p: write(p / "data/secret/testdata.yaml", "on_reject: stop\n"), "on_reject: must be break or continue"),
            ("included", lambda p: write(p / "include/python3/x.py", ""), "include/python3/x.py: is not supported"),
            ("large", lambda p: grow(p / "data/secret/a/1.in", 10 << 30),
             "data/secret/a/1.in: is larger than 134217728 bytes"),
            ("all of it", fill, "holds more than 2147483648 bytes"),
        ])

    def test_bytes_are_passed_on_as_they_are(self, package):
        data = bytes(range(256))
        write(package / "data/secret/bytes.in", data)
        write(package / "data/secret/bytes.ans", data)
        source = write(package / "cat.py", "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())\n")
        done = judge("--json", "--all", package, source)
        tests = {t["name"]: t["verdict"] for t in json.loads(done.stdout)["submissions"][0]["tests"]}
        assert done.returncode == FAILED and tests["secret/bytes"] == "accepted" != tests["secret/a/1"]


def replace(path, make):
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    make(path)


class TestPlaces:
    @pytest.mark.parametrize("there", ["inside", "outside"])
    def test_links_are_not_followed(self, tmp_path, there):
        def spoil(package, place):
            kept = (package if there == "inside" else package.parent) / "kept"
            shutil.move(package / place, kept)
            (package / place).symlink_to(kept)
        all_refused(tmp_path, [(place, lambda p, place=place: spoil(p, place), f"sum/{place}: must not be a symbolic link")
                               for place in ["data", "data/secret", "data/secret/a", "data/secret/a/1.ans", "problem.yaml",
                                             "submissions/accepted", "submissions/accepted/sum.py"]])

    def test_nothing_but_plain_files(self, tmp_path):
        def zero(path):
            os.mknod(path, 0o20666, os.makedev(1, 5))
        all_refused(tmp_path, [(f"{make} {place}", lambda p, place=place, make=make: replace(p / place, make),
                                f"{place}: must be a plain file")
                               for place in ["data/secret/a/1.in", "problem.yaml", "submissions/accepted/sum.py"]
                               for make in [os.mkfifo, zero]])

    def test_names(self, tmp_path):
        all_refused(tmp_path, [
            ("escape", lambda p: write(p / "data/secret/\x1b[31m.in", "1 2\n"), "holds a name that is not printable UTF-8\n"),
            ("latin 1", lambda p: write(p / os.fsdecode(b"data/secret/\xe4.in"), "1\n"), "holds a name that is not printable UTF-8"),
            ("deep", lambda p: write(p / "data/secret" / "/".join("abcdefghijkl") / "1.in", "1 2\n"),
             "is nested deeper than 10 folders")])

    def test_what_nobody_asks_for_is_not_looked_at(self, package):
        (package / "attachments").symlink_to("/etc")
        (package / "problem_statement").mkdir()
        os.mkfifo(package / "problem_statement/problem.tex")
        (package / "data/.hidden").symlink_to("/etc/shadow")
        assert judge(package, SOURCE).returncode == OK

    def test_a_submission_may_be_named_by_a_link_and_hold_none(self, package, tmp_path):
        (tmp_path / "link.py").symlink_to(SOURCE)
        assert judge(package, tmp_path / "link.py").returncode == OK
        shutil.copytree(PACKAGES / "sum/submissions/accepted/two", tmp_path / "two")
        (tmp_path / "two/shadow.txt").symlink_to("/etc/shadow")
        done = judge(package, tmp_path / "two")
        assert done.returncode == REFUSED and b"two/shadow.txt: must not be a symbolic link" in done.stderr


class TestSubmissions:
    def test_the_answers_are_in_no_box(self, package):
        write(package / ".timelimit", "20\n")  # it looks at each file of the host's runtimes
        source = write(package / "spy.py", "import os\nfor root, _, names in os.walk('/'):\n"
                       "    if any(n.endswith('.ans') for n in names): print('found', root)\n")
        row = json.loads(judge("--json", package, source).stdout)["submissions"][0]
        assert row["verdict"] == "wrong_answer" and "found" not in row["tests"][0]["detail"]
