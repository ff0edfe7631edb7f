# SPDX-License-Identifier: Apache-2.0
"""What is run: one row per program; all contenders run the same file on the same stdin."""
import os
from dataclasses import dataclass

from measure import NODE, PROGRAMS, PYTHON


@dataclass(frozen=True)
class Program:
    key: str
    title: str
    language: str  # of kodewar; "" runs argv as it is
    argv: tuple  # as an interpreter is called; the last word is a file of bench/programs
    stdin: str
    expected: str

    def source(self):
        with open(os.path.join(PROGRAMS, self.argv[-1]), encoding="utf-8") as f:
            return f.read()

    def at(self, directory):
        """The command where the program's file is seen in DIRECTORY."""
        if not self.language:
            return list(self.argv)
        return [*self.argv[:-1], os.path.join(directory, self.argv[-1])]


NUMBERS = "\n".join(str(n * 7919 % 1000003) for n in range(100000)) + "\n"

ALL = {p.key: p for p in (
    Program("true", "/bin/true", "", ("/bin/true",), "", ""),
    Program("python-hello", "Python hello", "python", (PYTHON, "hello.py"), "", "hello\n"),
    Program("python-work", "Python, 1 ms of work", "python", (PYTHON, "work.py"), "", "28000\n"),
    Program("python-numbers", "Python, 100,000 numbers from stdin", "python", (PYTHON, "numbers.py"), NUMBERS,
            f"{sum(int(n) for n in NUMBERS.split())}\n"),
    Program("node-hello", "Node hello", "javascript", (NODE, "hello.js"), "", "hello\n"),
    Program("node-sum", "Node, sum of a million", "javascript", (NODE, "sum.js"), "", "2999997\n"),
)}
SQUARE = Program("python-square", "Python, square of stdin", "python", (PYTHON, "square.py"), "7\n", "49\n")
EMPTY = Program("python-empty", "Python, nothing at all", "python", (PYTHON, "empty.py"), "", "")
