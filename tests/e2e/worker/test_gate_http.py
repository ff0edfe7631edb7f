# SPDX-License-Identifier: Apache-2.0
"""
What holds of the service holds of a gate before a queue: the service's own tests, asked of two gates in turn, so that
nothing of a job may be known only where it was accepted.
"""
import itertools
import pathlib
import sys

import pytest

from gates import standing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "serve"))
from test_execute import (  # noqa: E402, F401
    test_a_bad_body_is_refused_by_its_field, test_a_bad_parameter_is_refused_by_its_name, test_a_compile_step_is_told, test_a_large_result_arrives_whole,
    test_a_program_that_fails_is_a_result_not_an_error_of_ours, test_a_refusal_of_a_stream_is_a_problem, test_a_stream_tells_things_as_they_happen,
    test_a_submission_is_judged, test_every_language_runs, test_output_comes_while_the_program_runs, test_who_goes_away_takes_his_job_with_him)
from test_jobs import (  # noqa: E402, F401
    test_a_bad_batch_is_refused_whole, test_a_batch_is_as_many_jobs_each_refused_on_its_own, test_a_batch_with_a_key_may_be_sent_again,
    test_a_job_is_accepted_and_its_result_is_kept, test_a_job_that_is_not_there, test_a_long_poll_ends_with_the_job_as_it_stands,
    test_a_wait_out_of_bounds_is_refused, test_a_watcher_that_leaves_does_not_end_an_accepted_job, test_elements_of_a_batch_are_taken_apart_where_they_end,
    test_events_are_told_to_who_comes_late_and_again, test_prefer_respond_async, test_the_same_key_gives_the_same_job)


class Both:
    """Each request at another gate than the one before; what it shows of itself is the first one's."""

    def __init__(self, gates):
        self.turn = itertools.cycle(gates)
        self.first = gates[0]

    def __getattr__(self, name):
        return getattr(next(self.turn) if name in ("ask", "get", "post", "run", "connection", "socket") else self.first, name)


@pytest.fixture(scope="module")
def service():
    with standing() as (_, gates):
        yield Both(gates)
