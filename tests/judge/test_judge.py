# SPDX-License-Identifier: Apache-2.0
"""`kodewar judge` by the real binary on packages written for it: verdicts, limits, reports, exit codes."""

import json
import os
import pathlib
import pty
import shutil
import xml.etree.ElementTree

import pytest

from packages import FAILED, OK, PACKAGES, REFUSED, copy_sum, judge, rows_of, write

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUM = PACKAGES / "sum"
SUM_ROWS = {
    "accepted/sum.c": "accepted", "accepted/sum.py": "accepted", "accepted/two": "accepted",
    "wrong_answer/positive.py": "wrong_answer", "time_limit_exceeded/forever.py": "time_limit",
    "run_time_error/overflow.c": "runtime_error"}


@pytest.fixture(name="package")
def fixture_package(tmp_path):
    return copy_sum(tmp_path)


class TestVerify:
    def test_examples_get_what_their_folders_promise(self):
        done = judge("--verify", "--json", SUM)
        report = json.loads(done.stdout)
        assert done.returncode == OK and done.stderr == b""
        assert {path: row["verdict"] for path, row in rows_of(report).items()} == SUM_ROWS
        assert report["good"] and all(row["good"] for row in report["submissions"])
        assert (report["package"], report["tests"], report["memory_kb"]) == ("Sum", 4, 256 * 1024)
        assert report["cpu_ms"] % 1000 == 0 and report["cpu_ms"] >= 1000

    def test_one_that_breaks_its_promise_is_named(self, package):
        shutil.copy(package / "submissions/accepted/sum.py", package / "submissions/wrong_answer/right.py")
        done = judge("--verify", package)
        lines = done.stdout.decode().splitlines()
        assert done.returncode == FAILED
        assert [line.split()[0] for line in lines if "NOT as promised: wrong_answer" in line] == ["wrong_answer/right.py"]
        assert lines[-1] == "3 of 4 submissions got the verdict that was promised"

    def test_flags_tolerances_and_limits_of_the_package(self):
        done = judge("--verify", "--json", PACKAGES / "float")
        report = json.loads(done.stdout)
        assert done.returncode == OK and report["cpu_ms"] == 700
        rows = rows_of(report)
        # The group of words has flags of its own; outside it case is nothing.
        tests = {t["name"]: t["verdict"] for t in rows["wrong_answer/lower_case.py"]["tests"]}
        assert tests == {"secret/1": "accepted", "secret/2": "accepted", "secret/words/1": "wrong_answer"}
        assert rows["wrong_answer/rough.py"]["tests"][0]["verdict"] == "wrong_answer"

    def test_scores_of_groups(self):
        done = judge("--verify", "--json", PACKAGES / "score")
        rows = rows_of(json.loads(done.stdout))
        assert done.returncode == OK
        assert {path: (row["verdict"], row["score"], row["passed"]) for path, row in rows.items()} == {
            "accepted/all.py": ("accepted", 100, 7), "partially_accepted/small.py": ("partial", 50, 5),
            "partially_accepted/none.py": ("partial", 0, 0)}

    def test_polygon(self):
        done = judge("--verify", "--json", PACKAGES / "polygon")
        report = json.loads(done.stdout)
        assert done.returncode == OK and (report["format"], report["package"]) == ("polygon", "Halves")
        assert (report["cpu_ms"], report["memory_kb"], report["tests"]) == (600, 65536, 3)
        assert {path: row["verdict"] for path, row in rows_of(report).items()} == {
            "solutions/main.py": "accepted", "solutions/whole.py": "wrong_answer",
            "solutions/hungry.py": "memory_limit", "solutions/loop.py": "time_limit"}
        assert rows_of(report)["solutions/whole.py"]["tests"][0]["name"] == "tests/01"

    def test_polygon_with_files_in_the_place_of_stdin_and_stdout(self, tmp_path):
        shutil.copytree(PACKAGES / "polygon", tmp_path / "polygon")
        problem = tmp_path / "polygon/problem.xml"
        write(problem, problem.read_text().replace('input-file="" output-file=""', 'input-file="in.txt" output-file="out.txt"'))
        write(tmp_path / "good.py", "open('out.txt', 'w').write(str(int(open('in.txt').read()) / 2))\n")
        done = judge("--json", tmp_path / "polygon", tmp_path / "good.py", tmp_path / "polygon/solutions/main.py")
        assert {path.rsplit("/", 1)[-1]: row["verdict"] for path, row in rows_of(json.loads(done.stdout)).items()} == {
            "good.py": "accepted", "main.py": "runtime_error"}

    def test_an_interactive_problem(self):
        done = judge("--verify", "--json", PACKAGES / "talk")
        rows = rows_of(json.loads(done.stdout))
        assert done.returncode == OK, done.stdout
        assert {path: (row["verdict"], row["passed"]) for path, row in rows.items()} == {
            "accepted/halves.py": ("accepted", 2), "wrong_answer/one_by_one.py": ("wrong_answer", 1),
            "wrong_answer/gives_up.py": ("wrong_answer", 1), "run_time_error/crash.py": ("runtime_error", 1),
            "time_limit_exceeded/thinks.py": ("time_limit", 1)}
        last = rows["wrong_answer/one_by_one.py"]["tests"][1]
        assert last["detail"] == "too many guesses" and last["transcript"].startswith("<1000\n>1\n<higher\n>2\n")

    def test_a_validator_of_its_own(self):
        done = judge("--verify", "--json", PACKAGES / "guess")
        rows = rows_of(json.loads(done.stdout))
        assert done.returncode == OK, done.stdout
        assert {path: row["passed"] for path, row in rows.items()} == {
            "accepted/least.py": 2, "accepted/most.py": 2, "wrong_answer/four.py": 1, "wrong_answer/itself.py": 0}
        assert rows["wrong_answer/four.py"]["tests"][1]["detail"] == "no proper divisor of 35"

    def test_polygon_with_a_checker(self):
        done = judge("--verify", "--json", PACKAGES / "checker")
        rows = rows_of(json.loads(done.stdout))
        assert done.returncode == OK, done.stdout
        assert {path: row["verdict"] for path, row in rows.items()} == {
            "solutions/any.py": "accepted", "solutions/same.py": "wrong_answer", "solutions/words.py": "presentation_error"}
        assert rows["solutions/same.py"]["tests"][0]["detail"] == "the two are the same"

    def test_a_validator_that_fails_is_nobodys_wrong_answer(self, tmp_path):
        shutil.copytree(PACKAGES / "guess", tmp_path / "guess")
        write(tmp_path / "guess/output_validators/check/main.py", "raise SystemExit(0)\n")
        done = judge("--verify", "--json", tmp_path / "guess")
        row = rows_of(json.loads(done.stdout))["wrong_answer/itself.py"]
        assert done.returncode == FAILED and row["verdict"] == "internal_error" and not row["good"]
        assert "the checker failed: exit code 0 is no answer" in row["tests"][0]["detail"]

    def test_polygons_checker_judges_what_the_interactor_leaves(self, tmp_path):
        package = tmp_path / "checker"
        shutil.copytree(PACKAGES / "checker", package)
        write(package / "files/talk.py", "import sys\nprint(open(sys.argv[1]).read(), flush=True)\nsaid = sys.stdin.read()\n"
              "open(sys.argv[2], 'w').write(said.replace('say: ', ''))\nsys.exit('say: ' not in said)\n")
        problem = (package / "problem.xml").read_text()
        write(package / "problem.xml", problem.replace(
            "<checker ", '<interactor><source path="files/talk.py" type="python.3"/></interactor><checker '))
        for name, said in {"good": "say: 1 {}", "same": "say: 5 5", "words": "say: no", "mute": "1 {}"}.items():
            write(tmp_path / f"{name}.py", f"print('{said}'.format(int(input()) - 1))\n")
        rows = rows_of(json.loads(judge("--json", package, *(tmp_path / f"{n}.py" for n in ("good", "same", "words", "mute"))).stdout))
        assert {pathlib.Path(path).stem: row["verdict"] for path, row in rows.items()} == {
            "good": "accepted", "same": "wrong_answer", "words": "presentation_error", "mute": "wrong_answer"}

    def test_a_checker_that_cannot_be_compiled(self, tmp_path):
        shutil.copytree(PACKAGES / "checker", tmp_path / "checker")
        (tmp_path / "checker/files/mini.h").unlink()
        done = judge("--json", tmp_path / "checker", tmp_path / "checker/solutions/any.py")
        row = json.loads(done.stdout)["submissions"][0]
        assert done.returncode == FAILED and row["verdict"] == "internal_error" and "mini.h" in row["error"]

    def test_an_example_that_cannot_be_judged_is_no_success(self, package):
        examples = package / "submissions/accepted"
        write(examples / "sum.unknown", "x")
        write(examples / "both/a.py", "")
        write(examples / "both/b.py", "")
        write(examples / "two/deep/x.txt", "")
        done = judge("--verify", "--json", package)
        rows = rows_of(json.loads(done.stdout))
        assert done.returncode == FAILED and rows["accepted/sum.py"]["good"]
        for name, rule in [("sum.unknown", "the ending of no language"), ("both", "more than one source"), ("two", "holds folders")]:
            row = rows[f"accepted/{name}"]
            assert row["verdict"] is None and not row["good"] and rule in row["error"]

    def test_what_promises_nothing_is_told(self, package):
        write(package / "submissions/mixed/a.py", "")
        write(package / "submissions/mixed/b.py", "")
        write(package / "submissions/zoo/c.py", "")
        write(package / "submissions/readme.txt", "")
        shutil.rmtree(package / "submissions/accepted/two")
        done = judge("--verify", package)
        assert done.returncode == OK and done.stderr.decode().endswith("no verdict: submissions/mixed, submissions/zoo\n")

    def test_a_package_without_examples_is_refused(self, package):
        shutil.rmtree(package / "submissions")
        done = judge("--verify", package)
        assert done.returncode == REFUSED and b"submissions: holds no example" in done.stderr


class TestSubmissions:
    def test_stops_at_the_first_failure(self, package):
        done = judge("--json", package, SUM / "submissions/wrong_answer/positive.py")
        row = json.loads(done.stdout)["submissions"][0]
        assert done.returncode == FAILED and row["verdict"] == "wrong_answer" and row["passed"] == 2
        assert [t["verdict"] for t in row["tests"]] == ["accepted", "accepted", "wrong_answer", "skipped"]
        assert row["tests"][2]["detail"].startswith("line 1") and '"-2"' in row["tests"][2]["detail"]

    def test_all_runs_every_test(self, package):
        done = judge("--json", "--all", package, SUM / "submissions/wrong_answer/positive.py")
        row = json.loads(done.stdout)["submissions"][0]
        assert [t["verdict"] for t in row["tests"]] == ["accepted", "accepted", "wrong_answer", "accepted"]
        assert (row["passed"], row["verdict"]) == (3, "wrong_answer")

    def test_many_in_the_order_in_which_they_were_named(self, package):
        names = ["accepted/sum.py", "run_time_error/overflow.c", "accepted/sum.c", "accepted/two"]
        done = judge("--json", package, *(SUM / "submissions" / name for name in names))
        got = [(pathlib.Path(row["path"]).name, row["language"], row["verdict"])
               for row in json.loads(done.stdout)["submissions"]]
        assert got == [("sum.py", "python", "accepted"), ("overflow.c", "c", "runtime_error"),
                       ("sum.c", "c", "accepted"), ("two", "python", "accepted")]
        assert done.returncode == FAILED

    def test_tests_stand_in_the_order_of_their_names(self, package):
        shutil.rmtree(package / "data/secret")
        names = ["1", "1/1", "1/10", "1/2", "1-a", "1-a/0", "10", "a/b/1", "a-b/1"]
        for name in reversed(names):
            write(package / f"data/secret/{name}.in", "1 2\n")
            write(package / f"data/secret/{name}.ans", "3\n")
        done = judge("--json", package, SUM / "submissions/accepted/sum.c")
        tests = [t["name"] for t in json.loads(done.stdout)["submissions"][0]["tests"]]
        assert tests == ["sample/1", *(f"secret/{name}" for name in names)]

    def test_groups_may_go_on_and_say_the_worst(self, package):
        write(package / "data/testdata.yaml", "on_reject: continue\n")
        write(package / "data/secret/testdata.yaml", "grader_flags: worst_error\n")
        source = write(package / "x.py", "n = input()\nif n == '5 -7':\n    raise SystemExit(1)\nprint(n)\n")
        row = json.loads(judge("--json", package, source).stdout)["submissions"][0]
        assert row["verdict"] == "runtime_error" and row["score"] is None
        assert [t["verdict"] for t in row["tests"]] == ["wrong_answer", "wrong_answer", "runtime_error", "wrong_answer"]

    def test_the_limit_is_measured_by_the_accepted_examples(self):
        done = judge("--json", SUM, SUM / "submissions/time_limit_exceeded/forever.py")
        report = json.loads(done.stdout)
        assert report["cpu_ms"] == 1000 and len(report["submissions"]) == 1
        assert report["submissions"][0]["verdict"] == "time_limit"

    def test_a_test_that_time_ended_is_run_again_where_it_is_asked_for(self, package):
        forever = SUM / "submissions/time_limit_exceeded/forever.py"
        row = json.loads(judge("--json", "--repeat", "2", "-L", "cpu_ms=50", package, forever).stdout)["submissions"][0]
        assert row["verdict"] == "time_limit" and [t["runs"] for t in row["tests"]] == [3, 0, 0, 0]
        assert row["tests"][0]["detail"].endswith("The best of 3 runs.")

    def test_factors_of_a_language_are_multiplied_into_the_packages_limit(self, package, tmp_path):
        for file in (ROOT / "languages").glob("*.yaml"):
            text = file.read_text()
            write(tmp_path / "languages" / file.name, text + "time_factor: 2\n" if file.name == "python.yaml" else text)
        forever = SUM / "submissions/time_limit_exceeded/forever.py"
        done = judge("--json", "--languages-dir", tmp_path / "languages", "-L", "cpu_ms=50", package, forever)
        row = json.loads(done.stdout)["submissions"][0]
        assert row["time_factor"] == 2 and "0.100 s allowed" in row["tests"][0]["detail"]

    def test_a_limit_of_the_command_line_goes_before(self, package):
        done = judge("--json", "-L", "cpu_ms=50", package, SUM / "submissions/time_limit_exceeded/forever.py")
        assert json.loads(done.stdout)["cpu_ms"] == 50

    def test_no_limit_and_no_accepted_example_is_refused(self, package):
        (package / ".timelimit").unlink()
        shutil.rmtree(package / "submissions/accepted")
        done = judge(package, SUM / "submissions/accepted/sum.py")
        assert done.returncode == REFUSED and b"cpu_ms" in done.stderr

    def test_a_compile_error_is_told(self, package, tmp_path):
        done = judge("--json", package, write(tmp_path / "bad.c", "int main(void) { return zero; }\n"))
        row = json.loads(done.stdout)["submissions"][0]
        assert (row["verdict"], row["passed"]) == ("compile_error", 0) and "zero" in row["error"]
        assert {t["verdict"] for t in row["tests"]} == {"skipped"}

    def test_language_by_name(self, package, tmp_path):
        source = write(tmp_path / "sum.txt", (SUM / "submissions/accepted/sum.py").read_text())
        refused = judge(package, source)
        assert refused.returncode == REFUSED and b"--language names one" in refused.stderr
        assert judge("--language", "python", package, source).returncode == OK

    def test_what_root_alone_may_read_is_read(self, package):
        source = package / "submissions/accepted/sum.py"
        for path in (package / "data/secret/a/1.ans", source):
            path.chmod(0o600)
        package.chmod(0o700)
        assert judge(package, source).returncode == OK

    def test_code_beyond_the_packages_bound(self, package):
        write(package / "problem.yaml", "limits: {code: 1}\n")
        source = write(package / "big.py", "#" * 1025)
        done = judge(package, source)
        assert done.returncode == REFUSED and b"1024 bytes that the package allows" in done.stderr


class TestReports:
    def test_table(self, package):
        done = judge(package, *(SUM / "submissions" / n for n in ("accepted/sum.py", "wrong_answer/positive.py")))
        lines = done.stdout.decode().splitlines()
        assert lines[0] == "Sum: 4 tests, 1.000 s of cpu each (the package's), 256 MiB"
        assert lines[2].split()[:2] == ["SUBMISSION", "VERDICT"]
        assert lines[3].split()[1:3] == ["accepted", "4/4"] and lines[4].split()[1:3] == ["wrong_answer", "2/4"]
        assert "secret/a/2: line 1" in lines[4] and lines[-1] == "1 of 2 submissions accepted"
        assert done.stderr == b""

    def test_junit(self, package, tmp_path):
        shutil.copy(package / "submissions/accepted/sum.py", package / "submissions/wrong_answer/<&\">.py")
        done = judge("--verify", "--quiet", "--junit", tmp_path / "out.xml", package)
        suite = xml.etree.ElementTree.parse(tmp_path / "out.xml").getroot()[0]
        assert done.returncode == FAILED and done.stdout == b""
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "0")
        failed = [case for case in suite if len(case)]
        assert [case.get("name") for case in failed] == ["wrong_answer/<&\">.py"]
        assert failed[0][0].tag == "failure" and "wrong_answer was promised" in failed[0][0].get("message")

    def test_progress_is_for_terminals(self, package):
        leader, follower = pty.openpty()
        done = judge(package, SUM / "submissions/accepted/sum.py", stdout=-1, stderr=follower)
        os.close(follower)
        shown = os.read(leader, 65536)
        os.close(leader)
        assert done.returncode == OK and b"/4 tests" in shown and shown.endswith(b"\r\x1b[K")
        assert b"\r" not in done.stdout

    def test_a_name_moves_no_cursor(self, package):
        write(package / "problem.yaml", 'name: "a\\e[31mb\\nc"\n')
        done = judge(package, SUM / "submissions/accepted/sum.py")
        assert done.stdout.startswith(b"a?[31mb?c: 4 tests")


@pytest.mark.parametrize("words", [[], [SUM], ["--verify"], ["--verify", SUM, SUM / "submissions/accepted/sum.py"],
                                   ["--junit", "/nowhere/x.xml", SUM, SUM / "submissions/accepted/sum.py"],
                                   [SUM, "/nowhere.py"], ["/nowhere", SUM / "submissions/accepted/sum.py"],
                                   ["-L", "cpu_ms=999999999", SUM, SUM / "submissions/accepted/sum.py"]])
def test_what_cannot_be_done_is_refused(words):
    done = judge(*words)
    assert done.returncode == REFUSED and done.stdout == b"" and done.stderr.startswith(b"kodewar judge: ")
