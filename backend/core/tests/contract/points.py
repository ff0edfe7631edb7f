# SPDX-License-Identifier: Apache-2.0
"""Points and groups: what cases are worth, which are run, what they get together."""

import pytest

from contract.programs import ECHO

SUBTASKS = [{"name": "small", "points": 30}, {"name": "large", "points": 70, "depends": ["small"]}]
GIVES = {"language": "python", "code": "import sys; print('points', open('output').read(), file=sys.stderr); sys.exit(7)"}


def case(group, right=True, **more):
    return {"input": "1", "expected": "1" if right else "2", "group": group, **more}


def run(judge, groups, cases, **more):
    return judge(ECHO["c"], "c", groups=groups, test_cases=cases, **more)


def verdicts(result):
    return [answer["verdict"] for answer in result["test_results"]]


class TestPointsOfCases:
    def test_a_case_is_worth_its_points_or_1(self, judge):
        cases = [{"input": "1", "expected": "1", "points": 2.5}, {"input": "1", "expected": "2", "points": 4},
                 {"input": "1", "expected": "1"}]
        result = judge(ECHO["c"], "c", test_cases=cases)
        assert [answer["points"] for answer in result["test_results"]] == [2.5, 0, 1]
        assert result["score"] == {"points": 3.5, "max": 7.5} and result["groups"] == []

    def test_there_are_none_where_nobody_asks(self, judge):
        result = judge(ECHO["c"], "c", test_cases=[{"input": "1", "expected": "1"}])
        assert result["score"] is None and result["test_results"][0]["points"] is None

    def test_a_checker_gives_up_to_what_the_case_is_worth(self, judge):
        cases = [{"input": given, "expected": "", "points": 10} for given in ("7.5", "10", "0", "10.5")]
        result = judge(ECHO["c"], "c", checker=GIVES, test_cases=cases)
        assert verdicts(result) == ["partial", "accepted", "wrong_answer", "internal_error"]
        assert result["score"] == {"points": 17.5, "max": 40}


class TestGroups:
    def test_all_of_it_or_nothing(self, judge):
        result = run(judge, SUBTASKS, [case("small")] * 2 + [case("large"), case("large", False)])
        assert result["score"] == {"points": 30, "max": 100}
        assert result["groups"] == [{"name": "small", "points": 30, "max": 30, "verdict": "accepted"},
                                    {"name": "large", "points": 0, "max": 70, "verdict": "wrong_answer"}]

    def test_it_stops_at_its_first_failure_and_others_go_on(self, judge):
        groups = [{"name": "a"}, {"name": "b"}]
        result = run(judge, groups, [case("a", False), case("b"), case("a"), case("b")])
        assert verdicts(result) == ["wrong_answer", "accepted", "skipped", "accepted"]
        assert result["test_results"][2]["error"] == "Skipped: test_cases[0] of its group ended with wrong_answer."
        assert result["score"] == {"points": 2, "max": 4}

    def test_it_goes_on_where_it_is_told_to(self, judge):
        result = run(judge, [{"name": "a", "stop_on_failure": False}], [case("a", False), case("a")])
        assert verdicts(result) == ["wrong_answer", "accepted"] and result["score"]["points"] == 0

    def test_what_depends_on_a_failed_group_is_skipped_with_the_reason(self, judge):
        result = run(judge, SUBTASKS, [case("small", False), case("large"), case("large")])
        assert verdicts(result) == ["wrong_answer", "skipped", "skipped"]
        assert result["test_results"][1]["error"] == 'Skipped: group "small", on which its group depends, was not passed.'
        assert result["groups"][1]["verdict"] == "skipped"

    def test_dependencies_reach_through(self, judge):
        groups = [{"name": "a"}, {"name": "b", "depends": ["a"]}, {"name": "c", "depends": ["b"]}, {"name": "d"}]
        result = run(judge, groups, [case("a", False), case("b"), case("c"), case("d")])
        assert verdicts(result) == ["wrong_answer", "skipped", "skipped", "accepted"]

    def test_a_sum_adds_up_in_the_measure_of_the_group(self, judge):
        cases = [case("a", True, points=1), case("a", False, points=1), case("a", True, points=2)]
        assert run(judge, [{"name": "a", "score": "sum"}], cases)["score"] == {"points": 3, "max": 4}
        assert run(judge, [{"name": "a", "score": "sum", "points": 40}], cases)["score"] == {"points": 30, "max": 40}

    def test_the_lowest_share_counts(self, judge):
        cases = [{"input": given, "expected": "", "group": "a", "points": worth} for given, worth in (("5", 10), ("10", 10), ("1", 4))]
        result = judge(ECHO["c"], "c", checker=GIVES, groups=[{"name": "a", "points": 100}], test_cases=cases)
        assert verdicts(result) == ["partial", "accepted", "partial"] and result["score"] == {"points": 25, "max": 100}

    def test_a_part_of_the_points_is_no_failure_of_a_group_but_none_is_passed(self, judge):
        cases = [{"input": given, "expected": "", "group": group} for given, group in (("0.5", "a"), ("1", "a"), ("1", "b"))]
        result = judge(ECHO["c"], "c", checker=GIVES, groups=[{"name": "a"}, {"name": "b", "depends": ["a"]}], test_cases=cases)
        assert verdicts(result) == ["partial", "accepted", "skipped"]

    def test_stop_on_failure_of_the_request_stops_everything(self, judge):
        result = run(judge, [{"name": "a"}, {"name": "b"}], [case("a", False), case("b")], stop_on_failure=True)
        assert verdicts(result) == ["wrong_answer", "skipped"]

    def test_a_hundred_groups_and_a_thousand_cases_end(self, judge):
        groups = [{"name": str(n), "depends": [str(n - 1)] if n else []} for n in range(100)]
        result = run(judge, groups, [case(str(n // 10), False) for n in range(1000)])
        assert verdicts(result) == ["wrong_answer"] + ["skipped"] * 999 and result["score"] == {"points": 0, "max": 1000}


class TestGroupRefusals:
    @pytest.mark.parametrize("groups, cases, field, rule", [
        ([], [case("a")], "test_cases[0].group", "is not the name of one of the groups"),
        ([{"name": "a"}, {"name": "a"}], [case("a")], "groups[1].name", "appears twice"),
        ([{"name": ""}], [case("a")], "groups[0].name", "must have 1 to 64 bytes"),
        ([{"name": "a"}], [], "groups[0].name", "is the group of no test case"),
        ([{"name": "a", "depends": ["b"]}, {"name": "b"}], [case("a")], "groups[0].depends[0]", "must name a group that stands before it"),
        ([{"name": "a", "depends": ["a"]}], [case("a")], "groups[0].depends[0]", "must name a group that stands before it"),
        ([{"name": "a"}, {"name": "b", "depends": ["a"]}], [case("b"), case("a")], "test_cases[1].group", "must stand before the cases of"),
        ([{"name": "a", "score": "max"}], [case("a")], "groups[0].score", "must be"),
        ([{"name": "a", "points": -1}], [case("a")], "groups[0].points", "must be a number from 0"),
        ([{"name": "a", "points": 1e10}], [case("a")], "groups[0].points", "must be a number from 0"),
        ([{"name": "a"}], [case("a", points=-0.5)], "test_cases[0].points", "must be a number from 0"),
        ([{"name": "a"}], [case("a", points="1")], "test_cases[0].points", "must be a number from 0"),
        ([{"name": "a", "depends": ["a"] * 17}], [case("a")], "groups[0].depends", "must have at most 16 entries"),
        ([{"name": str(n)} for n in range(101)], [case("1")], "groups", "must have at most 100 entries"),
    ])
    def test_what_breaks_a_rule_is_refused(self, judge, groups, cases, field, rule):
        refused = judge.refuse({"code": "", "language": "python", "groups": groups, "test_cases": cases})
        assert refused[0] == field and rule in refused[1], refused
