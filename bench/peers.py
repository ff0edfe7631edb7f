# SPDX-License-Identifier: Apache-2.0
"""The others: how each peer on this machine runs a program, and who is absent, and why."""
import json
import os
import subprocess

from docker import IMAGE
from gojudge import GoJudge
from measure import ENV, PROGRAMS, PYTHON, Absent, find, hang_up

IN_BOX = "/prog"  # where a peer's box sees bench/programs, read-only
LINKS = (("usr/bin", "/bin"), ("usr/lib", "/lib"), ("usr/lib64", "/lib64"))
BARE = "bare fork+exec"


class Spawned:
    """Commands forked and exec'd by bench-spawn, which holds the stopwatch."""

    def __init__(self, name, spawn, commands, stdin_file, around=(), every=1, counts_cpu=True):
        words = [w for i, command in enumerate(commands) for w in ([";"] if i else []) + list(command)]
        self.name, self.every, self.answers = name, every, []
        self._counts_cpu, self._cpu = counts_cpu, []
        self.process = subprocess.Popen([*around, spawn, *(["-i", stdin_file] if stdin_file else []), "--", *words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=ENV, text=True)
        try:
            self.turn(count=False)
        except Absent:
            self.close()
            raise

    def _ask(self, runs, slots):
        try:
            self.process.stdin.write(f"{runs} {slots}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            said = self.process.stderr.read().strip().splitlines() or ["failed"]
            raise Absent(f"{self.name} does not run here: {said[0][:100]}")
        return json.loads(line)

    def turn(self, count=True):
        answer = self._ask(1, 1)
        if count:
            self.answers.append(answer["nsec"])
            self._cpu.append(answer["cpu_usec"])

    def burst(self, runs, slots):
        answer = self._ask(runs, slots)
        self.burst_cpu_usec = answer["cpu_usec"]
        return answer["nsec"]

    def cpu_usec(self):
        return sum(self._cpu) / len(self._cpu) if self._cpu and self._counts_cpu else None

    def close(self):
        hang_up(self.process)
        self.process.stdout.close()
        self.process.stderr.close()


class Field:
    """Makes the peers for one program; names the absent ones once."""

    def __init__(self, spawn, directory, engine=None, engine_absent=None):
        self.spawn, self.directory = spawn, directory
        self.engine = engine
        self.absent = {}
        if engine_absent:
            self.absent["docker run"] = engine_absent

    def _stdin(self, program):
        if not program.stdin:
            return None
        path = os.path.join(self.directory, program.key + ".stdin")
        with open(path, "w", encoding="utf-8") as f:
            f.write(program.stdin)
        return path

    def _spawned(self, name, program, *commands, **more):
        return Spawned(name, self.spawn, commands, self._stdin(program), **more)

    def bare(self, program):
        return self._spawned(BARE, program, program.at(PROGRAMS))

    def bare_source(self, code):
        """Bare Python on a file with that source."""
        path = os.path.join(self.directory, f"source-{len(code)}.py")
        with open(path, "w", encoding="utf-8") as f:
            f.write(code)
        return Spawned(BARE, self.spawn, [[PYTHON, path]], None)

    def bwrap(self, program):
        links = [w for target, name in LINKS for w in ("--symlink", target, name)]
        return self._spawned("bwrap", program, [
            _need("bwrap"), "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--ro-bind", PROGRAMS,
            IN_BOX, *links, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--", *program.at(IN_BOX)])

    def nsjail(self, program):
        links = [w for target, name in LINKS for w in ("-s", f"/{target}:{name}")]
        return self._spawned("nsjail", program, [
            _need("nsjail"), "-Mo", "-Q", "--disable_rlimits", "-R", "/usr", "-R", f"{PROGRAMS}:{IN_BOX}", *links,
            "-T", "/tmp", "--", *program.at(IN_BOX)])

    def isolate(self, program):
        path = _need("isolate")
        box = [path, "--box-id=@SLOT@"]
        return self._spawned(
            "isolate", program, [*box, "--silent", "--init"],
            [*box, "--silent", f"--dir={IN_BOX[1:]}={PROGRAMS}", "--processes=64", "--run", "--", *program.at(IN_BOX)],
            [*box, "--silent", "--cleanup"])

    def crun(self, program):
        # It refuses hybrid hosts: it is shown the v1 controllers alone, in a mount namespace made before the clock.
        around = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                  'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"', "masked"]
        return self._oci("crun", program, around=around)

    def runc(self, program):
        return self._oci("runc", program, every=2)

    def _oci(self, name, program, **more):
        path = _need(name)
        bundle = os.path.join(self.directory, f"{name}-{program.key}")
        if not os.path.isdir(bundle):
            os.makedirs(bundle)
            _oci_bundle(bundle, program.at(IN_BOX))
        return self._spawned(name, program, [path, "run", "--bundle", bundle, "bench-@RUN@"], **more)

    def docker(self, program):
        """`docker run` of Debian's slim image, with the host's /usr so that all run the same interpreter."""
        if not self.engine:
            raise Absent(self.absent.get("docker run", "no engine asked for"))
        host = ["-H", self.engine.host] if self.engine.host else []
        # What its daemons use is not in the client's tree.
        return self._spawned("docker run", program, [
            _need("docker"), *host, "run", "--rm", "-i", "--network=none", "-v", "/usr:/usr:ro",
            "-v", f"{PROGRAMS}:{IN_BOX}:ro", IMAGE, *program.at(IN_BOX)], every=5, counts_cpu=False)

    def all(self, program, names=("bwrap", "nsjail", "isolate", "crun", "runc", "docker", "go-judge")):
        """Bare first, then each peer that works here."""
        found = [self.bare(program)]
        for name in names:
            try:
                found.append(GoJudge(program) if name == "go-judge" else getattr(self, name)(program))
            except Absent as e:
                self.absent[{"docker": "docker run"}.get(name, name)] = str(e)
        return found


def _need(name):
    path = find(name)
    if not path:
        raise Absent("not installed")
    return path


def _oci_bundle(directory, argv):
    """A bundle whose root holds nothing but a read-only /usr, as our tree does."""
    root = os.path.join(directory, "rootfs")
    for name in ("usr", "proc", "dev", "tmp", "etc", IN_BOX[1:]):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    for target, name in LINKS:
        os.symlink(target, root + name)
    subprocess.run([_need("runc"), "spec", "--bundle", directory], env=ENV, check=True)
    path = os.path.join(directory, "config.json")
    with open(path, encoding="utf-8") as f:
        spec = json.load(f)
    spec["process"].update({"terminal": False, "args": argv})
    spec["mounts"] += [{"destination": at, "type": "bind", "source": source, "options": ["rbind", "ro"]}
                       for at, source in (("/usr", "/usr"), (IN_BOX, PROGRAMS))]
    with open(path, "w", encoding="utf-8") as f:
        json.dump(spec, f)


def versions():
    """name -> what each tool here says of its version."""
    asked = {"bwrap": ["--version"], "isolate": ["--version"], "crun": ["--version"], "runc": ["--version"]}
    found = {}
    for name, words in asked.items():
        path = find(name)
        if path:
            done = subprocess.run([path, *words], env=ENV, capture_output=True, text=True)
            found[name] = ((done.stdout or done.stderr).strip().splitlines() or ["?"])[0].split()[-1]
    # These two do not tell it; tools/bench-peers pins them.
    found.update({n: v for n, v in (("nsjail", "3.4"), ("go-judge", "1.6.2")) if find(n)})
    return found
