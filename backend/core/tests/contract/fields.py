# SPDX-License-Identifier: Apache-2.0
"""Request fields: the seed's and ours."""

import base64
import json

import pytest

from contract.programs import ARGUMENTS, COLOUR, ECHO, HELLO, LANGUAGES, NOTES, c_main


class TestCode:
    def test_code_may_be_empty_in_python(self, judge):
        result = judge("")
        assert result["verdict"] == "accepted" and result["output"] == ""

    def test_code_may_be_empty_in_javascript(self, judge):
        result = judge("", "javascript")
        assert result["verdict"] == "accepted" and result["output"] == ""

    def test_empty_code_has_no_main_in_c(self, judge):
        assert judge("", "c")["verdict"] == "compile_error"

    def test_code_reaches_the_box_byte_for_byte(self, judge):
        code = "import sys\nsys.stdout.write(open(__file__, newline='').read())\n# \t é ☃ 𝄞 \\ \" '\r\n#"
        assert judge(code)["output"] == code

    def test_nul_is_allowed_in_code(self, judge):
        assert judge("console.log('a\0b'.length)", "javascript")["output"] == "3\n"

    def test_long_code_is_allowed(self, judge):
        result = judge("x = 1\n" * 50000 + "print('end')")
        assert result["output"] == "end\n"


class TestLanguages:
    @pytest.mark.parametrize("name", ["python", "py", "python3", "PYTHON", "Py", "Python3"])
    def test_python_by_name_and_alias_ignoring_case(self, judge, name):
        assert judge("import sys; print(sys.version_info[:2])", name)["output"] == "(3, 11)\n"

    @pytest.mark.parametrize("name", ["javascript", "js", "node", "JavaScript", "JS", "Node"])
    def test_javascript_by_name_and_alias_ignoring_case(self, judge, name):
        assert judge("console.log(typeof process.versions.v8)", name)["output"] == "string\n"

    @pytest.mark.parametrize("name", ["c", "C"])
    def test_c_by_name_ignoring_case(self, judge, name):
        assert judge(HELLO["c"], name)["output"] == "hello\n"


class TestStdin:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stdin_is_what_the_program_reads(self, judge, language):
        assert judge(ECHO[language], language, stdin="7\nacht é\n")["output"] == "7\nacht é\n"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stdin_is_empty_when_absent(self, judge, language):
        result = judge(ECHO[language], language)
        assert result["output"] == "" and result["verdict"] == "accepted"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_nul_is_allowed_in_stdin(self, judge, language):
        assert judge(ECHO[language], language, stdin="a\0b")["output"] == "a\0b"

    def test_stdin_may_go_unread(self, judge):
        assert judge(HELLO["python"], stdin="x" * 3_000_000)["verdict"] == "accepted"

    def test_large_stdin_arrives_whole(self, judge):
        result = judge("import sys; d = sys.stdin.read(); print(len(d), d == 'xy' * 1500000)",
                       stdin="xy" * 1_500_000)
        assert result["output"] == "3000000 True\n"

    def test_stdin_of_a_test_case_is_its_input(self, judge):
        result = judge(ECHO["python"], test_cases=[{"input": "one", "expected": "one"},
                                                  {"input": "two\0", "expected": "two\0"},
                                                  {"input": "", "expected": ""}])
        assert [case["actual"] for case in result["test_results"]] == ["one", "two\0", ""]
        assert result["verdict"] == "accepted"


class TestArgumentsAndEnvironment:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_args_are_the_programs_arguments(self, judge, language):
        args = ["plain", "two words", "", "-v", "--", "é", "$HOME `id` ;*", "{args}"]
        assert judge(ARGUMENTS[language], language, args=args)["output"] == "".join(a + "\n" for a in args)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_args_may_be_empty(self, judge, language):
        assert judge(ARGUMENTS[language], language, args=[])["output"] == ""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_env_is_added_to_the_environment(self, judge, language):
        assert judge(COLOUR[language], language, env={"COLOUR": "blue = é"})["output"] == "blue = é\n"

    def test_args_may_be_as_long_as_the_kernel_takes(self, judge):
        code = "import sys; print(len(sys.argv[1]))"
        assert judge(code, args=["a" * 131071])["output"] == "131071\n"

    def test_env_may_be_empty(self, judge):
        assert judge(HELLO["python"], env={})["verdict"] == "accepted"

    def test_env_replaces_what_the_language_sets(self, judge):
        result = judge("import os; print(os.environ['PATH'])", env={"PATH": "/nowhere"})
        assert result["output"] == "/nowhere\n"

    def test_args_and_env_reach_every_case(self, judge):
        result = judge("import os, sys; print(sys.argv[1], os.environ['COLOUR'])", args=["a"],
                       env={"COLOUR": "red"}, test_cases=[{"input": "", "expected": "a red"}] * 2)
        assert result["verdict"] == "accepted"


class TestFiles:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_files_lie_in_the_working_directory(self, judge, language):
        files = [{"name": "notes.txt", "content": "é\n"}]
        assert judge(NOTES[language], language, files=files)["output"] == "é\n"

    def test_files_encoding_utf_8_is_the_default(self, judge):
        files = [{"name": "notes.txt", "content": "aGk=", "encoding": "utf-8"}]
        assert judge(NOTES["python"], files=files)["output"] == "aGk="

    def test_files_encoding_base64_gives_any_bytes(self, judge):
        content = bytes(range(256))
        files = [{"name": "notes.txt", "content": base64.b64encode(content).decode(), "encoding": "base64"}]
        result = judge("print(list(open('/box/notes.txt', 'rb').read()) == list(range(256)))", files=files)
        assert result["output"] == "True\n"

    def test_files_may_be_empty(self, judge):
        assert judge("import os; print(os.path.getsize('e'))",
                     files=[{"name": "e", "content": ""}])["output"] == "0\n"

    def test_files_can_be_modules_of_the_program(self, judge):
        result = judge("import helper; print(helper.answer)",
                       files=[{"name": "helper.py", "content": "answer = 42"}])
        assert result["output"] == "42\n"

    def test_files_can_be_headers_of_the_program(self, judge):
        result = judge('#include "answer.h"\n' + c_main('\tprintf("%d\\n", ANSWER);'), "c",
                       files=[{"name": "answer.h", "content": "#define ANSWER 42\n"}])
        assert result["output"] == "42\n"

    def test_files_names_may_be_any_single_component(self, judge):
        names = ["with space", ".hidden", "é☃", "-rf", "a" * 255, "...", "q'\"\\"]
        result = judge("import json, os; print(json.dumps(sorted(os.listdir())))",
                       files=[{"name": name, "content": "x"} for name in names])
        assert set(names) <= set(json.loads(result["output"]))

    def test_files_reach_every_case(self, judge):
        result = judge(NOTES["python"], files=[{"name": "notes.txt", "content": "n"}],
                       test_cases=[{"input": "", "expected": "n"}] * 2)
        assert result["verdict"] == "accepted"


class TestOtherFields:
    def test_test_cases_absent_and_empty_are_equal(self, judge):
        absent, empty = judge(HELLO["python"]), judge(HELLO["python"], test_cases=[])
        for result in (absent, empty):
            del result["id"], result["usage"]
        assert absent == empty and absent["output"] == "hello\n"

    def test_stdin_is_allowed_beside_empty_test_cases(self, judge):
        assert judge(ECHO["python"], stdin="x", test_cases=[])["output"] == "x"

    @pytest.mark.parametrize("fresh", [True, False])
    def test_fresh_is_a_boolean(self, judge, fresh):
        assert judge(HELLO["python"], fresh=fresh)["verdict"] == "accepted"

    def test_output_encoding_utf_8_is_the_default(self, judge):
        assert judge("print('é')", output_encoding="utf-8")["output"] == judge("print('é')")["output"] == "é\n"

    def test_output_encoding_base64_is_lossless(self, judge):
        code = "import os; os.write(1, bytes(range(256))); os.write(2, bytes([255, 0]))"
        result = judge(code, output_encoding="base64")
        assert base64.b64decode(result["output"], validate=True) == bytes(range(256))
        assert base64.b64decode(result["stderr"], validate=True) == b"\xff\0"

    def test_output_encoding_base64_holds_for_actual_too(self, judge):
        code = "import os; os.write(1, b'\\xff\\xfe')"
        case = judge(code, output_encoding="base64",
                     test_cases=[{"input": "", "expected": "x"}])["test_results"][0]
        assert base64.b64decode(case["actual"], validate=True) == b"\xff\xfe"
        assert case["expected"] == "x"
