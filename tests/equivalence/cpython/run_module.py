# SPDX-License-Identifier: Apache-2.0
"""Runs in a box: one of CPython's own test modules; prints what became of each of its tests."""
import sys
import unittest

MARK = "outcome of "


class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.of = {}

    def note(self, test, what):
        self.of[test.id()] = what

    def addSuccess(self, test):
        self.note(test, "ok")

    def addSkip(self, test, reason):
        self.note(test, "skipped")

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, "error: " + str(error[1])[:200])

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, "failure: " + str(error[1])[:200])

    def addExpectedFailure(self, test, error):
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test):
        self.note(test, "unexpected success")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.note(subtest, "subtest: " + str(error[1])[:200])


outcomes = Outcomes()
unittest.defaultTestLoader.loadTestsFromName(sys.argv[1]).run(outcomes)
sys.stdout = sys.__stdout__
print()
for name, what in sorted(outcomes.of.items()):
    print(MARK + name, what.replace("\n", " "), sep="\t")
