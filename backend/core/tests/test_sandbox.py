# SPDX-License-Identifier: Apache-2.0
"""The contract suite: what the sandbox promises to whoever sends it programs.

    make build && pytest backend/core/tests/test_sandbox.py

One module per topic, one test per sentence of the contract, all against real boxes.  Each name
below is a table of contents entry; the tests are in backend/core/tests/contract/.
"""

# pylint: disable=unused-import
from contract.cases import (  # noqa: F401
    TestFreshBoxes, TestSkippedCases, TestSummaryOfCases, TestTestResults)
from contract.checkers import (  # noqa: F401
    TestChecker, TestCheckerRefusals, TestCheckerSecrecy, TestKattisChecker, TestPoints, answered)
from contract.compare import (  # noqa: F401
    TestCompareModes, TestCompareOfACase, TestComparison, TestDifference, TestRegex)
from contract.fields import (  # noqa: F401
    TestArgumentsAndEnvironment, TestCode, TestFiles, TestLanguages, TestOtherFields, TestStdin)
from contract.functions import TestFunction  # noqa: F401
from contract.interactors import (  # noqa: F401
    TestInteractor, TestInteractorOutput, TestInteractorRefusals, TestInteractorSecrecy, talked)
from contract.isolation import TestIsolation, TestSecrecy  # noqa: F401
from contract.limits import (  # noqa: F401
    TestDefaultLimits, TestLimitsPerCase, TestRequestLimits, TestUsage)
from contract.output import TestBytes, TestOutputLimit, TestStderrLimit  # noqa: F401
from contract.output_files import (  # noqa: F401
    TestComparedFiles, TestFilesOfARun, TestInputAndOutputFile, TestOutputFileRefusals, left)
from contract.points import TestGroupRefusals, TestGroups, TestPointsOfCases  # noqa: F401
from contract.refusals import TestRefusals, TestRequestBody  # noqa: F401
from contract.shape import TestResultFields, TestSeedContract, TestStatusAndError  # noqa: F401
from contract.timing import TestFactors, TestNoise, TestRepeat, TestTimingRefusals  # noqa: F401
from contract.verdicts import (  # noqa: F401
    TestCompileError, TestDeniedCalls, TestDiskLimit, TestMemoryLimit, TestProcessLimit,
    TestRuntimeError, TestTimeLimit)
