# SPDX-License-Identifier: Apache-2.0
"""What shells complete, typed into real ones: on a terminal, with tabs, and looked at as the words that a command would get."""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

import command_line

DIR = pathlib.Path(__file__).resolve().parents[2] / "deploy/completion"
SHOW = "kodewar() { printf '<%s>' \"$@\"; printf '\\n'; }"
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f". {DIR}/kodewar.bash; {SHOW}"),
    "zsh": (["zsh", "-f", "-i"], f"fpath=({DIR} $fpath); autoload -U compinit; compinit -u -D; {SHOW}"),
}
# What is typed, where ~ is a tab, and what the command gets. Each is the only way to go on.
TYPED = [
    ("ru~ --runn~poo~", ["run", "--runner", "pooled"]),
    ("run --backend=dock~", ["run", "--backend=docker"]),
    ("run -L memo~", ["run", "-L", "memory_kb="]),
    ("run he~", ["run", "hello there.py"]),
    ("serve --state-d~ dee~", ["serve", "--state-dir", "deep/"]),
    ("serve --conf~ he~", ["serve", "--config", "hello there.py"]),
    ("help doc~", ["help", "doctor"]),
    ("worker --cache-f~js~", ["worker", "--cache-format", "json"]),
    ("plan --expl~he~", ["plan", "--explain", "hello there.py"]),
]


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, name, place):
        words, setup = SHELLS[name]
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [shutil.which(words[0], path="/usr/bin:/bin"), *words[1:]], stdin=slave, stdout=slave, stderr=slave, cwd=place,
            start_new_session=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(place), "TERM": "dumb", "LANG": "C.UTF-8", "PS1": "% "})
        os.close(slave)
        self.seen = ""
        self.ask(f"{setup}; echo rea''dy", "ready")

    def ask(self, line, awaited):
        os.write(self.master, line.encode() + b"\n")
        end = time.monotonic() + 20
        while not (found := re.search(awaited, self.seen)):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            assert ready, f"{line!r}: {self.seen!r}"
            self.seen += os.read(self.master, 4096).decode()
        self.seen = ""
        return found[0]

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture(name="place", scope="module")
def fixture_place(tmp_path_factory):
    place = tmp_path_factory.mktemp("typed")
    (place / "hello there.py").write_text("print(1)")
    (place / "deep").mkdir()
    return place


@pytest.fixture(name="terminal", scope="module", params=SHELLS)
def fixture_terminal(request, place):
    terminal = Terminal(request.param, place)
    yield terminal
    terminal.close()


def apart(words):
    """--name=value is as good as --name value, and what zsh writes; it takes the slash back at the end of the line, too."""
    return [part.rstrip("/") for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]


@pytest.mark.parametrize("typed, words", TYPED, ids=[typed for typed, _ in TYPED])
def test_typed(terminal, typed, words):
    told = terminal.ask("kodewar " + typed.replace("~", "\t"), r"(<[^<>\r\n]*>)+\r?\n")
    assert apart(re.findall("<([^>]*)>", told)) == apart(words)


def test_bash_lists_all_that_is_possible(place):
    script = f". {DIR}/kodewar.bash; COMP_WORDS=(kodewar run --); COMP_CWORD=2; _kodewar; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, cwd=place, check=True)
    told = command_line.kodewar("run", "--help").stdout.decode()
    assert sorted(done.stdout.split()) == sorted(re.findall(r"^ {2,6}(?:-\w, )?(--[a-z-]+)", told, re.M))


def fish(place, typed):
    done = subprocess.run(["/usr/bin/fish", "-c", f'source {DIR}/kodewar.fish; complete -C "kodewar {typed}"'], cwd=place,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(place)}, capture_output=True, text=True, check=True)
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("typed, words", [("ru", ["run"]), ("run --runn", ["--runner"]), ("run --runner po", ["pooled"]), ("run -L memo", ["memory_kb="]),
                                          ("run he", ["hello there.py"]), ("serve --state-dir ", ["deep/"]), ("help doc", ["doctor"])])
def test_fish(place, typed, words):
    assert fish(place, typed) == words


@pytest.mark.parametrize("shell, file", [("bash", "kodewar.bash"), ("zsh", "_kodewar"), ("fish", "kodewar.fish")])
def test_the_program_prints_what_is_installed(shell, file):
    assert command_line.kodewar("help", "--completion", shell).stdout == (DIR / file).read_bytes()


def test_another_shell_is_refused():
    done = command_line.kodewar("help", "--completion", "csh")
    assert done.returncode == 2 and "--completion: must be one of bash|zsh|fish" in done.stderr.decode()
