# SPDX-License-Identifier: Apache-2.0
"""Output: which bytes are kept, how they are shown, when there are too many."""

import pytest

from contract.programs import FLOOD, FLOOD_STDERR, LANGUAGES

ONE_MIB = 1 << 20


def writes(data, stream=1):
    return f"import os; os.write({stream}, {data!r})"


def first_numbers(length):
    """The first bytes of the numbered lines that FLOOD prints."""
    return "".join(f"{n}\n" for n in range(length))[:length]


class TestBytes:
    def test_invalid_utf_8_is_shown_as_u_fffd_and_flagged(self, judge):
        result = judge(writes(b"a\xffb\n"))
        assert result["output"] == "a\ufffdb\n" and result["encoding_replaced"] is True

    def test_invalid_utf_8_on_stderr_is_shown_as_u_fffd_and_flagged(self, judge):
        result = judge(writes(b"a\xffb\n", 2))
        assert result["stderr"] == "a\ufffdb\n" and result["encoding_replaced"] is True

    def test_a_written_u_fffd_is_not_flagged(self, judge):
        result = judge(writes("\ufffd".encode()))
        assert result["output"] == "\ufffd" and result["encoding_replaced"] is False

    def test_base64_is_never_flagged(self, judge):
        assert judge(writes(b"\xff"), output_encoding="base64")["encoding_replaced"] is False

    def test_actual_is_flagged_by_case(self, judge):
        code = "import os, sys; os.write(1, b'\\xff' if input() == 'bad' else b'x')"
        result = judge(code, test_cases=[{"input": "bad", "expected": ""}, {"input": "good", "expected": "x"}])
        assert [case["encoding_replaced"] for case in result["test_results"]] == [True, False]
        assert [case["actual"] for case in result["test_results"]] == ["\ufffd", "x"]

    @pytest.mark.parametrize("data", [
        pytest.param(b"\xc0\x80", id="overlong nul"),
        pytest.param(b"\xed\xa0\x80", id="surrogate"),
        pytest.param(b"\xf4\x90\x80\x80", id="beyond U+10FFFF"),
        pytest.param(b"\xe2\x82", id="cut short"),
        pytest.param(bytes(range(128, 256)), id="all high bytes"),
    ])
    def test_every_kind_of_invalid_utf_8_is_replaced(self, judge, data):
        result = judge(writes(b"<" + data + b">"))
        assert result["encoding_replaced"] is True
        assert result["output"] == (b"<" + data + b">").decode(errors="replace")

    def test_control_characters_come_through(self, judge):
        data = bytes(range(32)) + b"\x7f\"\\"
        assert judge(writes(data))["output"] == data.decode()

    def test_any_plane_of_unicode_comes_through(self, judge):
        text = "é☃\u2028𝄞\U0010fffd\ufeff"
        assert judge(writes(text.encode()))["output"] == text

    def test_output_without_a_newline_is_whole(self, judge):
        assert judge(writes(b"no newline"))["output"] == "no newline"

    def test_output_written_before_a_crash_is_kept(self, judge):
        result = judge(writes(b"before") + "; os.abort()")
        assert result["output"] == "before" and result["verdict"] == "runtime_error"

    def test_output_is_whole_just_below_the_default_of_1_mib(self, judge):
        result = judge(f"print('x' * {ONE_MIB - 1})")
        assert len(result["output"]) == ONE_MIB
        assert result["verdict"] == "accepted" and result["truncated"]["output"] is False


class TestOutputLimit:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stdout_beyond_the_limit_kills_the_box(self, judge, language):
        result = judge(FLOOD[language], language, limits={"output_bytes": 5000, "cpu_ms": 2000})
        assert result["verdict"] == "output_limit" and result["status"] == "error"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_first_bytes_of_stdout_are_kept(self, judge, language):
        result = judge(FLOOD[language], language, limits={"output_bytes": 5000, "cpu_ms": 2000})
        assert result["output"] == first_numbers(5000)
        assert result["truncated"]["output"] is True

    def test_output_limit_is_named_in_limits_hit_and_error(self, judge):
        result = judge(FLOOD["python"], limits={"output_bytes": 5000, "cpu_ms": 2000})
        assert "output_bytes" in result["limits_hit"]
        assert "5000" in result["error"].splitlines()[0]

    def test_the_default_is_1_mib(self, judge):
        result = judge(FLOOD["c"], "c", limits={"cpu_ms": 2000})
        assert result["verdict"] == "output_limit"
        assert result["output"] == first_numbers(ONE_MIB)

    def test_exactly_the_limit_is_allowed(self, judge):
        result = judge(writes(b"0123456789"), limits={"output_bytes": 10})
        assert result["verdict"] == "accepted" and result["output"] == "0123456789"
        assert result["truncated"]["output"] is False

    def test_one_byte_more_is_too_much(self, judge):
        result = judge(writes(b"0123456789!"), limits={"output_bytes": 10})
        assert result["verdict"] == "output_limit" and result["output"] == "0123456789"
        assert result["truncated"]["output"] is True

    def test_output_cut_by_a_limit_never_passes(self, judge):
        result = judge(writes(b"0123456789!"), limits={"output_bytes": 10},
                       test_cases=[{"input": "", "expected": "0123456789"}])
        case = result["test_results"][0]
        assert case["actual"] == "0123456789" and case["truncated"]["output"] is True
        assert case["verdict"] == "output_limit" and case["passed"] is False

    def test_output_of_children_counts(self, judge):
        code = "import os\nfor i in range(3):\n    if os.fork() == 0:\n        os.write(1, b'x' * 600)\n" \
               "        os._exit(0)\n    os.wait()"
        assert judge(code, limits={"output_bytes": 1000})["verdict"] == "output_limit"
        assert judge(code, limits={"output_bytes": 1800})["verdict"] == "accepted"


class TestStderrLimit:
    MODEST = "import os\nos.write(2, b'HEAD')\nfor _ in range(8): os.write(2, b'x' * 1000)\nos.write(2, b'TAIL')\n" \
             "print('done')"

    def test_stderr_beyond_the_limit_is_drained(self, judge):
        result = judge(self.MODEST, limits={"output_bytes": 1000})
        assert result["verdict"] == "accepted" and result["output"] == "done\n"

    def test_head_and_tail_of_stderr_are_kept(self, judge):
        stderr = judge(self.MODEST, limits={"output_bytes": 1000})["stderr"]
        assert stderr.startswith("HEADx") and stderr.endswith("xTAIL")

    def test_kept_stderr_is_bounded_and_flagged(self, judge):
        result = judge(self.MODEST, limits={"output_bytes": 1000})
        assert len(result["stderr"]) < 1200
        assert result["truncated"] == {"output": False, "stderr": True}

    def test_a_case_with_drained_stderr_passes(self, judge):
        result = judge(self.MODEST, limits={"output_bytes": 1000}, test_cases=[{"input": "", "expected": "done"}])
        assert result["test_results"][0]["passed"] is True
        assert result["test_results"][0]["truncated"] == {"output": False, "stderr": True}

    def test_stderr_just_below_16_times_the_limit_does_not_kill(self, judge):
        code = "import os\nfor _ in range(160): os.write(2, b'x' * 100)"
        assert judge(code, limits={"output_bytes": 1000})["verdict"] == "accepted"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stderr_beyond_16_times_the_limit_kills(self, judge, language):
        result = judge(FLOOD_STDERR[language], language, limits={"output_bytes": 1000, "cpu_ms": 2000})
        assert result["verdict"] == "output_limit"
        assert result["truncated"]["stderr"] is True

    def test_stderr_at_the_limit_is_whole(self, judge):
        result = judge(writes(b"0123456789", 2), limits={"output_bytes": 10})
        assert result["stderr"] == "0123456789" and result["truncated"]["stderr"] is False
