# SPDX-License-Identifier: Apache-2.0
"""Functions: one of the submission's own is called with JSON arguments, and its value is compared."""

import json
import re

import pytest

BOTH = ["python", "javascript"]
ADD = {"python": "def add(a, b):\n    print('noise')\n    return a + b\n",
       "javascript": "function add(a, b) {\n  console.log('noise');\n  return a + b;\n}\n"}
SAME = {"python": "same = lambda x: x\n", "javascript": "const same = (x) => x // no newline at the end"}
METHOD = {"python": "class Solution:\n    def __init__(self): self.n = 1\n    def next(self, by): self.n += by; return self.n\n",
          "javascript": "class Solution {\n  constructor() { this.n = 1; }\n  next(by) { this.n += by; return this.n; }\n}\n"}
FAIL = {"python": "def fail():\n    raise ValueError('told')\n", "javascript": "function fail() { throw new Error('told'); }\n"}
QUIT = {"python": "import os\ndef quit_():\n    os._exit(0)\n", "javascript": "function quit_() { process.exit(0); }\n"}

# argument and value: what is returned, what is expected, equal
VALUES = [
    ("1", "1", True), ("1", "1.0", True), ("1", "2", False), ("0.1", "0.10000000000000001", True), ("0.3", "0.3000001", False),
    ("9007199254740991", "9007199254740990", False), ("-0.0", "0", True), ("1e3", "1000", True), ("true", "true", True),
    ("true", "1", False), ("null", "null", True), ("null", "0", False), ('"a"', '"a"', True), ('"a"', '"b"', False),
    ('"1"', "1", False), ('"\\u00e9\\n/\\ud83d\\ude00"', '"é\\u000a\\/😀"', True), ('"\\\\"', '"\\\\\\\\"', False),
    ("[]", "[]", True), ("[]", "{}", False), ("[1,[2,3]]", " [ 1 , [ 2, 3 ] ] ", True), ("[1,2]", "[2,1]", False),
    ("[1]", "[1,1]", False), ("[" * 499 + "]" * 499, "[" * 499 + "]" * 499, True), ('{"b":1,"a":[2]}', '{"a":[2],"b":1}', True), ('{"10":1,"9":2}', '{"9":2,"10":1}', True),
    ('{"a":1}', '{"a":1,"b":null}', False), ('{"é":1,"z":2,"😀":3,"\\uffff":4}', '{"\\uffff":4,"😀":3,"z":2,"é":1}', True),
]


def call(judge, code, language, name, cases, **more):
    return judge(code[language], language, function={"name": name},
                 test_cases=[{"input": given, "expected": value} for given, value in cases], **more)


class TestFunction:
    @pytest.mark.parametrize("language", BOTH)
    def test_its_value_is_compared_and_what_it_prints_is_not(self, judge, language):
        result = call(judge, ADD, language, "add", [("[1, 2]", "3"), ('["a", "b"]', '"ab"'), ("[1, 2]", "4")])
        assert [case["passed"] for case in result["test_results"]] == [True, True, False]
        assert [case["actual"] for case in result["test_results"]] == ["3", '"ab"', "3"]
        assert {case["stderr"] for case in result["test_results"]} == {"noise\n"}
        assert result["test_results"][2]["difference"] == {"line": 1, "column": 1, "expected": "4", "actual": "3"}

    @pytest.mark.parametrize("language", BOTH)
    @pytest.mark.parametrize("number", range(len(VALUES)))
    def test_values_are_compared_as_values(self, judge, language, number):
        result = call(judge, SAME, language, "same", [(f"[{given}]", value) for given, value, _ in VALUES])
        case = result["test_results"][number]
        assert case["passed"] == VALUES[number][2], case
        assert json.loads(case["actual"]) == json.loads(VALUES[number][0])

    @pytest.mark.parametrize("language", BOTH)
    def test_a_method_is_called_of_a_new_object_in_each_case(self, judge, language):
        assert call(judge, METHOD, language, "Solution.next", [("[2]", "3"), ("[5]", "6")])["verdict"] == "accepted"

    @pytest.mark.parametrize("language", BOTH)
    def test_an_exception_is_a_runtime_error_that_names_the_line(self, judge, language):
        result = call(judge, FAIL, language, "fail", [("[]", "1")])
        assert result["verdict"] == "runtime_error" and "solution." in result["error"] and "told" in result["error"]

    @pytest.mark.parametrize("language", BOTH)
    def test_who_ends_before_it_returns_has_returned_nothing(self, judge, language):
        result = call(judge, QUIT, language, "quit_", [("[]", "null"), ("[]", '""')])
        assert result["verdict"] == "wrong_answer" and result["output"] == ""

    @pytest.mark.parametrize("language", BOTH)
    def test_one_that_is_not_there_is_a_runtime_error(self, judge, language):
        assert call(judge, ADD, language, "other", [("[]", "1")])["verdict"] == "runtime_error"

    def test_a_promise_is_awaited(self, judge):
        result = judge("const wait = async (n) => { await new Promise((r) => setTimeout(r, 5)); return n; };", "javascript",
                       function={"name": "wait"}, test_cases=[{"input": "[7]", "expected": "7"}])
        assert result["verdict"] == "accepted"

    @pytest.mark.parametrize("value", ["float('nan')", "object()", "{1}"])
    def test_what_is_no_json_is_a_runtime_error(self, judge, value):
        result = judge(f"def f():\n    return {value}\n", function={"name": "f"}, test_cases=[{"input": "[]", "expected": "1"}])
        assert result["verdict"] == "runtime_error"

    def test_what_is_no_json_is_one_in_javascript_at_any_depth(self, judge):
        values = ["NaN", "[1 / 0]", "{ a: [() => 1] }", "Symbol('x')", "5n", "new Map([[1, 2]])", "[{ a: new Set() }]", "[undefined]", "(() => { const a = []; a[0] = a; return a; })()"]
        code = f"const VALUES = [{', '.join(f'() => ({value})' for value in values)}];\nconst f = (n) => VALUES[n]();\n"
        result = judge(code, "javascript", function={"name": "f"},
                       test_cases=[{"input": f"[{n}]", "expected": "null"} for n in range(len(values))])
        assert {case["verdict"] for case in result["test_results"]} == {"runtime_error"}
        assert all("is no JSON value" in case["stderr"] and not case["actual"] for case in result["test_results"])
        assert "TypeError: NaN is no JSON value\n" in result["error"]

    def test_javascript_is_not_misled_by_what_the_submission_replaced(self, judge):
        spoil = ("Map.prototype.toJSON = () => ({}); Object.prototype.toJSON = () => 1; JSON.stringify = () => 'null';\n"
                 "Number.isFinite = Array.isArray = () => true; Object.keys = () => []; Buffer.from = Buffer.compare = process.exit = null;\n"
                 "for (const name of Reflect.ownKeys(Array.prototype)) if (name !== 'length') Array.prototype[name] = null;\n"
                 "Function.prototype.call = Promise.prototype.then = null;\n"
                 "const f = (n) => [{ b: [n, undefined][0], a: 'x', c: undefined }, new Map(), { a: [NaN] }][n];\n")
        result = judge(spoil, "javascript", function={"name": "f"},
                       test_cases=[{"input": f"[{n}]", "expected": '{"a": "x", "b": 0}'} for n in range(3)])
        assert [case["verdict"] for case in result["test_results"]] == ["accepted", "runtime_error", "runtime_error"], result
        assert result["test_results"][0]["actual"] == '{"a":"x","b":0}'

    @pytest.mark.parametrize("code, name", [
        ("export function f() { return 1; }", "f"), ("export default { f: () => 1 };", "f"), ("export default () => 1;", "default"),
        ("import fs from 'fs';\nfunction f() { return fs ? 1 : 0; } // no newline at the end", "f"),
        ("const one = await 1;\nexport const f = () => one;", "f"), ("export default await (async () => () => 1)();", "default"),
        ("exports.f = () => 1;", "f"), ("exports.class = () => 1;", "class"),
        ("#!/usr/bin/env node\nmodule.exports = class { f() { return 1; } };\nmodule.exports.S = module.exports;", "S.f"),
    ])
    def test_exports_of_both_kinds_are_found(self, judge, code, name):
        result = judge(code, "javascript", function={"name": name}, test_cases=[{"input": "[]", "expected": "1"}])
        assert (result["verdict"], result["test_results"][0]["stderr"]) == ("accepted", ""), result

    @pytest.mark.parametrize("code, last", [
        ("function f(){", 1), ("export function f(){\n", 2), ("\nexport const f = (", 2), ("/*", 1), ("let f = `", 1),
        ("import { nothing } from 'fs';\nexport const f = 1;", 2),
    ])
    def test_no_error_names_a_line_that_the_submission_has_not(self, judge, code, last):
        result = judge(code, "javascript", function={"name": "f"}, test_cases=[{"input": "[]", "expected": "1"}])
        lines = [int(line) for line in re.findall(r"solution\.js:(\d+)", result["test_results"][0]["stderr"])]
        assert result["verdict"] == "runtime_error" and "SyntaxError" in result["error"] and lines and max(lines) <= last, result

    def test_its_tolerance_is_that_of_the_request(self, judge):
        result = judge(SAME["python"], function={"name": "same", "abs": 0.1}, test_cases=[{"input": "[1.05]", "expected": "1"}])
        assert result["verdict"] == "accepted"

    def test_what_is_expected_is_not_in_its_process(self, judge):
        hunt = ("import gc, os\ndef f():\n    return [len([o for o in gc.get_objects() if 'SEC' + 'RET' in str(o)[:1000] and o is not f]),"
                " sorted(os.listdir('/box'))]\n")
        result = judge(hunt, function={"name": "f"}, test_cases=[{"input": "[]", "expected": '"SECRET"'}])
        assert json.loads(result["test_results"][0]["actual"])[1] == ["main.py", "solution.py"]
        assert "SECRET" not in result["output"]

    @pytest.mark.parametrize("change, field, rule", [
        ({"language": "c"}, "function", "is for python and javascript"),
        ({"test_cases": []}, "function", "needs test_cases"),
        ({"args": ["x"]}, "args", "is refused together with function"),
        ({"compare": "trim"}, "compare", "is refused together with function"),
        ({"files": [{"name": "solution.py", "content": ""}]}, "files[0].name", "is the name of the submission's file"),
        ({"function": {"name": "a b"}}, "function.name", "must be a name"),
        ({"function": {"name": "a;b"}}, "function.name", "must be a name"),
        ({"function": {"name": "a.b.c"}}, "function.name", "must be a name"),
        ({"function": {"name": ""}}, "function.name", "must be a name"),
        ({"function": {}}, "function.name", "is required"),
        ({"test_cases": [{"input": "1", "expected": "1"}]}, "test_cases[0].input", "must be a JSON array"),
        ({"test_cases": [{"input": "[" * 501 + "]" * 501, "expected": "1"}]}, "test_cases[0].input", "must be nested at most 500 deep"),
        ({"test_cases": [{"input": "[]", "expected": '{"a":' * 501 + "1" + "}" * 501}]}, "test_cases[0].expected",
         "must be nested at most 500 deep"),
        ({"test_cases": [{"input": "[]", "expected": "9223372036854775808"}]}, "test_cases[0].expected", "too big integer"),
        ({"test_cases": [{"input": '[{"a": {"b": 1, "b": 2}}]', "expected": "1"}]}, "test_cases[0].input", "[0].a.b: appears twice"),
        ({"test_cases": [{"input": "[1", "expected": "1"}]}, "test_cases[0].input", "is not valid JSON"),
        ({"test_cases": [{"input": "[]", "expected_files": {"a": "b"}}]}, "test_cases[0].expected_files",
         "is refused together with function"),
        ({"test_cases": [{"input": "[]", "expected": "one"}]}, "test_cases[0].expected", "is not valid JSON"),
    ])
    def test_what_breaks_a_rule_is_refused(self, judge, change, field, rule):
        request = {"code": "", "language": "python", "function": {"name": "f"},
                   "test_cases": [{"input": "[]", "expected": "1"}], **change}
        refused = judge.refuse(request)
        assert refused[0] == field and rule in refused[1], refused
