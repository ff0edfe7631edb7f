# SPDX-License-Identifier: Apache-2.0
"""Files out: what a program leaves in its working directory is returned, compared, or judged in the place of stdout."""

import pytest

# One of each kind, named by what becomes of it.
LEAVES = """
import os
open("plain.txt", "w").write("one\\n")
open("bytes", "wb").write(b"\\xff\\x00x")
os.mkdir("dir")
os.chmod("dir", 0o700)
fd = os.open("dir/private", os.O_CREAT | os.O_WRONLY, 0o600)
os.write(fd, b"mine")
open("empty", "w").close()
os.symlink("/etc/passwd", "link")
os.link("empty", "twin")
os.mkfifo("fifo")
open("large", "w").write("x" * 3000)
open("locked", "w").close()
os.chmod("locked", 0)
print("said")
"""
NAMES = ["plain.txt", "bytes", "dir/private", "link", "twin", "fifo", "dir", "large", "locked", "nowhere"]
WRITES = "import sys\nopen('out.txt', 'w').write(sys.stdin.read())\nprint('noise')\n"
CODES = {
    "python": "import sys\nopen('out.txt', 'w').write(open('in.txt').read() + sys.stdin.read())",
    "javascript": "const fs = require('fs'); fs.writeFileSync('out.txt', fs.readFileSync('in.txt') + fs.readFileSync(0))",
    "c": '#include <stdio.h>\nint main(void) { FILE *in = fopen("in.txt", "r"), *out = fopen("out.txt", "w"); int c;\n'
         'while ((c = getc(in)) != EOF) putc(c, out); while ((c = getchar()) != EOF) putc(c, out); return 0; }',
}


@pytest.fixture(scope="module")
def left(judge):
    return judge(LEAVES, output_files=NAMES, limits={"output_bytes": 2000})


class TestFilesOfARun:
    """`output_files` are returned after the program's end."""

    def test_plain_files_come_back_with_what_they_hold(self, left):
        assert left["files"] == {"plain.txt": "one\n", "bytes": "\ufffd\0x", "dir/private": "mine"}
        assert left["output"] == "said\n" and left["encoding_replaced"]

    def test_each_other_one_is_named_with_the_reason(self, left):
        assert left["files_missing"] == {"link": "not_plain", "twin": "not_plain", "fifo": "not_plain", "dir": "not_plain",
                                         "large": "too_large", "locked": "unreadable", "nowhere": "missing"}

    def test_base64_holds_the_raw_bytes(self, judge):
        result = judge(LEAVES, output_files=["bytes"], output_encoding="base64")
        assert result["files"] == {"bytes": "/wB4"} and not result["encoding_replaced"]

    def test_all_of_a_run_share_output_bytes(self, judge):
        result = judge("for n in 'abc': open(n, 'w').write(n * 600)", output_files=list("abc"), limits={"output_bytes": 1300})
        assert sorted(result["files"]) == ["a", "b"] and result["files_missing"] == {"c": "too_large"}

    def test_a_program_that_fails_leaves_files_too(self, judge):
        result = judge("open('a', 'w').write('so far')\nraise SystemExit(3)", output_files=["a"])
        assert result["exit_code"] == 3 and result["files"] == {"a": "so far"}

    def test_of_one_that_was_ended_nothing_is_taken(self, judge):
        result = judge("open('a', 'w').write('x')\nwhile True: pass", output_files=["a"], limits={"cpu_ms": 200})
        assert result["verdict"] == "time_limit" and result["files_missing"] == {"a": "not_taken"}


class TestInputAndOutputFile:
    """`input_file` and `output_file` take the places of stdin and stdout."""

    @pytest.mark.parametrize("language", list(CODES))
    def test_input_comes_by_a_file_and_the_answer_goes_to_one(self, judge, language):
        result = judge(CODES[language], language, input_file="in.txt", output_file="out.txt",
                       test_cases=[{"input": "1 2\n", "expected": "1 2"}, {"input": "x", "expected": "y"}])
        assert [case["actual"] for case in result["test_results"]] == ["1 2\n", "x"]
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer"]

    def test_what_is_not_written_is_a_wrong_answer(self, judge):
        case = judge("print('1')", output_file="out.txt", test_cases=[{"input": "", "expected": ""}])["test_results"][0]
        assert case["verdict"] == "wrong_answer" and case["actual"] == ""
        assert case["comment"] == "The file out.txt is not there."

    def test_a_checker_reads_the_file(self, judge):
        checker = {"language": "python", "protocol": "kattis",
                   "code": "import sys\nsys.exit(42 if sys.stdin.read() == 'right' else 43)"}
        result = judge(WRITES, output_file="out.txt", checker=checker,
                       test_cases=[{"input": "right", "expected": ""}, {"input": "left", "expected": ""},
                                   {"input": "right", "expected": "", "output_file": "other.txt"}])
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer", "wrong_answer"]
        assert result["test_results"][2]["comment"] == "The file other.txt is not there."


class TestComparedFiles:
    """`expected_files` of a case: all of them, by its comparison."""

    def test_they_decide_and_the_difference_names_one(self, judge):
        cases = [{"input": "7\n", "expected_files": {"out.txt": "7"}},
                 {"input": "8\n", "expected": "", "expected_files": {"out.txt": "9"}},
                 {"input": "7", "expected": "silence", "expected_files": {"out.txt": "7"}},
                 {"input": "7", "expected": "noise", "expected_files": {"out.txt": "7", "more.txt": ""}, "output_files": ["out.txt"]}]
        done = judge(WRITES, test_cases=cases)["test_results"]
        assert [case["verdict"] for case in done] == ["accepted"] + ["wrong_answer"] * 3
        assert done[1]["difference"] == {"line": 1, "column": 1, "expected": "9", "actual": "8", "file": "out.txt"}
        assert done[1]["comment"] == "The file out.txt is not what was expected."
        assert "file" not in done[2]["difference"]
        assert done[3]["comment"] == "The file more.txt is not there." and done[3]["files"] == {"out.txt": "7"}


class TestOutputFileRefusals:
    """Each with the field and the rule."""

    @pytest.mark.parametrize("fields, field", [
        ({"output_files": ["../a"]}, "output_files[0]"),
        ({"output_files": ["a", "/etc/passwd"]}, "output_files[1]"),
        ({"output_files": ["a\nb"]}, "output_files[0]"),
        ({"output_files": ["a", "a"]}, "output_files[1]"),
        ({"output_files": [str(n) for n in range(17)]}, "output_files"),
        ({"output_files": "a"}, "output_files"),
        ({"output_file": ""}, "output_file"),
        ({"input_file": "main.py"}, "input_file"),
        ({"test_cases": [{"input": "", "expected": "", "output_file": "/a"}]}, "test_cases[0].output_file"),
        ({"test_cases": [{"input": "", "expected_files": {"a/../b": ""}}]}, "test_cases[0].expected_files.a/../b"),
        ({"test_cases": [{"input": "", "expected_files": {}}]}, "test_cases[0].expected_files"),
        ({"test_cases": [{"input": "", "output_files": ["a"]}]}, "test_cases[0].expected"),
    ])
    def test_refused_by_name(self, judge, fields, field):
        assert judge.refuse({"code": "", "language": "python", **fields})[0] == field
