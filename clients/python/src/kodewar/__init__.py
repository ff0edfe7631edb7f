# SPDX-License-Identifier: Apache-2.0
"""Run somebody else's program in KodeWar Sandbox, and get an honest verdict."""

from .aio import AsyncSandbox
from .client import Sandbox
from .errors import (ApiError, Busy, Conflict, KodewarError, NotFound, NotReached, Refused, ServerFailed, Unauthorized,
                     Unavailable)
from .events import CaseDone, Compiling, Done, Event, Output, Queued, Running
from .models import Check, Compile, DeniedSyscall, Difference, GroupResult, Interaction, Job, Result, Run, Score, Test, TestResult, Usage

__version__ = "0.1.0"
__all__ = [
    "ApiError", "AsyncSandbox", "Busy", "CaseDone", "Check", "Compile", "Compiling", "Conflict", "DeniedSyscall", "Difference", "Done",
    "Event", "GroupResult", "Interaction", "Job", "KodewarError", "NotFound", "NotReached", "Output", "Queued", "Refused", "Result", "Run",
    "Running", "Sandbox",
    "Score", "ServerFailed", "Test", "TestResult", "Unauthorized", "Unavailable", "Usage",
]
