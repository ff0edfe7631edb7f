# SPDX-License-Identifier: Apache-2.0
"""Every language that make test installs works here, in boxes; what is not here is told and never offered; adding one is a file.

The programs are those of the languages' own files, judged by `kodewar languages --test`, once for all tests.
"""
import json
import re
import subprocess

import pytest

from command_line import BINARY, CLEAN_ENV, FAILED, OK, REFUSED, ROOT, kodewar

FILES = sorted((ROOT / "languages").glob("*.yaml"))
BY_DEFAULT = [f for f in FILES if not re.search("^# Not installed by default", f.read_text(), re.M)]
AT_LEAST = 25


def field(file, key):
    found = re.search(rf'^{key}: "?([^"\n]*)"?$', file.read_text(), re.M)
    return found and found[1]


def id_of(file):
    return "@".join(filter(None, (field(file, "name"), field(file, "release"))))


@pytest.fixture(name="log", scope="session")
def fixture_log(tmp_path_factory):
    return "--log-dir", tmp_path_factory.mktemp("log")


@pytest.fixture(name="listed", scope="session")
def fixture_listed():
    done = kodewar("languages", "--json")
    assert done.returncode == OK, done.stderr
    return {row["id"]: row for row in json.loads(done.stdout)}


@pytest.fixture(name="tried", scope="session")
def fixture_tried(log):
    """(exit code, id -> row) of --test over everything that is installed by default."""
    done = subprocess.run([BINARY, "languages", "--test", "--json", *log, *map(id_of, BY_DEFAULT)], capture_output=True, env=CLEAN_ENV, timeout=300,
                          check=False)
    assert done.stdout, done.stderr
    return done.returncode, {row["id"]: row for row in json.loads(done.stdout)}


@pytest.mark.timeout(320)
@pytest.mark.parametrize("file", BY_DEFAULT, ids=id_of)
def test_it_works(tried, file):
    row = tried[1][id_of(file)]
    assert row["available"], f"{row['why']}; tools/install-languages.sh installs it"
    assert row["ok"], row["why"]
    assert re.match(r"\d+\.\d", row["version"]), row["version"]
    assert row["cold_ms"] > 0 and row["warm_ms"] > 0 and row["memory_kb"] >= 0
    assert 0 < row["cpu_ms"]  # of the empty program: what there is to subtract
    release = field(file, "release")
    if release and field(file, "name") != "cpp":  # whose releases are standards of one compiler
        assert row["version"].startswith(release)


def test_there_are_enough(tried):
    code, rows = tried
    works = {row["name"] for row in rows.values() if row["ok"]}
    assert len(works) >= AT_LEAST
    assert code == OK
    assert {"python", "javascript"} == {row["name"] for row in rows.values() if row.get("runner") == "warm"}


def test_what_is_compiled_is_compiled_once(tried):
    """The second time an empty program costs its box, no compiler."""
    rows = tried[1]
    for name in ("c", "cpp@20", "rust", "haskell"):
        assert rows[name]["warm_ms"] * 2 < rows[name]["cold_ms"], rows[name]


# ---- what is not as it should be ----

TOY = """name: toy
title: A shell that is small
extensions: [.toy]
source: main.toy
version: [/bin/sh, -c, echo 1.2]
run: [/bin/sh, main.toy]
packages: [toy-shell]
"""
SELFTEST = """selftest:
  hello: echo 'Hello, world!'
  echo: cat
  sum: read -r n; s=0; while read -r x; do s=$((s + x)); done; echo $s
  exit: exit 3
  broken: "if then"
  broken_says: "main.toy: 1: Syntax error"
  crash: exit 4
  crash_says: "exit code 4"
"""


@pytest.fixture(name="toy")
def fixture_toy(tmp_path, log):
    """A directory with one language, and kodewar on it."""
    def run(text, *arguments, **more):
        (tmp_path / "toy.yaml").write_text(text)
        boxes = [] if arguments == ("languages",) else log
        return kodewar(*arguments, "--languages-dir", tmp_path, *boxes, **more)

    return run


def test_a_language_of_one_file_works(toy):
    done = toy(TOY + SELFTEST, "languages", "--test")
    assert done.returncode == OK and b"1 work, 0 do not, 0 are not here" in done.stdout, done.stdout


@pytest.mark.parametrize("was, by, why", [
    ("Hello, world!", "Hello", "hello: wrong_answer instead of accepted"),
    ("echo: cat", "echo: cat; echo x", "echo: wrong_answer"),
    ("echo $s", "echo $((s + 1))", "sum: wrong_answer"),
    ("exit 3", "exit 4", "exit: it does not end with exit code 3"),
    ("if then", "exit 0", "broken: accepted instead of runtime_error"),
    ("main.toy: 1: Syntax", "main.toy: 2: Syntax", "broken: does not say"),
    ("crash: exit 4", "crash: exit 0", "crash: accepted instead of runtime_error"),
    ('"exit code 4"', '"line 4"', "crash: does not say line 4"),
    ("  crash_says", "  empty: exit 1\n  crash_says", "empty: runtime_error"),
    ("echo 1.2", "exit 1", "version: runtime_error"),
    (SELFTEST, "", "its file has no selftest"),
])
def test_what_does_not_work_is_told_and_fails(toy, was, by, why):
    text = TOY + SELFTEST
    assert was in text
    done = toy(text.replace(was, by), "languages", "--test")
    assert done.returncode == FAILED and why in done.stdout.decode(), done.stdout
    assert b"0 work, 1 do not, 0 are not here" in done.stdout


@pytest.mark.parametrize("was, by, missing", [
    ("run: [/bin/sh", "run: [/usr/bin/no-such-shell", "/usr/bin/no-such-shell"),
    ("version: [/bin/sh", "version: [/usr/bin/no-such-shell", "/usr/bin/no-such-shell"),
    ("packages", "needs: [/usr/lib/no-such-library]\npackages", "/usr/lib/no-such-library"),
    ("packages", "tree: [/usr/share/no-such-tree]\npackages", "/usr/share/no-such-tree"),
    # What boxes cannot see is not there, whatever the host has.
    ("run: [/bin/sh", "run: [/etc/init.d/../../bin/sh", "/etc/init.d/../../bin/sh"),
    ("packages", "needs: [/etc/passwd]\npackages", "/etc/passwd"),
])
def test_what_is_absent_says_so_and_is_not_offered(toy, was, by, missing):
    text = TOY.replace(was, by) + SELFTEST
    why = f"there is no {missing}; Debian has it in toy-shell"
    done = toy(text, "languages")
    assert done.returncode == OK and why in done.stdout.decode() and re.search(rb"^toy .* no ", done.stdout, re.M)
    done = toy(text, "run", "-", stdin=b'{"code": "", "language": "toy"}')
    assert done.returncode == REFUSED
    assert json.loads(done.stdout)["error"] == f"language: toy is not installed here: {why}"
    done = toy(text, "run", "-", stdin=b'{"code": "", "language": "klingon"}')
    assert json.loads(done.stdout)["error"] == "language: is not known; known are: "
    done = toy(text, "languages", "--test", "toy")
    assert done.returncode == FAILED and why in done.stdout.decode()


def test_names_are_checked():
    assert kodewar("languages", "--test", "klingon").returncode == REFUSED
    assert kodewar("languages", "python").returncode == REFUSED


# ---- releases, memory, the tree ----

def run(log, **request):
    done = kodewar("run", *log, "-", stdin=json.dumps(request).encode())
    return json.loads(done.stdout)


@pytest.mark.parametrize("name, release", [
    ("lua@5.1", "5.1"), ("lua@5.2", "5.2"), ("Lua@5.3", "5.3"), ("lua@5.4", "5.4"), ("LUA", "5.4"), ("lua5.1", "5.1")])
def test_releases_stand_side_by_side(log, name, release):
    assert run(log, language=name, code="print(_VERSION)")["output"] == f"Lua {release}\n"


@pytest.mark.parametrize("name, macro", [("cpp@17", "201703"), ("cpp@20", "202002"), ("c++", "202002"), ("c++17", "201703")])
def test_standards_of_one_compiler(log, name, macro):
    code = "#include <cstdio>\nint main() { printf(\"%ld\\n\", __cplusplus); }\n"
    assert run(log, language=name, code=code)["output"] == macro + "\n"


def test_an_unknown_release_is_refused(log):
    """Those that are here are told, by the alias as well; where there is no such language, all languages are."""
    for name in ("lua@5.0", "LUA@", "lua@5.10"):
        assert run(log, language=name, code="")["error"] == "language: is not known; known are: lua@5.1, lua@5.2, lua@5.3, lua@5.4"
    assert run(log, language="Py@3.10", code="")["error"] == "language: is not known; known are: python@3.11"
    assert run(log, language="py@3.11", code="print(6 * 7)")["output"] == "42\n"
    assert "known are: ada, " in run(log, language="klingon@1", code="")["error"]


def test_releases_of_a_compiler_as_the_guide_says(toy, tmp_path):
    """c@12 is gcc 12, c the highest that is here, c@99 refused as absent with the reason, and never taken for c."""
    c = (ROOT / "languages" / "c.yaml").read_text()
    for release in ("12", "99"):
        text = c.replace("name: c\n", f'name: c\nrelease: "{release}"\n').replace("/usr/bin/gcc", f"/usr/bin/gcc-{release}")
        (tmp_path / f"c{release}.yaml").write_text(text.replace("[gcc, ", f"[gcc-{release}, "))
    code = "#include <stdio.h>\nint main(void) { return printf(\"%d\", __GNUC__) < 0; }\n"
    for name in ("c@12", "c", "GCC@12"):
        done = toy(TOY, "run", "-", stdin=json.dumps({"code": code, "language": name}).encode())
        assert json.loads(done.stdout)["output"] == "12", done.stdout
    done = toy(TOY, "run", "-", stdin=json.dumps({"code": code, "language": "c@99"}).encode())
    assert json.loads(done.stdout)["error"] == (
        "language: c@99 is not installed here: there is no /usr/bin/gcc-99; Debian has it in gcc-99 libc6-dev")


CHECKED = """import * as fs from 'fs';
import readline from 'readline';
import { EventEmitter } from 'node:events';
import { performance } from 'perf_hooks';
import path = require('path');
import { Readable } from 'stream';
import type { Worker } from 'worker_threads';

class Counter extends EventEmitter { count = 0; add(n: number): void { this.count += n; this.emit('added', n); } }
const text: string = fs.readFileSync(0, 'utf8');
const raw: Buffer = Buffer.from(text.trim(), 'utf-8');
const counter = new Counter();
const memo: Record<string, number> = {};
let timer: NodeJS.Timeout | undefined;
let unused: Readable | Worker | null = null;
counter.on('added', (n) => { memo[n] = (memo[n] ?? 0) + 1; });
for (const line of raw.toString().split('\\n')) counter.add(parseInt(line, 10));
const rl = readline.createInterface({ input: process.stdin, terminal: false });
rl.on('line', (line) => counter.add(line.length)).on('close', () => {
  timer = setTimeout((what: string) => process.stdout.write(`${what} ${counter.count} ${path.basename(__filename)}\\n`), 1, 'sum');
});
async function slow<T>(value: T): Promise<T> { return await new Promise((done) => setImmediate(() => done(value))); }
slow(performance.now() >= 0 && process.hrtime.bigint() > 0n).then((ok) => { if (!ok || unused) process.exit(1); });
"""


def test_types_are_checked_on_request(log):
    """What programs use of Node passes; a type that does not fit is a compile error where it was asked for, and only there."""
    result = run(log, language="typescript-checked", code=CHECKED, stdin="3\n4\n")
    assert result["output"] == "sum 7 main.js\n", result
    wrong = "const line: number = require('fs').readFileSync(0, 'utf8').length;\nlet text: string = line;\nconsole.log(text);\n"
    assert run(log, language="typescript", code=wrong, stdin="123")["output"] == "3\n"
    result = run(log, language="TS-Checked", code=wrong, stdin="123")
    assert result["verdict"] == "compile_error"
    assert "main.ts(2,5): error TS2322: Type 'number' is not assignable to type 'string'." in result["error"]


def test_a_heap_fits_its_box(log):
    """What asks for more than its box has meets its own runtime's error, in time to tell of it."""
    code = """class Main { public static void main(String[] args) {
        System.out.println(Runtime.getRuntime().maxMemory() >> 20);
        try { System.out.println(new long[1 << 28].length); } catch (OutOfMemoryError e) { System.out.println("caught"); }
    } }"""
    case = {"input": "", "expected": ""}
    result = run(log, language="java", code=code, limits={"memory_kb": 1 << 20},
                 test_cases=[case, {**case, "limits": {"memory_kb": 1 << 18}}])
    large, small = [case["actual"].split() for case in result["test_results"]]
    assert 700 < int(large[0]) < 800 and 150 < int(small[0]) < 200 and large[1] == small[1] == "caught"


def test_boxes_see_what_their_languages_need_and_no_more_of_it(log, listed):
    """Paths that languages ask for are bound read-only; what lies beside them is not there."""
    code = """for d in /etc /usr/share /var; do ls -A $d 2>/dev/null | sed "s|^|$d/|"; done
        touch /usr/share/perl/x /usr/share/ghc/package.conf.d/x 2>/dev/null && echo written"""
    seen = set(run(log, language="bash", code=code)["output"].split())
    wanted = set()
    for file in FILES:
        if not listed[id_of(file)]["available"]:
            continue
        for path in re.findall(r"/[^],\s\"]+", (re.search(r"^tree: (.*)$", file.read_text(), re.M) or [""])[0]):
            wanted.add("/".join(path.split(":")[-1].split("/")[:4 if path.split(":")[-1].startswith("/usr") else 3]))
    ours = {f"/etc/{name}" for name in ("passwd", "group", "hosts", "hostname", "nsswitch.conf", "kodewar", "ld.so.cache",
                                        "alternatives")} | {
        f"/usr/share/{name}" for name in ("nodejs", "node_modules", "zoneinfo")}
    assert seen <= wanted | ours, seen - wanted - ours
    assert {"/usr/share/perl", "/usr/share/ghc", "/etc/mono"} <= seen


@pytest.mark.parametrize("release", ["17", "20"])
def test_the_whole_library_is_compiled_ahead(tmp_path, log, release):
    """<bits/stdc++.h> costs half of what it costs elsewhere at most; it is the compiler itself that tells it was taken."""
    made = subprocess.run([ROOT / "tools" / "precompile-headers.sh", "--check"], capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    text = (ROOT / "languages" / f"cpp{release}.yaml").read_text().replace("-pipe", "-pipe, -H")
    ahead = f" -I/usr/lib/kodewar/pch/{release},"
    assert text.count(ahead) == 1
    code = "#include <bits/stdc++.h>\nint main() { std::cout << 42; }\n"
    spent = {}
    for name, file in (("with", text), ("without", text.replace(ahead, ""))):
        (tmp_path / "cpp.yaml").write_text(file)
        for _ in range(3):
            done = kodewar("run", "--languages-dir", tmp_path, *log, "-", stdin=json.dumps({"language": "cpp", "code": code}).encode())
            result = json.loads(done.stdout)
            assert result["output"] == "42"
            assert (f"! /usr/lib/kodewar/pch/{release}/" in result["compile"]["output"]) == (name == "with")
            spent[name] = min(spent.get(name, 1 << 30), result["compile"]["usage"]["cpu_ms"])
    assert spent["with"] <= 0.5 * spent["without"], spent


# ---- the documents ----

def test_the_table_of_the_document_is_that_of_the_program(listed):
    """docs/LANGUAGES.md lists every language with its names, endings and packages."""
    text = (ROOT / "docs" / "LANGUAGES.md").read_text()
    rows = {row[0]: row[1:] for row in re.findall(r"^\| `([^`]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", text, re.M)}
    assert set(rows) == set(listed)
    for name, (title, names, endings, packages) in rows.items():
        row = listed[name]
        assert (title, names.split(), endings.split(), packages.split()) == (
            row["title"], row["aliases"], row["extensions"], row["packages"]), name


def test_adding_a_language_is_what_the_guide_says(toy):
    """HACKING.md's example, as it stands there, is a language."""
    text = (ROOT / "HACKING.md").read_text()
    example = re.search(r"\*\*Add a language\.\*\*[^\n]*\n\n((?:    [^\n]*\n)+)", text)[1]
    lines = [line.removeprefix("    ") for line in example.splitlines(keepends=True)]
    assert len(lines) <= 10
    c = (ROOT / "languages" / "c.yaml").read_text()
    programs = c[c.index("selftest:"):].replace("main.c:5: main: Assertion", "main.c:5: int main")
    done = toy("".join(lines) + programs, "languages", "--test")
    assert done.returncode == OK, done.stdout
    name = re.search(r"^name: (.*)$", "".join(lines), re.M)[1]
    code = "#include <stdio.h>\nint main(void) { puts(__VERSION__); }\n"
    done = toy("".join(lines), "run", "-", stdin=json.dumps({"code": code, "language": name}).encode())
    assert json.loads(done.stdout)["output"].lower().find(name) >= 0
