# SPDX-License-Identifier: Apache-2.0
"""Comparison modes: one submission per mode, one of its cases per test."""

import pytest

from contract.programs import ECHO

FLOAT_WIDE = {"mode": "float", "abs": 1e-3, "rel": 1e-12}
FLOAT_RELATIVE = {"mode": "float", "abs": 1e-12, "rel": 0.01}

# mode: [(what it shows, actual, expected, equal)]
TABLE = {
    "trim": ("trim", [
        ("the same", "49\n", "49\n", True),
        ("a trailing newline is ignored", "49\n", "49", True),
        ("a missing newline is ignored", "49", "49\n", True),
        ("several trailing newlines are ignored", "49\n\n\n", "49", True),
        ("trailing blanks of each line are ignored", "a \t\nb  \n", "a\nb", True),
        ("trailing carriage returns are white space", "a\r\nb\r\n", "a\nb\n", True),
        ("blank last lines are ignored", "a\n  \n \n", "a", True),
        ("nothing equals newlines", "\n\n", "", True),
        ("nothing equals nothing", "", "", True),
        ("leading blanks matter", " a", "a", False),
        ("inner blanks matter", "a  b", "a b", False),
        ("blank lines between matter", "a\n\nb", "a\nb", False),
        ("leading newlines matter", "\na", "a", False),
        ("order matters", "b\na", "a\nb", False),
        ("case matters", "A", "a", False),
        ("a prefix is not enough", "4", "49", False),
        ("something more is too much", "49\n1", "49", False),
        ("numbers are text", "1.0", "1", False),
        ("nul is a character", "a\0b\n", "a\0b", True),
        ("what follows nul matters", "a\0b", "a\0c", False),
    ]),
    "exact": ("exact", [
        ("the same", "a b\n", "a b\n", True),
        ("nothing equals nothing", "", "", True),
        ("a trailing newline matters", "49\n", "49", False),
        ("a trailing blank matters", "49 \n", "49\n", False),
        ("a carriage return matters", "a\r\n", "a\n", False),
        ("nul is a character", "a\0b", "a\0b", True),
    ]),
    "tokens": ("tokens", [
        ("white space of any kind separates", "1  2\n\n3\t4\r\n", "1 2 3 4", True),
        ("leading white space is ignored", "\n  1 2", "1 2", True),
        ("nothing equals white space", " \n", "", True),
        ("tokens are not joined", "12 3", "1 2 3", False),
        ("a token less is different", "1 2", "1 2 3", False),
        ("a token more is different", "1 2 3", "1 2", False),
        ("order matters", "2 1", "1 2", False),
        ("numbers are text", "1.0", "1", False),
    ]),
    "float": ("float", [
        ("the same value written differently", "1e3", "1000.0", True),
        ("within the default tolerance", "0.30000000000000004", "0.3", True),
        ("beyond the default tolerance", "0.3001", "0.3", False),
        ("several numbers", "1 2.0\n3", "1.0 2 3.0", True),
        ("a number less is different", "1 2", "1 2 3", False),
        ("words are compared as text", "yes 1.0", "yes 1", True),
        ("other words are different", "no 1.0", "yes 1", False),
        ("nan is not a number that equals 1", "nan", "1", False),
        ("infinity is not a number that equals 1", "inf", "1", False),
        ("minus matters", "-1", "1", False),
    ]),
    "float with abs": (FLOAT_WIDE, [
        ("within abs", "1.0009", "1", True),
        ("beyond abs", "1.0011", "1", False),
        ("beyond abs, large", "100000.1", "100000", False),
    ]),
    "float with rel": (FLOAT_RELATIVE, [
        ("within rel", "100900", "100000", True),
        ("beyond rel", "101100", "100000", False),
        ("beyond rel, near nothing", "0.001", "0", False),
    ]),
    "unordered": ("unordered", [
        ("lines in any order", "b\na\nc\n", "a\nb\nc", True),
        ("the same order", "a\nb", "a\nb", True),
        ("trailing white space is ignored", "b \na\n\n", "a\nb", True),
        ("how often a line comes matters", "a\na\nb", "a\nb\nb", False),
        ("a line less is different", "a", "a\nb", False),
        ("a line more is different", "a\nb\nc", "a\nb", False),
        ("lines are whole", "a b", "b a", False),
    ]),
    "tokens_ignore_case": ("tokens_ignore_case", [
        ("upper case equals lower case", "YES no\n", "yes\nNO", True),
        ("white space of any kind separates", "Yes  No", "yes\nno", True),
        ("other words are different", "YES", "NO", False),
        ("a word more is different", "yes yes", "YES", False),
        ("order matters", "no yes", "yes no", False),
        ("numbers are text", "1.0", "1", False),
        ("letters beyond A to Z are themselves", "É", "é", False),
        ("what merely looks like upper case is not", "[", "{", False),
    ]),
    "sorted_lines": ("sorted_lines", [
        ("lines in any order", "3 4\n1 2\n", "1 2\n3 4", True),
        ("white space within a line does not count", " 1 \t 2\n", "1 2", True),
        ("lines without a word do not count", "1\n\n \n2", "2\n1", True),
        ("words keep their order in a line", "2 1", "1 2", False),
        ("words do not wander between lines", "1\n2 3", "1 2\n3", False),
        ("how often a line comes matters", "1\n1\n2", "1\n2\n2", False),
        ("a line less is different", "1", "1\n2", False),
        ("a line more is different", "1\n2\n3", "1\n2", False),
        ("nothing equals nothing", "\n\n", "", True),
    ]),
    "regex": ("regex", [
        ("the whole output", "42\n", r"\d+", True),
        ("white space at the end may be matched, too", "42\n", r"\d+\n", True),
        ("a part is not enough", "42 x", r"\d+", False),
        ("a part in the middle is not enough", "x 42 x", r"\d+", False),
        ("several lines", "a=1\nb=2\n", r"(?:[a-z]=\d\n?)+", True),
        ("a dot is no newline", "a\nb", "a.b", False),
        ("unless it is told to be", "a\nb", "(?s)a.b", True),
        ("case matters", "YES", "yes", False),
        ("unless it is told not to", "YES", "(?i)yes", True),
        ("alternatives", "no", "yes|no", True),
        ("alternatives are whole", "nope", "yes|no", False),
        ("characters, not bytes", "é", ".", True),
        ("an end is the end", "a\n\n", "a$", True),
        ("nothing matches nothing", "", "", True),
        ("nul is a character", "a\0b", r"a\x00b", True),
        ("back references", "abc abc", r"(\w+) \1", True),
        ("lookahead", "abc", r"(?!abd).*", True),
    ]),
}

ROWS = [pytest.param(name, number, id=f"{name}: {row[0]}")
        for name, (_, rows) in TABLE.items() for number, row in enumerate(rows)]


def results_of(judge, name):
    spec, rows = TABLE[name]
    cases = [{"input": actual, "expected": expected} for _, actual, expected, _ in rows]
    return judge(ECHO["c"], "c", compare=spec, test_cases=cases)["test_results"]


class TestCompareModes:
    @pytest.mark.parametrize("name, number", ROWS)
    def test_mode(self, judge, name, number):
        case = results_of(judge, name)[number]
        equal = TABLE[name][1][number][3]
        assert case["verdict"] == ("accepted" if equal else "wrong_answer")

    def test_trim_is_the_default(self, judge):
        cases = [{"input": "49 \n\n", "expected": "49"}, {"input": " 49", "expected": "49"}]
        passed = [case["passed"] for case in judge(ECHO["c"], "c", test_cases=cases)["test_results"]]
        assert passed == [True, False]

    @pytest.mark.parametrize("name", ["trim", "exact", "tokens", "float", "unordered"])
    def test_a_mode_may_be_an_object(self, judge, name):
        cases = [{"input": "49\n", "expected": "49\n"}, {"input": "48\n", "expected": "49\n"}]
        result = judge(ECHO["c"], "c", compare={"mode": name}, test_cases=cases)
        assert [case["passed"] for case in result["test_results"]] == [True, False]


class TestCompareOfACase:
    """A case may have a comparison of its own, which replaces the request's."""

    def test_it_holds_for_its_case_alone(self, judge):
        cases = [{"input": "B\nA", "expected": "a b", "compare": "tokens_ignore_case"},
                 {"input": "B\nA", "expected": "A\nB", "compare": {"mode": "unordered"}},
                 {"input": "B\nA", "expected": "B\nA"}, {"input": "B\nA", "expected": "B A"},
                 {"input": "12", "expected": "[0-9]+", "compare": "regex"}]
        result = judge(ECHO["c"], "c", compare="exact", test_cases=cases)
        assert [case["passed"] for case in result["test_results"]] == [False, True, True, False, True]

    def test_its_tolerance_is_its_own(self, judge):
        cases = [{"input": "1.1", "expected": "1", "compare": {"mode": "float", "abs": 0.5}},
                 {"input": "1.1", "expected": "1", "compare": "float"}]
        result = judge(ECHO["c"], "c", compare=FLOAT_WIDE, test_cases=cases)
        assert [case["passed"] for case in result["test_results"]] == [True, False]


ENDLESS = [
    (r"(a+)+[bc]", "a" * 4000), (r"(a|aa)+[cd]", "a" * 4000), (r"(.*)*[xz]", "y" * 100000),
    (r"(a*?)(a*+[bc])", "a" * 900000), (r"(a*)(?:\1[xy])", "a" * 900000), (r"(?:a?){2000}a{2000}[bc]", "a" * 3000),
    (r"^(?:(?=(a+))a)*[bc]", "a" * 900000), (r"(?:(a)|b)*(?1)[cd]", "ab" * 400000), (r"(?:[^x]*){1000}[xy]", "a" * 900000),
]


class TestRegex:
    @pytest.mark.parametrize("pattern, why", [("(", "parenthes"), ("a{2,1}", "out of order"), ("[z-a]", "out of order"),
                                              (r"\C", "disabled"), ("x" * 16384, "is too large"), ("x" * 16385, "at most 16384 bytes")])
    def test_what_is_no_pattern_is_refused(self, judge, pattern, why):
        body = {"code": ECHO["c"], "language": "c", "compare": "regex",
                "test_cases": [{"input": "", "expected": "fine"}, {"input": "", "expected": pattern}]}
        field, rule = judge.refuse(body)
        assert field == "test_cases[1].expected" and why in rule

    def test_an_open_parenthesis_is_fine_where_nothing_is_a_pattern(self, judge):
        result = judge(ECHO["c"], "c", test_cases=[{"input": "(", "expected": "("}])
        assert result["verdict"] == "accepted"

    @pytest.mark.parametrize("number", range(len(ENDLESS)))
    def test_a_pattern_that_never_ends_is_undecided_and_not_accepted(self, judge, number):
        cases = [{"input": text, "expected": pattern} for pattern, text in ENDLESS]
        case = judge(ECHO["c"], "c", compare="regex", test_cases=cases)["test_results"][number]
        assert case["verdict"] == "wrong_answer" and case["difference"] is None
        assert case["comment"] == "The regular expression could not be decided within its bounds."

    def test_bytes_that_are_no_text_match_nothing(self, judge):
        result = judge("import os; os.write(1, b'a\\xffb')", compare="regex", test_cases=[{"input": "", "expected": "a.b"}])
        assert result["verdict"] == "wrong_answer"


DIFFERENCES = [
    # compare, actual, expected, (line, column, expected, actual)
    ("trim", "49\n63\n", "49\n64\n", (2, 2, "64", "63")),
    ("trim", "49\n", "49\n64", (2, 1, "64", None)),
    ("trim", "49\n64\n", "49", (2, 1, None, "64")),
    ("trim", "", "a", (1, 1, "a", None)),
    ("trim", "a  b", "a b", (1, 3, "a·b", "a··b")),
    ("trim", " a", "a", (1, 1, "a", "·a")),
    ("trim", "a\tb", "a b", (1, 2, "a·b", "a\\tb")),
    ("trim", "é\u200bx", "éx", (1, 2, "éx", "é\\u{200b}x")),
    ("trim", "\u00a0", "x", (1, 1, "x", "\\u{a0}")),
    ("trim", "\x1b[31mred", "red", (1, 1, "red", "\\x1b[31mred")),
    ("trim", "a·b", "a b", (1, 2, "a·b", "a\\u{b7}b")),
    ("trim", "a\\b", "a/b", (1, 2, "a/b", "a\\\\b")),
    ("exact", "49", "49\n", (1, 3, "49\\n", "49")),
    ("exact", "a\r\nb", "a\nb", (1, 2, "a\\n", "a\\r\\n")),
    ("tokens", "1 2\n3 5", "1 2 3 4", (2, 3, "4", "5")),
    ("tokens", "1 2", "1 2 3", (1, 4, "3", None)),
    ("float", "1.0 2.5", "1 2", (1, 6, "2", "2.5")),
    ("tokens_ignore_case", "A b C", "a B d", (1, 5, "d", "C")),
    ("unordered", "c\nb\nx", "a\nb\nc", (3, 1, "a", "x")),
    ("sorted_lines", "3 4\n\n5  6", "3 4\n5 7", (3, 3, "5·7", "5··6")),
    ("trim", "x" * 100 + "a" + "y" * 100, "x" * 100 + "b" + "y" * 100,
     (1, 101, "…" + "x" * 20 + "b" + "y" * 39 + "…", "…" + "x" * 20 + "a" + "y" * 39 + "…")),
]


class TestDifference:
    @pytest.mark.parametrize("number", range(len(DIFFERENCES)))
    def test_it_says_where_and_shows_what(self, judge, number):
        cases = [{"input": actual, "expected": expected, "compare": compare} for compare, actual, expected, _ in DIFFERENCES]
        case = judge(ECHO["c"], "c", test_cases=cases)["test_results"][number]
        assert case["verdict"] == "wrong_answer" and tuple(case["difference"].values()) == DIFFERENCES[number][3]

    def test_there_is_none_of_what_was_accepted_or_failed(self, judge):
        accepted = judge(ECHO["c"], "c", test_cases=[{"input": "a", "expected": "a"}])
        failed = judge("raise SystemExit(1)", test_cases=[{"input": "a", "expected": "a"}])
        assert accepted["test_results"][0]["difference"] is failed["test_results"][0]["difference"] is None

    def test_bytes_that_are_no_text_are_shown_as_bytes(self, judge):
        result = judge("import os; os.write(1, b'a\\xff\\x00')", test_cases=[{"input": "", "expected": "ab"}])
        assert result["test_results"][0]["difference"]["actual"] == "a\\xff\\x00"


class TestComparison:
    def test_comparison_works_on_the_raw_bytes(self, judge):
        # What is shown as U+FFFD is not U+FFFD.
        result = judge("import os; os.write(1, b'\\xff')", test_cases=[{"input": "", "expected": "\ufffd"}])
        assert result["test_results"][0]["actual"] == "\ufffd"
        assert result["verdict"] == "wrong_answer"

    def test_comparison_holds_with_base64_output(self, judge):
        result = judge(ECHO["python"], output_encoding="base64", test_cases=[{"input": "é", "expected": "é"}])
        assert result["verdict"] == "accepted"

    def test_a_right_answer_with_a_failing_exit_code_is_not_accepted(self, judge):
        result = judge("print(49); raise SystemExit(1)", test_cases=[{"input": "", "expected": "49"}])
        assert result["verdict"] == "runtime_error" and not result["test_results"][0]["passed"]

    def test_stderr_is_not_compared(self, judge):
        result = judge("import sys; print(49); print('x', file=sys.stderr)",
                       test_cases=[{"input": "", "expected": "49"}])
        assert result["verdict"] == "accepted"
