# SPDX-License-Identifier: Apache-2.0
"""Time that is measured fairly: cases near their limit are run again, limits are said once for all languages."""

import os

import pytest

from contract.programs import c_main

FOREVER = "import sys\nprint(sys.stdin.read())\nwhile True: pass"
LIMITS = {"cpu_ms": 120, "wall_ms": 10000}
# So many milliseconds of cpu time as it is told.
BURN = c_main('\tint ms;\n\tif (scanf("%d", &ms) != 1)\n\t\treturn 1;\n'
              "\twhile (clock() * 1000 / CLOCKS_PER_SEC < ms)\n\t\t;\n\tputs(\"ok\");", ("time.h",))


def one(expected="ok", given="", **more):
    return [{"input": given, "expected": expected, **more}]


class TestRepeat:
    def test_nothing_is_repeated_unless_it_is_asked_for(self, judge):
        result = judge(FOREVER, limits=LIMITS, test_cases=one())
        assert result["verdict"] == "time_limit" and result["test_results"][0]["runs"] == []

    def test_a_case_that_time_ended_is_run_again_and_says_so(self, judge):
        result = judge(FOREVER, limits=LIMITS, test_cases=one(), repeat=2)
        case = result["test_results"][0]
        assert [run["verdict"] for run in case["runs"]] == ["time_limit"] * 3
        assert all(run["usage"]["cpu_ms"] >= 120 for run in case["runs"])
        assert "The best of 3 runs." in case["error"].splitlines()[0] == result["error"].splitlines()[0]

    def test_usage_is_that_of_the_run_that_counts(self, judge):
        result = judge(FOREVER, limits=LIMITS, test_cases=one(), repeat=2)
        assert result["usage"] == result["test_results"][0]["usage"]

    def test_wall_time_is_time_too(self, judge):
        result = judge("import time; time.sleep(9)", limits={"wall_ms": 100}, test_cases=one(), repeat=1)
        assert [run["verdict"] for run in result["test_results"][0]["runs"]] == ["time_limit"] * 2

    @pytest.mark.parametrize("code, verdict", [
        ("print('no')", "wrong_answer"), ("1/0", "runtime_error"), ("x = bytearray(1 << 28)", "memory_limit")])
    def test_what_does_not_hang_on_time_is_run_once(self, judge, code, verdict):
        result = judge(code, limits={"memory_kb": 65536}, test_cases=one(), repeat={"times": 5, "within": 0.5})
        assert result["verdict"] == verdict and result["test_results"][0]["runs"] == []

    def test_one_that_was_right_but_near_the_limit_is_measured_again(self, judge):
        result = judge(BURN, "c", limits={"cpu_ms": 300, "wall_ms": 10000}, test_cases=one(given="200"),
                       repeat={"times": 1, "within": 0.5})
        case = result["test_results"][0]
        assert result["verdict"] == "accepted" and [run["verdict"] for run in case["runs"]] == ["accepted"] * 2
        assert case["usage"]["cpu_ms"] == min(run["usage"]["cpu_ms"] for run in case["runs"])

    def test_far_from_the_limit_once_is_enough(self, judge):
        result = judge(BURN, "c", limits={"cpu_ms": 3000}, test_cases=one(given="10"), repeat={"times": 5, "within": 0.5})
        assert result["test_results"][0]["runs"] == []

    def test_a_checker_is_asked_once(self, judge):
        checker = {"language": "python", "code": "import sys; sys.exit(open('output').read() != 'ok\\n')"}
        result = judge(BURN, "c", limits={"cpu_ms": 300, "wall_ms": 10000}, test_cases=one(given="200"),
                       repeat={"times": 1, "within": 0.5}, checker=checker)
        verdicts = [run["verdict"] for run in result["test_results"][0]["runs"]]
        assert result["verdict"] == "accepted" and sorted(verdicts, key=str) == [None, "accepted"]

    def test_all_runs_are_paid_by_the_budget(self, judge):
        result = judge(FOREVER, limits={**LIMITS, "total_wall_ms": 400}, test_cases=one() + one("", "1"), repeat=5)
        assert [case["verdict"] for case in result["test_results"]] == ["time_limit"] * 2
        assert sum(len(case["runs"]) for case in result["test_results"]) < 6

    def test_the_first_failure_waits_for_the_last_run(self, judge):
        result = judge(FOREVER, limits=LIMITS, test_cases=one() * 2, repeat=1, stop_on_failure=True)
        assert [case["verdict"] for case in result["test_results"]] == ["time_limit", "skipped"]
        assert len(result["test_results"][0]["runs"]) == 2


class TestFactors:
    ASKED = {"language_factors": {"py": {"time_factor": 3, "memory_factor": 1.5}, "c": {"time_factor": 2}},
             "limits": {"cpu_ms": 100, "wall_ms": 4000, "memory_kb": 40000, "total_wall_ms": 10000, "processes": 5}}

    def test_limits_are_said_once_and_multiplied(self, judge):
        result = judge("", **self.ASKED)
        assert result["factors"] == {"time_factor": 3, "memory_factor": 1.5}
        got = result["limits"]
        assert (got["cpu_ms"], got["wall_ms"], got["memory_kb"], got["total_wall_ms"], got["processes"]) == \
            (300, 12000, 60000, 30000, 5)

    def test_a_language_that_is_not_named_has_its_own(self, judge):
        result = judge("", "javascript", **self.ASKED)
        assert result["factors"] == {"time_factor": 1, "memory_factor": 1} and result["limits"]["cpu_ms"] == 100

    def test_what_is_not_said_is_not_multiplied(self, judge):
        result = judge("", language_factors=self.ASKED["language_factors"])
        assert (result["limits"]["cpu_ms"], result["limits"]["memory_kb"]) == (30000, 524288)

    def test_they_hold_in_the_box(self, judge):
        result = judge(FOREVER, **self.ASKED)
        assert result["verdict"] == "time_limit" and 300 <= result["usage"]["cpu_ms"] < 400
        assert "0.300 s allowed" in result["error"]

    def test_limits_of_a_case_are_multiplied_too(self, judge):
        result = judge(FOREVER, test_cases=one(limits={"cpu_ms": 60}), **self.ASKED)
        assert "0.180 s allowed" in result["error"] and result["limits"]["cpu_ms"] == 180


class TestNoise:
    def test_one_thread_is_hardly_ever_stopped(self, judge):
        noise = judge("", test_cases=one(""))["test_results"][0]["noise"]
        assert noise["throttled_ms"] in (None, 0, 1, 2)

    def test_more_processes_than_a_cpu_are_stopped_and_it_is_told(self, judge):
        code = "import os, time\npid = os.fork()\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end: pass\n" \
               "pid or os._exit(0)\nos.wait()"
        case = judge(code, test_cases=one(""))["test_results"][0]
        noise, usage = case["noise"], case["usage"]
        assert case["verdict"] == "accepted"
        if noise["throttled_ms"] is None or len(os.sched_getaffinity(0)) == 1:
            return
        # On a busy host they did not get as much as their own bound allows: then they waited.
        assert noise["throttled_ms"] > 0 or usage["cpu_ms"] < usage["wall_ms"] and noise["waited_ms"] > 0


class TestTimingRefusals:
    @pytest.mark.parametrize("more, field, rule", [
        ({"repeat": 6, "test_cases": one()}, "repeat", "must be an integer from 0 to 5"),
        ({"repeat": 1}, "repeat", "needs test_cases"),
        ({"repeat": {"times": 1, "within": 1}, "test_cases": one()}, "repeat.within", "must be a number from 0 to 0.5"),
        ({"language_factors": {"klingon": {}}}, "language_factors.klingon", "is not the name of a language"),
        ({"language_factors": {"py": {}, "python": {}}}, "language_factors.python", 'is the language of "py", too'),
        ({"language_factors": {"c": {"time_factor": 1000}}}, "language_factors.c.time_factor", "must be a number from 0.01 to 100"),
        ({"language_factors": {"py": {"time_factor": 2}}, "limits": {"cpu_ms": 400000}}, "limits.cpu_ms",
         "must be at most 600000 once it is multiplied by 2"),
    ])
    def test_what_breaks_a_rule_is_refused(self, judge, more, field, rule):
        refused = judge.refuse({"code": "", "language": "python", **more})
        assert refused[0] == field and rule in refused[1], refused
