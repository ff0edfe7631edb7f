# SPDX-License-Identifier: Apache-2.0
"""Requests that are refused, each by field and rule."""

import json

import pytest

from contract import client

CODE = {"code": "print(1)", "language": "python"}
CASE = {"input": "1", "expected": "1"}
FILE = {"name": "a.txt", "content": "x"}


def with_(**fields):
    return {**CODE, **fields}


def without(name):
    return {key: value for key, value in CODE.items() if key != name}


def with_case(**fields):
    return with_(test_cases=[CASE, {**CASE, **fields}])


def with_file(**fields):
    return with_(files=[FILE, {"name": "b.txt", "content": "x", **fields}])


def with_limits(**limits):
    return with_(limits=limits)


STRING, ARRAY, OBJECT = "must be a string", "must be an array", "must be an object"
BOOLEAN, COUNT, NUL = "must be true or false", "must be an integer of at least 1", "must not hold NUL"
UNKNOWN, REQUIRED, MOST = "is not a known field", "is required", "must have at most"
COMPONENT, CAP = "must be one path component", "must be at most"
ENCODING, JSON, TWICE = 'must be "utf-8" or "base64"', "is not valid JSON", "appears twice"
TOLERANCE = "must be a number of at least 0"
MODES = "must be one of trim, exact, tokens, float, unordered, tokens_ignore_case, sorted_lines, regex"

# (what is wrong, request or bytes, field, beginning of the rule)
TABLE = [
    # The body.
    ("an empty body", b"", "body", "is empty"),
    ("white space only", b" \n", "body", JSON),
    ("a word", b"hello", "body", JSON),
    ("an open object", b'{"code": "print(1)"', "body", JSON),
    ("an open string", b'{"code": "print(1)', "body", JSON),
    ("a trailing comma", b'{"code": "", "language": "python",}', "body", JSON),
    ("a comment", b'{"code": "", /* */ "language": "python"}', "body", JSON),
    ("single quotes", b"{'code': '', 'language': 'python'}", "body", JSON),
    ("a raw control character", b'{"code": "\x01", "language": "python"}', "body", JSON),
    ("text after the end", b'{"code": "", "language": "python"} x', "body", JSON),
    ("a second value", b'{"code": "", "language": "python"}{}', "body", JSON),
    ("a byte order mark", b'\xef\xbb\xbf{"code": "", "language": "python"}', "body", JSON),
    ("NUL after the end", b'{"code": "", "language": "python"}\0', "body", JSON),
    ("invalid UTF-8", b'{"code": "\xff", "language": "python"}', "body", JSON),
    ("overlong UTF-8", b'{"code": "\xc0\x80", "language": "python"}', "body", JSON),
    ("UTF-8 of a surrogate", b'{"code": "\xed\xa0\x80", "language": "python"}', "body", JSON),
    ("UTF-16", '{"code": ""}'.encode("utf-16"), "body", JSON),
    ("a lone surrogate", b'{"code": "\\ud800", "language": "python"}', "body", JSON),
    ("a wrong escape", b'{"code": "\\x41", "language": "python"}', "body", JSON),
    ("NUL in a field's name", b'{"code\\u0000": "", "language": "python"}', "body", JSON),
    ("deep nesting", b"[" * 50000, "body", JSON),
    ("too many values", b"[" + b"1," * 100000 + b"1]", "body", "has more than"),
    ("NaN", b'{"code": "", "language": "python", "limits": {"cpu_ms": NaN}}', "body", JSON),
    ("an integer beyond 64 bits", b'{"code": "", "language": "python", "limits": {"cpu_ms": 1' + b"0" * 30 + b"}}",
     "body", "has a number out of range"),
    ("a real beyond its range", b'{"code": "", "language": "python", "compare": {"mode": "float", "abs": 1e999}}',
     "body", "has a number out of range"),
    ("null", b"null", "body", OBJECT),
    ("an array", b"[]", "body", OBJECT),
    ("a string", b'"code"', "body", OBJECT),
    ("a number", b"1", "body", OBJECT),
    ("a double key", b'{"code": "1", "language": "python", "code": "2"}', "code", TWICE),
    ("a double key below", b'{"code": "", "language": "python", "test_cases": '
     b'[{"input": "1", "expected": "1", "input": "1"}]}', "test_cases[0].input", TWICE),
    # The seed's fields.
    ("nothing at all", {}, "code", REQUIRED),
    ("no code", without("code"), "code", REQUIRED),
    ("no language", without("language"), "language", REQUIRED),
    ("code null", with_(code=None), "code", STRING),
    ("code a number", with_(code=1), "code", STRING),
    ("code an array", with_(code=["print(1)"]), "code", STRING),
    ("language null", with_(language=None), "language", STRING),
    ("language a number", with_(language=3), "language", STRING),
    ("language empty", with_(language=""), "language", "is not known"),
    ("language unknown", with_(language="klingon"), "language", "is not known"),
    ("language a path", with_(language="../python"), "language", "is not known"),
    ("language with a blank", with_(language="python "), "language", "is not known"),
    ("NUL in language", with_(language="python\0"), "language", NUL),
    ("test_cases null", with_(test_cases=None), "test_cases", ARRAY),
    ("test_cases an object", with_(test_cases={}), "test_cases", ARRAY),
    ("test_cases a string", with_(test_cases="1"), "test_cases", ARRAY),
    ("1001 test cases", with_(test_cases=[CASE] * 1001), "test_cases", MOST + " 1000"),
    ("a case null", with_(test_cases=[CASE, None]), "test_cases[1]", OBJECT),
    ("a case an array", with_(test_cases=[["1", "1"]]), "test_cases[0]", OBJECT),
    ("a case without input", with_(test_cases=[CASE, {"expected": "1"}]), "test_cases[1].input", REQUIRED),
    ("a case without expected", with_(test_cases=[{"input": "1"}]), "test_cases[0].expected", REQUIRED),
    ("input a number", with_case(input=7), "test_cases[1].input", STRING),
    ("input null", with_case(input=None), "test_cases[1].input", STRING),
    ("expected a number", with_case(expected=49), "test_cases[1].expected", STRING),
    ("expected null", with_case(expected=None), "test_cases[1].expected", STRING),
    ("a case with an unknown field", with_case(output="1"), "test_cases[1].output", UNKNOWN),
    # Unknown fields: also those of results, and near misses.
    ("an unknown field", with_(foo=1), "foo", UNKNOWN),
    ("an empty name", with_(**{"": 1}), "body", UNKNOWN),
    ("a field in other letters", with_(Stdin="x"), "Stdin", UNKNOWN),
    ("a field of results", with_(status="success"), "status", UNKNOWN),
    ("a misspelt field", with_(testcases=[]), "testcases", UNKNOWN),
    # stdin, args, env.
    ("stdin null", with_(stdin=None), "stdin", STRING),
    ("stdin a number", with_(stdin=7), "stdin", STRING),
    ("stdin together with test cases", with_(stdin="1", test_cases=[CASE]), "stdin", "is refused together"),
    ("empty stdin together with test cases", with_(stdin="", test_cases=[CASE]), "stdin", "is refused together"),
    ("args null", with_(args=None), "args", ARRAY),
    ("args a string", with_(args="-v"), "args", ARRAY),
    ("args of numbers", with_(args=["a", 1]), "args[1]", STRING),
    ("NUL in args", with_(args=["a\0b"]), "args[0]", NUL),
    ("257 args", with_(args=["a"] * 257), "args", MOST + " 256"),
    ("args too long", with_(args=["a" * 200000]), "args", "args and env together"),
    ("env null", with_(env=None), "env", OBJECT),
    ("env an array", with_(env=["A=1"]), "env", OBJECT),
    ("env with a number", with_(env={"A": 1}), "env.A", STRING),
    ("NUL in env's value", with_(env={"A": "x\0"}), "env.A", NUL),
    ("NUL in env's name", with_(env={"A\0": "x"}), "body", JSON),
    ("an empty name in env", with_(env={"": "x"}), "env.", "must be a name"),
    ("an equals sign in env's name", with_(env={"A=B": "x"}), "env.A=B", "must be a name"),
    ("a digit first in env's name", with_(env={"1A": "x"}), "env.1A", "must be a name"),
    ("a dash in env's name", with_(env={"A-B": "x"}), "env.A-B", "must be a name"),
    ("257 entries in env", with_(env={f"A{n}": "" for n in range(257)}), "env", MOST + " 256"),
    ("env too long", with_(env={"A": "a" * 200000}), "env", "args and env together"),
    # files.
    ("files null", with_(files=None), "files", ARRAY),
    ("files an object", with_(files={"a.txt": "x"}), "files", ARRAY),
    ("a file a string", with_(files=["a.txt"]), "files[0]", OBJECT),
    ("a file without a name", with_(files=[{"content": "x"}]), "files[0].name", REQUIRED),
    ("a file without content", with_(files=[{"name": "a"}]), "files[0].content", REQUIRED),
    ("a file with an unknown field", with_file(mode=493), "files[1].mode", UNKNOWN),
    ("a file's name a number", with_file(name=1), "files[1].name", STRING),
    ("a file's name empty", with_file(name=""), "files[1].name", COMPONENT),
    ("a file's name a dot", with_file(name="."), "files[1].name", COMPONENT),
    ("a file's name two dots", with_file(name=".."), "files[1].name", COMPONENT),
    ("a file's name a path", with_file(name="a/b"), "files[1].name", COMPONENT),
    ("a file's name an absolute path", with_file(name="/etc/passwd"), "files[1].name", COMPONENT),
    ("a file's name ending with a slash", with_file(name="a/"), "files[1].name", COMPONENT),
    ("a file's name too long", with_file(name="a" * 256), "files[1].name", MOST + " 255"),
    ("a file's name too long in bytes", with_file(name="é" * 128), "files[1].name", MOST + " 255"),
    ("NUL in a file's name", with_file(name="a\0b"), "files[1].name", NUL),
    ("a file's name doubled", with_file(name="a.txt"), "files[1].name", "appears twice"),
    ("a file's content null", with_file(content=None), "files[1].content", STRING),
    ("a file's encoding unknown", with_file(encoding="latin-1"), "files[1].encoding", ENCODING),
    ("a file's encoding null", with_file(encoding=None), "files[1].encoding", STRING),
    ("a file's encoding in capitals", with_file(encoding="BASE64"), "files[1].encoding", ENCODING),
    ("base64 with a wrong letter", with_file(content="a*==", encoding="base64"), "files[1].content", "is not valid base64"),
    ("base64 without padding", with_file(content="YQ", encoding="base64"), "files[1].content", "is not valid base64"),
    ("base64 with a newline", with_file(content="YWJj\n", encoding="base64"), "files[1].content", "is not valid base64"),
    ("257 files", with_(files=[{"name": str(n), "content": ""} for n in range(257)]), "files", MOST + " 256"),
    # compare.
    ("compare null", with_(compare=None), "compare", "must be a string or an object"),
    ("compare a number", with_(compare=1), "compare", "must be a string or an object"),
    ("compare unknown", with_(compare="fuzzy"), "compare", MODES),
    ("compare in capitals", with_(compare="Trim"), "compare", MODES),
    ("compare of a case unknown", with_(test_cases=[{"input": "", "expected": "", "compare": "fuzzy"}]),
     "test_cases[0].compare", MODES),
    ("compare without a mode", with_(compare={"abs": 1}), "compare.mode", REQUIRED),
    ("compare with an unknown mode", with_(compare={"mode": "fuzzy"}), "compare.mode", MODES),
    ("compare with an unknown field", with_(compare={"mode": "float", "eps": 1}), "compare.eps", UNKNOWN),
    ("abs a string", with_(compare={"mode": "float", "abs": "1"}), "compare.abs", TOLERANCE),
    ("abs negative", with_(compare={"mode": "float", "abs": -1}), "compare.abs", TOLERANCE),
    ("rel null", with_(compare={"mode": "float", "rel": None}), "compare.rel", TOLERANCE),
    ("abs in another mode", with_(compare={"mode": "trim", "abs": 1}), "compare.abs", "belongs to the mode float"),
    # Switches.
    ("stop_on_failure a string", with_(stop_on_failure="yes"), "stop_on_failure", BOOLEAN),
    ("stop_on_failure a number", with_(stop_on_failure=1), "stop_on_failure", BOOLEAN),
    ("fresh null", with_(fresh=None), "fresh", BOOLEAN),
    ("output_encoding unknown", with_(output_encoding="latin-1"), "output_encoding", ENCODING),
    ("output_encoding null", with_(output_encoding=None), "output_encoding", STRING),
    # Limits.
    ("limits null", with_(limits=None), "limits", OBJECT),
    ("limits an array", with_(limits=[1]), "limits", OBJECT),
    ("limits with an unknown name", with_limits(cpu=1), "limits.cpu", UNKNOWN),
    ("a limit of 0", with_limits(cpu_ms=0), "limits.cpu_ms", COUNT),
    ("a negative limit", with_limits(wall_ms=-1), "limits.wall_ms", COUNT),
    ("a real limit", with_limits(memory_kb=1024.5), "limits.memory_kb", COUNT),
    ("a whole real limit", with_limits(memory_kb=65536.0), "limits.memory_kb", COUNT),
    ("a string limit", with_limits(processes="8"), "limits.processes", COUNT),
    ("a null limit", with_limits(open_files=None), "limits.open_files", COUNT),
    ("a boolean limit", with_limits(output_bytes=True), "limits.output_bytes", COUNT),
    ("a limit at the end of 64 bits", with_limits(disk_kb=2**63 - 1), "limits.disk_kb", CAP),
    ("a case's limit of 0", with_case(limits={"cpu_ms": 0}), "test_cases[1].limits.cpu_ms", COUNT),
    ("a case's limit unknown", with_case(limits={"cpu": 1}), "test_cases[1].limits.cpu", UNKNOWN),
    ("a case's limits null", with_case(limits=None), "test_cases[1].limits", OBJECT),
    ("a case's limit over the cap", with_case(limits={"cpu_ms": 10**12}), "test_cases[1].limits.cpu_ms", CAP),
    ("a case's budget", with_case(limits={"total_wall_ms": 1}), "test_cases[1].limits.total_wall_ms", "belongs in"),
]
LIMIT_NAMES = ["cpu_ms", "wall_ms", "memory_kb", "processes", "open_files", "output_bytes", "disk_kb",
               "file_kb", "total_wall_ms"]


class TestRefusals:
    @pytest.mark.parametrize("request_, field, rule", [pytest.param(*row[1:], id=row[0]) for row in TABLE])
    def test_refused(self, judge, request_, field, rule):
        said_field, said_rule = judge.refuse(request_)
        assert said_field == field
        assert said_rule.startswith(rule)

    @pytest.mark.parametrize("name", LIMIT_NAMES)
    def test_above_the_cap_is_refused_not_clamped(self, judge, name):
        field, rule = judge.refuse(with_limits(**{name: 10**12}))
        assert field == f"limits.{name}" and rule.startswith(CAP)

    def test_a_refusal_has_the_four_seed_fields_and_verdict_null(self):
        answer = client.call(client.encode(with_(foo=1)))
        assert answer.pairs == [("status", "error"), ("output", ""), ("error", "foo: is not a known field"),
                                ("test_results", []), ("verdict", None)]

    def test_a_refusal_is_one_line_on_stdout_and_exits_2(self):
        answer = client.call(b"{")
        assert answer.returncode == 2
        assert answer.stdout.count(b"\n") == 1 and answer.stdout.endswith(b"\n")

    def test_a_file_cannot_take_the_place_of_the_source(self, judge):
        field, _ = judge.refuse(with_(files=[{"name": "main.py", "content": "print('other')"}]))
        assert field == "files[0].name"

    def test_a_refusal_never_repeats_a_long_name(self, judge):
        field, _ = judge.refuse(with_(**{"x" * 100000: 1}))
        assert field.startswith("xxx") and len(field) < 200


class TestRequestBody:
    def test_a_body_over_the_cap_of_128_mib_is_refused(self, judge):
        field, rule = judge.refuse(b" " * (128 * 1024 * 1024 + 1))
        assert field == "body" and ("128 MiB" in rule or str(128 << 20) in rule)

    def test_a_body_of_many_mib_is_judged(self, judge):
        result = judge("import os, sys; print(len(sys.stdin.read()))", stdin="x" * 20_000_000)
        assert result["output"] == "20000000\n"

    def test_escapes_and_order_do_not_matter(self):
        body = b'\n{ "language" : "p\\u0079thon" , "c\\u006fde" : "print(\\"\\u00e9\\ud834\\udd1e\\")" }\t\n'
        answer = client.call(body)
        assert answer.returncode == 0 and answer.json["output"] == "é𝄞\n"

    def test_1000_test_cases_are_not_refused_by_number(self, judge):
        # One thing too many, told by its own rule: the thousand were fine.
        field, _ = judge.refuse(with_(test_cases=[CASE] * 1000, stdin="x"))
        assert field == "stdin"

    def test_expected_and_code_may_hold_text_that_looks_like_json(self, judge):
        result = judge('print(\'{"status": "error"}\')',
                       test_cases=[{"input": '"}]', "expected": '{"status": "error"}'}])
        assert result["verdict"] == "accepted"

    def test_body_is_json_whatever_it_says(self, judge):
        text = json.dumps({"code": "x"})
        assert judge("print(input())", stdin=text)["output"] == text + "\n"
