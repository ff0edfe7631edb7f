# SPDX-License-Identifier: Apache-2.0
# What the attacks in Python share; the runner puts this text in place of `from probe import *`.
import errno
import os
import sys

E = errno
_bad = []


def breach(what):
    print("BREACH", what, flush=True)
    _bad.append(what)


def odd(what):
    print("odd:", what, flush=True)
    _bad.append(what)


def refused(what, attempt, *codes):
    """The attempt must fail, with one of the codes if any are given."""
    try:
        got = attempt()
    except OSError as e:
        if codes and e.errno not in codes:
            odd(f"{what}: {errno.errorcode.get(e.errno, e)}")
    else:
        breach(f"{what}: {got!r}"[:300])


def done():
    if not _bad:
        print("contained", flush=True)
