# SPDX-License-Identifier: Apache-2.0
"""Interactors: a program of the request's own that talks with the submission, both in boxes, and judges it."""

import time

import pytest

from contract import client

# Does what the interactor tells it in its first line.
ACTOR = r"""
import os, sys, time
word = sys.stdin.readline().strip()
if word == "crash": sys.exit(3)
elif word == "quit": sys.exit(0)
elif word == "say": print("hello")
elif word == "read": sys.stdin.read()
elif word == "read_crash": sys.stdin.read(); sys.exit(3)
elif word == "flood":
    while True: os.write(1, b"x" * 4096)
elif word == "loop":
    while True: pass
elif word == "mute": os.close(1); time.sleep(60)
elif word == "sleep": time.sleep(60)
else: sys.exit("never told")
"""

# The first word of its input is for the program, the second says what it does itself.
INTERACTOR = r"""
import os, sys, time
actor, word = open(sys.argv[1]).read().split()
print(actor, flush=True)
def end(code, why):
    sys.stdout.flush()
    os.write(2, why.encode())
    os._exit(code)
if word == "hear": end(0 if sys.stdin.readline() == "hello\n" else 1, "heard")
elif word == "accept": end(0, "at once")
elif word == "reject": end(1, "not even asked")
elif word == "listen": end(1, "the end after %d" % len(sys.stdin.buffer.read()))
elif word == "listen_accept": sys.stdin.read(); end(0, "the end")
elif word == "half": end(7, "points 0.5")
elif word == "abort": os.abort()
elif word == "exit9": end(9, "")
elif word == "flood":
    while True: os.write(1, b"x" * 4096)
elif word == "loop":
    while True: pass
elif word == "sleep": time.sleep(60)
"""

FAILED = "Internal error: the interactor failed: "
# The program, the interactor, the verdict, the interactor's own, how error or comment begins.
ENDS = [
    ("say", "hear", "accepted", "accepted", "heard"),
    ("quit", "hear", "wrong_answer", "wrong_answer", "heard"),
    ("say", "half", "partial", "partial", "points 0.5"),
    ("quit", "listen", "wrong_answer", "wrong_answer", "the end after 0"),
    ("say", "listen_accept", "accepted", "accepted", "the end"),
    # The interactor ended first: what it has against the program holds, what it accepts is worth what the program's end is.
    ("read", "accept", "accepted", "accepted", "at once"),
    ("read_crash", "accept", "runtime_error", "accepted", "Runtime error: exit code 3."),
    ("loop", "accept", "time_limit", "accepted", "Time limit exceeded: 0.3"),
    ("read_crash", "reject", "wrong_answer", "wrong_answer", "not even asked"),
    ("crash", "reject", "wrong_answer", "wrong_answer", "not even asked"),
    ("loop", "reject", "wrong_answer", "wrong_answer", "not even asked"),
    ("sleep", "reject", "wrong_answer", "wrong_answer", "not even asked"),
    # The program failed before the interactor had decided: whatever that makes of the end, it is the program's.
    ("crash", "listen", "runtime_error", "skipped", "Runtime error: exit code 3."),
    ("crash", "listen_accept", "runtime_error", "skipped", "Runtime error: exit code 3."),
    ("crash", "sleep", "runtime_error", "skipped", "Runtime error: exit code 3."),
    ("loop", "listen", "time_limit", "skipped", "Time limit exceeded: 0.3"),
    ("flood", "listen", "output_limit", "skipped", "Output limit exceeded"),
    ("flood", "sleep", "output_limit", "skipped", "Output limit exceeded"),
    # It closed its stdout, and that is the end of what it says.
    ("mute", "listen", "wrong_answer", "wrong_answer", "the end after 0"),
    # Two that wait for each other.
    ("read", "listen", "time_limit", "skipped", "Neither the program nor the interactor had written anything for "),
    ("sleep", "sleep", "time_limit", "skipped", "Neither the program nor the interactor had written anything for "),
    # The interactor's own failure is never the program's.
    ("read", "abort", "internal_error", "internal_error", FAILED + "Runtime error: ended by signal SIGABRT"),
    ("read_crash", "abort", "internal_error", "internal_error", FAILED + "Runtime error: ended by signal SIGABRT"),
    ("read", "exit9", "internal_error", "internal_error", FAILED + "exit code 9 is no answer"),
    ("read", "loop", "internal_error", "internal_error", FAILED + "Time limit exceeded: 0.2"),
    ("read", "flood", "internal_error", "internal_error", FAILED + "Output limit exceeded"),
    ("sleep", "flood", "internal_error", "internal_error", FAILED + "Output limit exceeded"),
]
# Only those that wait for each other are to meet their wall limit, on a busy host too.
LIMITS = {"cpu_ms": 300, "wall_ms": 20000, "output_bytes": 100000}
SHORT = {"wall_ms": 1200}
PYTHON = {"language": "python", "code": INTERACTOR, "limits": {"cpu_ms": 200, "wall_ms": 1000, "output_bytes": 100000}}
BOTH = [{"input": "say hear", "expected": ""}]


@pytest.fixture(scope="module")
def talked(judge):
    cases = [{"input": f"{actor} {word}", "expected": "", "limits": SHORT if said.startswith("Neither") else {}}
             for actor, word, _, _, said in ENDS]
    return judge(ACTOR, interactor={**PYTHON, "transcript": 1000}, limits=LIMITS, test_cases=cases)


def one(judge, code, interactor, given="", expected="", **more):
    result = judge(code, interactor={"language": "python", "code": interactor, "transcript": 1000},
                   test_cases=[{"input": given, "expected": expected}], **more)
    return result["test_results"][0]


class TestInteractor:
    @pytest.mark.parametrize("number", range(len(ENDS)), ids=["-".join(row[:2]) for row in ENDS])
    def test_who_ended_first_and_how_is_the_verdict(self, talked, number):
        _, _, verdict, own, said = ENDS[number]
        case = talked["test_results"][number]
        assert (case["verdict"], case["interactor"]["verdict"]) == (verdict, own), case
        assert any(text and text.startswith(said) for text in (case["error"], case["comment"])), case
        assert case["checker"] is None and case["difference"] is None

    def test_usage_of_the_two_is_told_apart(self, talked):
        case = talked["test_results"][[row[:2] for row in ENDS].index(("read", "loop"))]
        assert case["interactor"]["usage"]["cpu_ms"] >= 200 > case["usage"]["cpu_ms"]

    def test_the_transcript_marks_who_said_what(self, judge):
        case = one(judge, "print(int(input()) + 1); print('a\\nb', end='')",
                   "print(41, flush=True); import sys; sys.exit(sys.stdin.read() != '42\\na\\nb')")
        assert case["verdict"] == "accepted" and case["interactor"]["transcript"] == "<41\n>42\n>a\n>b"
        assert case["actual"] == "42\na\nb"

    def test_a_long_transcript_keeps_its_two_ends(self, talked):
        case = talked["test_results"][[row[:2] for row in ENDS].index(("flood", "listen"))]
        transcript = case["interactor"]["transcript"]
        assert transcript.startswith("<flood\n>xxx") and transcript.endswith("xxx") and len(transcript) < 1100
        assert "bytes left out" in transcript

    def test_without_a_bound_there_is_no_transcript(self, judge):
        result = judge(ACTOR, interactor=PYTHON, test_cases=BOTH)
        assert result["test_results"][0]["interactor"]["transcript"] is None

    def test_much_may_be_written_before_anything_is_read(self, judge):
        much = "import os, sys\nos.write(1, b'x' * 500000)\nassert len(sys.stdin.buffer.read({0})) == {0}\n"
        case = one(judge, much.format(400000), much.format(500000).replace("500000)\na", "400000)\na"))
        assert case["verdict"] == "accepted", case

    def test_many_turns(self, judge):
        turns = "for n in range(2000):\n    print(n, flush=True)\n    assert int(input()) == n\n"
        case = one(judge, "while True:\n    try: print(input(), flush=True)\n    except EOFError: break", turns)
        assert case["verdict"] == "accepted" and case["usage"]["wall_ms"] < 20000, case

    def test_it_is_compiled_once_and_its_compiler_is_told(self, judge):
        code = '#include <stdio.h>\nint main(void) { int n; puts("1"); fflush(stdout); return !(scanf("%d", &n) == 1 && n == 2); }'
        result = judge("print(int(input()) + 1)", interactor={"language": "c", "code": code},
                       test_cases=[{"input": "", "expected": ""}] * 2)
        assert result["verdict"] == "accepted" and result["interactor"]["exit_code"] == 0, result

    def test_one_that_does_not_compile_is_told_apart_from_the_program(self, judge):
        result = judge("", interactor={"language": "c", "code": "int main("}, test_cases=BOTH)
        assert result["verdict"] == "internal_error" and result["test_results"][0]["verdict"] == "skipped"
        assert result["error"].startswith("Internal error: the interactor could not be compiled: Compile error: exit code 1.")

    def test_stop_on_failure_and_points_of_groups(self, judge):
        cases = [{"input": word, "expected": "", "group": "a"} for word in ("say hear", "quit hear", "say hear")]
        result = judge(ACTOR, interactor=PYTHON, test_cases=cases, groups=[{"name": "a", "points": 10}])
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "wrong_answer", "skipped"]

    @pytest.mark.parametrize("code, verdict", [(42, "accepted"), (43, "wrong_answer"), (0, "internal_error"), (1, "internal_error")])
    def test_kattis_codes_and_arguments(self, judge, code, verdict):
        talk = ("import sys\ngiven, answer, folder, flag = sys.argv[1:]\nopen(folder + 'judgemessage.txt', 'w').write('x')\n"
                "print(open(given).read(), flush=True)\nassert sys.stdin.readline() == open(answer).read() + '\\n' and flag == 'f'\n"
                f"sys.exit({code})")
        result = judge("print(int(input()) * 2)", test_cases=[{"input": "4", "expected": "8"}],
                       interactor={"language": "python", "protocol": "kattis", "code": talk, "args": ["f"]})
        assert result["verdict"] == verdict, result


class TestInteractorOutput:
    LEAVES = "import sys\nopen(sys.argv[2], 'w').write(sys.stdin.read().upper())"
    CHECKER = {"language": "python", "code": "import sys\nsys.exit(open('output').read() != open('answer').read() + '\\n')"}

    @pytest.mark.parametrize("expected, verdict", [("HELLO", "accepted"), ("hello", "wrong_answer")])
    @pytest.mark.parametrize("checker", [None, CHECKER], ids=["compare", "checker"])
    def test_what_it_leaves_is_judged(self, judge, expected, verdict, checker):
        how = {"checker": checker} if checker else {"compare": "tokens"}
        result = judge("print('hello')", interactor={"language": "python", "code": self.LEAVES, "output": True},
                       test_cases=[{"input": "", "expected": expected}], **how)
        case = result["test_results"][0]
        assert (case["verdict"], case["interactor"]["verdict"]) == (verdict, "accepted"), case
        assert (case["checker"] is None) == (checker is None)

    def test_it_is_not_looked_at_where_the_interactor_rejects(self, judge):
        result = judge("", interactor={"language": "python", "code": "import sys; sys.exit(1)", "output": True}, checker=self.CHECKER,
                       test_cases=[{"input": "", "expected": ""}])
        assert result["verdict"] == "wrong_answer" and result["test_results"][0]["checker"] is None

    def test_one_that_leaves_nothing_has_failed(self, judge):
        result = judge("", interactor={"language": "python", "code": "", "output": True}, test_cases=[{"input": "", "expected": ""}])
        assert result["verdict"] == "internal_error" and result["error"] == FAILED + "its file output is not there.", result


class TestInteractorSecrecy:
    def test_the_program_sees_neither_input_nor_answer_nor_the_other_box(self, judge):
        hunt = ("import os, sys\nfor d, _, names in os.walk('/box'): print(d, sorted(names))\n"
                "print([k for k in os.environ.values() if 'SECRET' in k])\n"
                "print(sum(b'SECRET' in open('/proc/%s/cmdline' % p, 'rb').read() for p in os.listdir('/proc') if p.isdigit()))\n"
                "print(repr(input()))")
        case = one(judge, hunt, "import sys; print('SECRET' in open('input').read(), flush=True); sys.stdin.read()", "SECRET", "SECRET")
        lines = case["actual"].splitlines()
        assert lines[0] == "/box ['main.py']" and lines[1] == "[]" and lines[2] == "0" and lines[3] == "'True'", case

    @pytest.mark.parametrize("attack", [
        "os.open('/proc/self/fd/0', os.O_WRONLY)", "os.open('/proc/self/fd/1', os.O_RDONLY)", "os.write(0, b'x')", "os.read(1, 1)"])
    def test_a_pipe_goes_one_way(self, judge, attack):
        code = f"import os\ntry: {attack}\nexcept OSError: print('refused')"
        assert one(judge, code, "import sys; sys.exit(sys.stdin.read() != 'refused\\n')")["verdict"] == "accepted"

    def test_what_one_does_to_its_pipes_does_not_stop_the_other(self, judge):
        code = ("import fcntl, os\nfor fd in (0, 1):\n    try: fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096)\n    except OSError: pass  # there is more in it already\n    os.set_blocking(fd, False)\n"
                "os.set_blocking(0, True)\nprint(len(input()))")
        assert one(judge, code, "import sys; print('x' * 200000, flush=True); sys.exit(sys.stdin.read() != '200000\\n')")["verdict"] == "accepted"

    def test_a_rejected_program_does_not_use_up_its_limits(self, judge):
        began = time.monotonic()
        assert one(judge, "while True: pass", "import sys; sys.exit(1)")["verdict"] == "wrong_answer"
        assert time.monotonic() - began < 10


class TestInteractorRefusals:
    @pytest.mark.parametrize("change, field, rule", [
        ({"interactor": None}, "interactor", "must be an object"),
        ({"interactor": {"language": "c"}}, "interactor.code", "is required"),
        ({"interactor": {**PYTHON, "language": "klingon"}}, "interactor.language", "is not known"),
        ({"interactor": {**PYTHON, "protocol": "spj"}}, "interactor.protocol", "must be"),
        ({"interactor": {**PYTHON, "transcript": 65537}}, "interactor.transcript", "must be at most 65536"),
        ({"interactor": {**PYTHON, "transcript": -1}}, "interactor.transcript", "must be an integer"),
        ({"interactor": {**PYTHON, "limits": {"cpu_ms": 10**9}}}, "interactor.limits.cpu_ms", "must be at most"),
        ({"interactor": {**PYTHON, "files": [{"name": "answer", "content": ""}]}}, "interactor.files[0].name", "that each case brings"),
        ({"interactor": PYTHON, "input_file": "a"}, "input_file", "is refused together with interactor"),
        ({"interactor": PYTHON, "output_file": "a"}, "output_file", "is refused together with interactor"),
        ({"interactor": PYTHON, "test_cases": [{"input": "", "expected": "", "expected_files": {"a": "b"}}]}, "test_cases[0].expected_files",
         "is refused together with interactor"),
        ({"interactor": PYTHON, "repeat": 1}, "repeat", "is refused together with interactor"),
        ({"interactor": PYTHON, "compare": "trim"}, "compare", "is refused together with interactor"),
        ({"interactor": PYTHON, "checker": {"language": "c", "code": ""}}, "checker", "is refused together with interactor"),
        ({"interactor": PYTHON, "function": {"name": "f"}, "test_cases": [{"input": "[]", "expected": "1"}]}, "function",
         "is refused together with interactor"),
        ({"interactor": {**PYTHON, "output": True, "protocol": "kattis"}}, "interactor.output", "the protocol knows of no such file"),
        ({"interactor": PYTHON, "test_cases": []}, "interactor", "needs test_cases"),
    ])
    def test_what_breaks_a_rule_is_refused(self, judge, change, field, rule):
        refused = judge.refuse({"code": "", "language": "python", "test_cases": [{"input": "", "expected": ""}], **change})
        assert refused[0] == field and rule in refused[1], refused

    def test_one_lane_is_not_enough(self):
        body = client.encode({"code": "", "language": "python", "interactor": PYTHON, "test_cases": BOTH})
        answer = client.call(body, arguments=("run", "--lanes", "1", "-"))
        assert answer.returncode == 2 and answer.json["error"].startswith("interactor: needs two boxes at once"), answer
