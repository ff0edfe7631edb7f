# SPDX-License-Identifier: Apache-2.0
"""One attack file: its header, the request that it becomes, and what its result must look like.

The header is the block of comments at the top, of whatever form the language has them in, one `key: value` each:

  attack   what it tries, in one sentence
  layer    the layer that must stop it (one of LAYERS)
  verdict  the verdicts that are right, separated by |; `refused` where the request itself is
  prints   stdout, exactly (several lines: several times); prints_match: a regular expression
  never    what the result must not hold anywhere (BREACH never may)
  limits   JSON, on top of LIMITS; `request`: JSON, on top of the whole request
  exit_code, signal, error (regular expression), denied (JSON: name -> count)
  own_output  each line that a test printed is that test's own input
  cases    that many test cases, each of which must print "contained"
  mode     sequence (the request twice), parallel (twice at once), honest (an honest one beside it),
           stream (one after the other through one process and one lane: `before`, then this `times` times)
  before   JSON: requests that come before it; @SECRET:kind@ in one is a string that nobody may ever see again
  differ   no line that one of the runs printed may be printed by another of them
  as_cold  stdout must be the same, to the letter, as from a cold box
  taken    JSON: `files` of the result (of a run without test cases); untaken: its `files_missing`
  code     JSON string: the source, instead of the file; args: [how many, how long]
  surround [before, text, times]: a source that is one text many times; repeat: likewise for .req
  known    why this attack is expected to get through

A .req file is a request as it goes over the wire; its body follows the header.
"""
import json
import pathlib
import re
import secrets

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE / "attacks"
EVERYWHERE = {".py": "python", ".js": "javascript", ".c": "c", ".req": None}  # also where Docker's image makes the boxes
LANGUAGES = {**EVERYWHERE, ".cpp": "cpp", ".rs": "rust", ".go": "go", ".java": "java", ".hs": "haskell", ".nim": "nim", ".d": "d",
             ".scm": "scheme", ".asm": "asm", ".pas": "pascal", ".f90": "fortran", ".cob": "cobol", ".erl": "erlang", ".rkt": "racket"}
LAYERS = set("""userns pidns mountns netns ipcns uts cgroupns tree tmpfs proc caps nnp seccomp landlock rlimits
    cgroup-memory cgroup-pids cgroup-cpu cgroup-io wall cpu output init request runner""".split())
VERDICTS = set("""accepted wrong_answer runtime_error compile_error time_limit memory_limit output_limit disk_limit
    process_limit security_violation refused""".split())
MODES = {"single", "sequence", "parallel", "honest", "stream"}
LIMITS = {"cpu_ms": 1000, "wall_ms": 1000, "memory_kb": 65536, "processes": 32, "total_wall_ms": 20000}
KEYS = set("""attack layer verdict prints prints_match never limits request exit_code signal error denied cases mode
    code args surround repeat known latin1 own_output before times differ as_cold taken untaken""".split())
SLACK_KB = 2048  # on top of the limit: the box itself, and what the kernel lends to those that it is killing
SECRET = "KWS"  # begins every secret of a submission that comes before; attacks look for it
LINE = re.compile(r"^(?:#|//|--|;|!|%|\*>) (\w+): (.*)$")
SPDX = re.compile(r"^(?:#|//|--|;|!|%|\*>) SPDX")


class Attack:
    def __init__(self, path):
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        text = path.read_text()
        header, self.body = self._split(text)
        one = {k: v[-1] for k, v in header.items()}
        unknown = set(one) - KEYS
        if unknown or "attack" not in one or one.get("layer") not in LAYERS:
            raise ValueError(f"{self.name}: header: {unknown or one}")
        self.what, self.layer = one["attack"], one["layer"]
        self.verdicts = set(one["verdict"].split("|"))
        self.mode = one.get("mode", "single")
        if self.verdicts - VERDICTS or self.mode not in MODES:
            raise ValueError(f"{self.name}: verdict or mode")
        self.prints = "\n".join(header["prints"]) if "prints" in header else None
        self.prints_match = one.get("prints_match")
        self.never = ["BREACH"] + header.get("never", [])
        self.limits = {**LIMITS, **json.loads(one.get("limits", "{}"))}
        self.extra = json.loads(one.get("request", "{}"))
        self.exit_code = int(one["exit_code"]) if "exit_code" in one else None
        self.signal, self.error, self.known = one.get("signal"), one.get("error"), one.get("known")
        self.denied = json.loads(one.get("denied", "null"))
        self.files = {key: json.loads(one[name]) for key, name in (("files", "taken"), ("files_missing", "untaken")) if name in one}
        self.cases = int(one.get("cases", 0))
        self.args = json.loads(one.get("args", "null"))
        self.code = json.loads(one["code"]) if "code" in one else None
        self.surround = json.loads(one.get("surround", "null"))
        self.repeat, self.latin1 = int(one.get("repeat", 1)), "latin1" in one
        self.own_output, self.differ, self.as_cold = "own_output" in one, "differ" in one, "as_cold" in one
        self.earlier, self.times = json.loads(one.get("before", "[]")), int(one.get("times", 1))
        self.language = LANGUAGES[path.suffix]

    def _split(self, text):
        header, lines = {}, text.split("\n")
        for n, line in enumerate(lines):
            m = LINE.match(line)
            if m:
                header.setdefault(m[1], []).append(m[2])
            elif not SPDX.match(line):
                return header, "\n".join(lines[n:])
        return header, ""

    def source(self, values):
        if self.code is not None:
            return self.code
        if self.surround:
            before, text, times = self.surround
            return before + text * times
        text = self.body  # without the header: it may name what the program must not know
        text = text.replace('#include "probe.h"', (HERE / "lib/probe.h").read_text())
        for name in ("probe", "search", "state"):
            if f"from {name} import *" in text:
                text = text.replace(f"from {name} import *", (HERE / f"lib/{name}.py").read_text())
        text = text.replace("require('./probe');", (HERE / "lib/probe.js").read_text())
        for key, value in values.items():
            text = text.replace(key, str(value))
        return text

    def bytes(self, values):
        """The request as it is sent."""
        if self.language is None:
            body = self.body.rstrip("\n") * self.repeat
            return body.encode("latin-1" if self.latin1 else "utf-8")
        request = {"code": self.source(values), "language": self.language, "limits": self.limits, **self.extra}
        if self.cases:
            request["test_cases"] = [{"input": "", "expected": "contained"}] * self.cases
        if self.args:
            request["args"] = ["a" * self.args[1]] * self.args[0]
        return json.dumps(request).encode()

    def before(self):
        """The submissions that come first, each with secrets of its own, as they are sent."""
        bodies = []
        for fields in self.earlier:
            text = json.dumps({"language": self.language, "limits": self.limits, **fields})
            text = re.sub("@SECRET:([a-z]+)@", lambda m: f"{SECRET}-{m[1]}-{secrets.token_hex(12)}", text)
            bodies.append(text.encode())
        return bodies

    def runs_warm(self):
        """A warm runner takes it: Python or JavaScript, and more than a request that is refused."""
        return self.language in ("python", "javascript") and self.verdicts != {"refused"}

    def breaches(self, run):
        """What shows that the attack got through, whatever the verdict."""
        text = json.dumps(run.result, ensure_ascii=False) if run.result is not None else ""
        text = "\n".join([text, run.stderr])
        return [f"the result holds {word!r}: {self._around(text, word)}" for word in self.never if word in text]

    @staticmethod
    def _around(text, word):
        at = text.index(word)
        return text[max(0, at - 60):at + 300]

    def faults(self, run, stolen_ms=0):
        """What differs from the expected result; empty when all is right.

        For as long as its processor is `stolen`, a supervisor watches nothing, and the kernel may count it as used.
        """
        wrong, r = self.breaches(run), run.result
        if r is None:
            return wrong + [f"no result: exit code {run.code}, {run.stderr[-500:]!r}"]
        verdict = r["verdict"] or "refused"
        if verdict not in self.verdicts:
            wrong.append(f"verdict {verdict}, expected {'|'.join(sorted(self.verdicts))}; "
                         f"output {r['output'][-300:]!r}, error {r['error'][-500:]!r}")
        if run.code is not None and run.code != (2 if verdict == "refused" else 0):
            wrong.append(f"exit code of kodewar {run.code} with verdict {verdict}")
        wrong += self._output_faults(r)
        wrong += [f"{key} {str(r.get(key))[:500]}, expected {want}" for key, want in self.files.items() if r.get(key) != want]
        for key in ("exit_code", "signal"):
            want = getattr(self, key)
            if want is not None and r[key] != want:
                wrong.append(f"{key} {r[key]!r}, expected {want!r}")
        if self.error and not re.search(self.error, r["error"]):
            wrong.append(f"error {r['error']!r} does not match {self.error!r}")
        if self.denied is not None and r["denied_syscalls"] is not None:  # None: nobody could watch
            got = {d["name"]: d["count"] for d in r["denied_syscalls"]}
            if got != self.denied:
                wrong.append(f"denied calls {got}, expected {self.denied}")
        if verdict != "refused":
            wrong += self._usage_faults(r, stolen_ms)
        return wrong

    def _output_faults(self, r):
        if self.prints is not None and r["output"].rstrip("\n") != self.prints and not self.cases:
            return [f"printed {r['output'][:500]!r}, expected {self.prints!r}; error {r['error'][-300:]!r}"]
        if self.prints_match and not re.search(self.prints_match, r["output"]):
            return [f"printed {r['output'][:500]!r}, expected {self.prints_match!r}"]
        for t in r["test_results"] if self.own_output else []:
            if set(t["actual"].split()) - {t["input"]}:
                return [f"test {t['input']} printed what another did: {t['actual'][:300]!r}"]
        limit = self.limits.get("output_bytes", 1048576)
        return [f"more output than {limit} bytes"] if len(r["output"]) > limit else []

    def _usage_faults(self, r, stolen_ms):
        wrong, used = [], r["usage"]
        if used["memory_kb"] > self.limits["memory_kb"] + SLACK_KB:
            wrong.append(f"used {used['memory_kb']} KiB of {self.limits['memory_kb']}")
        runs = max(1, len(r["test_results"]))
        if used["cpu_ms"] > runs * (self.limits["cpu_ms"] + 200) + stolen_ms:
            wrong.append(f"used {used['cpu_ms']} ms of cpu, {self.limits['cpu_ms']} allowed")
        return wrong


def load_all():
    return [Attack(p) for p in sorted(ROOT.glob("*/*")) if p.suffix in LANGUAGES]
