# SPDX-License-Identifier: Apache-2.0
"""The shape of results: the seed's four fields first, then ours."""

import re

import pytest

from contract import client
from contract.programs import FAIL, HELLO, LANGUAGES, SLEEP, SQUARE

CASES = [{"input": "7", "expected": "49"}, {"input": "8", "expected": "63"}]


class TestSeedContract:
    """The contract that existed before this program: four fields in, four fields out."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_documented_request_gives_the_documented_answer(self, judge, language):
        result = judge(SQUARE[language], language, test_cases=CASES)
        assert result["status"] == "success"
        assert result["output"] == "49\n64\n"
        assert result["error"] == ""
        assert [{name: case[name] for name in client.CASE_SEED_FIELDS}
                for case in result["test_results"]] == [
            {"input": "7", "expected": "49", "actual": "49\n", "passed": True},
            {"input": "8", "expected": "63", "actual": "64\n", "passed": False}]

    def test_seed_fields_are_first_in_their_order(self):
        answer = client.call(client.encode({"code": HELLO["python"], "language": "python"}))
        assert [name for name, _ in answer.pairs][:4] == ["status", "output", "error", "test_results"]

    def test_seed_fields_of_a_test_result_are_first_in_their_order(self):
        answer = client.call(client.encode(
            {"code": SQUARE["python"], "language": "python", "test_cases": CASES[:1]}))
        results = dict(answer.pairs)["test_results"]
        assert [name for name, _ in results[0]][:4] == ["input", "expected", "actual", "passed"]

    def test_no_field_is_printed_twice(self):
        answer = client.call(client.encode(
            {"code": SQUARE["python"], "language": "python", "test_cases": CASES[:1]}))
        names = [name for name, _ in answer.pairs]
        assert len(names) == len(set(names))

    def test_answer_is_one_line(self):
        answer = client.call(client.encode({"code": "print('a\\nb')", "language": "python"}))
        assert answer.stdout.count(b"\n") == 1 and answer.stdout.endswith(b"\n")

    def test_test_results_is_empty_without_test_cases(self, judge):
        assert judge(HELLO["python"])["test_results"] == []

    def test_a_judged_failure_exits_0_too(self):
        answer = client.call(client.encode({"code": "1/0", "language": "python"}))
        assert answer.returncode == 0 and answer.json["verdict"] == "runtime_error"


class TestResultFields:
    """Our own fields, each with its type."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_our_fields_follow_in_their_order(self, judge, language):
        result = judge(HELLO[language], language)
        assert list(result) == client.SEED_FIELDS + client.OUR_FIELDS

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_output_is_stdout_and_stderr_is_stderr(self, judge, language):
        result = judge(FAIL[language], language)
        assert result["output"] == "said\n" and result["stderr"] == "complained\n"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_exit_code_is_an_integer_and_signal_null_after_exit(self, judge, language):
        result = judge(FAIL[language], language)
        assert result["exit_code"] == 3 and result["signal"] is None

    def test_exit_code_and_signal_are_null_when_the_supervisor_killed(self, judge):
        result = judge(SLEEP["python"], limits={"wall_ms": 300})
        assert result["exit_code"] is None and result["signal"] is None

    @pytest.mark.parametrize("language", ["python", "javascript"])
    def test_compile_is_null_where_nothing_is_compiled(self, judge, language):
        assert judge(HELLO[language], language)["compile"] is None

    def test_compile_tells_exit_code_output_and_usage(self, judge):
        compile_ = judge(HELLO["c"], "c")["compile"]
        assert compile_["exit_code"] == 0 and compile_["output"] == ""
        assert compile_["usage"]["wall_ms"] >= 1

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_quiet_program_hits_nothing(self, judge, language):
        result = judge(HELLO[language], language)
        assert result["verdict"] == "accepted" and result["limits_hit"] == []
        assert result["denied_syscalls"] == []
        assert not any(result["truncated"].values())

    def test_runner_is_cold_when_asked_to_be_fresh(self, judge):
        assert judge(HELLO["python"], fresh=True)["runner"] == "cold"

    @pytest.mark.parametrize("name", ["PYTHONOPTIMIZE", "LC_ALL", "TZ"])
    def test_runner_is_cold_when_told_what_an_interpreter_reads_at_its_start(self, judge, name):
        assert judge(HELLO["python"], env={name: "1"})["runner"] == "cold"

    def test_id_is_unique(self, judge):
        ids = {re.search(rb'"id": ?"([^"]+)"', judge.again(HELLO["python"])).group(1) for _ in range(3)}
        assert len(ids) == 3


class TestStatusAndError:
    """`status` and `error`, and how they hang together."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_status_is_success_after_a_normal_end_with_exit_code_0(self, judge, language):
        result = judge(HELLO[language], language)
        assert (result["status"], result["verdict"], result["exit_code"]) == ("success", "accepted", 0)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_status_is_error_after_another_exit_code(self, judge, language):
        result = judge(FAIL[language], language)
        assert (result["status"], result["verdict"]) == ("error", "runtime_error")

    def test_a_wrong_answer_alone_is_success(self, judge):
        result = judge(SQUARE["python"], test_cases=CASES[1:])
        assert result["verdict"] == "wrong_answer"
        assert result["status"] == "success" and result["error"] == ""

    def test_status_is_error_when_one_case_failed(self, judge):
        result = judge(SQUARE["python"], test_cases=[*CASES, {"input": "x", "expected": "1"}])
        assert result["status"] == "error"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_error_is_empty_exactly_when_status_is_success(self, judge, language):
        assert judge(HELLO[language], language)["error"] == ""
        assert judge(FAIL[language], language)["error"] != ""

    def test_error_is_empty_though_a_successful_program_wrote_to_stderr(self, judge):
        result = judge("import sys; print('note', file=sys.stderr)")
        assert result["error"] == "" and result["stderr"] == "note\n"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_error_is_a_sentence_with_the_evidence_then_stderr(self, judge, language):
        sentence, _, rest = judge(FAIL[language], language)["error"].partition("\n")
        assert re.search(r"\b3\b", sentence) and sentence.endswith("."), sentence
        assert rest.strip() == "complained"

    def test_error_names_the_signal(self, judge):
        result = judge("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
        assert "SIGSEGV" in result["error"].splitlines()[0]
