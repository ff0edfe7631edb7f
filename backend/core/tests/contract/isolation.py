# SPDX-License-Identifier: Apache-2.0
"""What a program can see and reach.  The attacks are in tests/hostile; here are the basics."""

import json
import os
import secrets
import socket

import pytest

from contract import client

PROBE = r"""
import json, os, socket, stat, sys

def attempt(f, *args):
    try:
        f(*args)
    except OSError as e:
        return e.errno
    return 0

def write(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))

status = dict(line.rstrip('\n').split(':\t', 1) for line in open('/proc/self/status') if ':\t' in line)
devices = {}
for name in os.listdir('/dev'):
    st = os.lstat('/dev/' + name)
    devices[name] = 'l' if stat.S_ISLNK(st.st_mode) else 'c' if stat.S_ISCHR(st.st_mode) else \
        'b' if stat.S_ISBLK(st.st_mode) else 'd' if stat.S_ISDIR(st.st_mode) else '?'
dangerous = []
for top in ('/usr/bin', '/bin', '/etc', '/tmp', '/box', '/dev/shm'):
    for base, _, names in os.walk(top):
        for name in names:
            try:
                st = os.lstat(base + '/' + name)
            except OSError:
                continue
            if stat.S_ISBLK(st.st_mode) or stat.S_ISCHR(st.st_mode) or stat.S_ISSOCK(st.st_mode):
                dangerous.append(base + '/' + name)
print(json.dumps({
    'ids': [os.getuid(), os.geteuid(), os.getgid(), os.getegid(), *os.getresuid(), *os.getresgid()],
    'groups': os.getgroups(),
    'uid_map': open('/proc/self/uid_map').read().split('\n'),
    'status': status,
    'pid': os.getpid(),
    'own_session': os.getsid(0) == os.getpid(),
    'pids': sorted(int(p) for p in os.listdir('/proc') if p.isdigit()),
    'proc': sorted(p for p in os.listdir('/proc') if not p.isdigit()),
    'write': {p: attempt(write, p + '/probe') for p in
              ('', '/usr', '/usr/bin', '/usr/lib', '/etc', '/bin', '/lib', '/dev', '/proc', '/proc/self',
               '/tmp', '/box', '/dev/shm')},
    'open_for_writing': {p: attempt(lambda p: os.close(os.open(p, os.O_WRONLY)), p) for p in
                         ('/etc/passwd', '/usr/bin/env', '/proc/self/oom_score_adj', '/proc/self/uid_map')},
    'sockets': {n: attempt(lambda f, t: socket.socket(f, t).close(), f, t) for n, f, t in (
        ('inet', 2, 1), ('inet udp', 2, 2), ('inet6', 10, 1), ('raw', 2, 3), ('netlink', 16, 3), ('packet', 17, 3),
        ('alg', 38, 5), ('vsock', 40, 1), ('unix', 1, 1))},
    'socketpair': attempt(socket.socketpair),
    'hostname': socket.gethostname(),
    'devices': devices,
    'dangerous': dangerous,
    'exists': {p: os.path.exists(p) for p in (
        '/sys', '/root', '/home', '/var', '/run', '/boot', '/opt', '/mnt', '/srv', '/work', '/etc/shadow', '/etc/ssh',
        '/etc/machine-id', '/dev/mem', '/dev/kmsg', '/dev/tty', '/dev/pts', '/dev/ptmx', '/proc/kcore', '/proc/sys',
        '/proc/meminfo', '/var/run/docker.sock', '/.dockerenv')},
    'mounts': [line.split() for line in open('/proc/self/mountinfo')],
    'fds': sorted(int(fd) for fd in os.listdir('/proc/self/fd'))[:-1],
    'cwd': os.getcwd(),
    'environ': dict(os.environ),
    'argv': sys.argv,
    'oom_score_adj': int(open('/proc/self/oom_score_adj').read()),
    'init': {n: attempt(lambda n: open('/proc/1/' + n, 'rb').read(), n) for n in ('environ', 'maps', 'mem', 'auxv')},
    'kill_init': attempt(os.kill, 1, 9),
    'ppid': os.getppid(),
    'chroot': attempt(os.chroot, '/tmp'),
    'setuid': attempt(os.setuid, 0),
    'mknod': attempt(os.mknod, '/tmp/n', 0o20666, os.makedev(1, 3)),
    'chown': attempt(os.chown, '/box', 0, 0),
    'umask': os.umask(0),
    'cgroup': open('/proc/self/cgroup').read() if os.path.exists('/proc/self/cgroup') else '',
}))
"""
EACCES, EPERM, EROFS, EAFNOSUPPORT, ENOENT = 13, 1, 30, 97, 2
REFUSED = {EACCES, EPERM, EROFS}


def probe(judge):
    """What the probe saw; the fixture `seen` of conftest.py."""
    result = judge(PROBE)
    assert result["verdict"] == "accepted", result
    return json.loads(result["output"])


class TestIsolation:
    def test_uid_and_gid_are_not_0(self, seen):
        assert 0 not in seen["ids"]

    def test_there_are_no_further_groups(self, seen):
        assert set(seen["groups"]) <= {seen["ids"][2]}

    def test_there_is_no_capability_left(self, seen):
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(seen["status"][name], 16) == 0, name

    def test_no_new_privs_and_seccomp_are_on(self, seen):
        assert seen["status"]["NoNewPrivs"] == "1" and seen["status"]["Seccomp"] == "2"

    def test_user_namespace_maps_one_id(self, seen):
        lines = [line.split() for line in seen["uid_map"] if line]
        assert len(lines) == 1 and lines[0][0] != "0" and lines[0][1] != "0" and lines[0][2] == "1"

    def test_the_program_is_never_pid_1(self, seen):
        assert seen["pid"] > 1

    def test_the_program_leads_its_own_session(self, seen):
        assert seen["own_session"] is True

    def test_proc_shows_processes_of_the_box_only(self, seen):
        assert set(seen["pids"]) <= {1, seen["pid"]}
        assert set(seen["proc"]) <= {"self", "thread-self"}

    @pytest.mark.parametrize("path", ["", "/usr", "/usr/bin", "/usr/lib", "/etc", "/bin", "/lib", "/dev"])
    def test_the_tree_cannot_be_written(self, seen, path):
        assert seen["write"][path] in REFUSED

    @pytest.mark.parametrize("path", ["/proc", "/proc/self"])
    def test_nothing_can_be_made_in_proc(self, seen, path):
        assert seen["write"][path] in REFUSED | {ENOENT}

    @pytest.mark.parametrize("path", ["/tmp", "/box", "/dev/shm"])
    def test_the_tmpfs_can_be_written(self, seen, path):
        assert seen["write"][path] == 0

    def test_files_of_the_tree_cannot_be_opened_for_writing(self, seen):
        absent = {ENOENT} if client.BACKEND == "docker" else set()  # an image need not have all of them
        assert set(seen["open_for_writing"].values()) <= REFUSED | absent

    @pytest.mark.parametrize("family", ["inet", "inet udp", "inet6", "raw", "netlink", "packet", "alg", "vsock"])
    def test_there_is_no_socket_but_unix(self, seen, family):
        assert seen["sockets"][family] == EAFNOSUPPORT

    def test_unix_sockets_work_inside(self, seen):
        assert seen["sockets"]["unix"] == 0 and seen["socketpair"] == 0

    def test_abstract_sockets_of_the_host_are_out_of_reach(self, judge):
        name = "kodewar-test-" + secrets.token_hex(8)
        code = f"import socket\ntry: socket.socket(socket.AF_UNIX).connect('\\0{name}')\n" \
               "except OSError as e: print(type(e).__name__)"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("\0" + name)
            listener.listen()
            result = judge(code)
        assert result["output"] in ("ConnectionRefusedError\n", "PermissionError\n")

    def test_hostname_is_not_the_hosts(self, seen):
        assert seen["hostname"] not in ("", os.uname().nodename)

    def test_there_are_five_devices(self, seen):
        devices = [name for name, kind in seen["devices"].items() if kind in "cb"]
        assert sorted(devices) == ["full", "null", "random", "urandom", "zero"]

    def test_dev_holds_only_links_beside_them(self, seen):
        others = {name: kind for name, kind in seen["devices"].items() if kind not in "cb"}
        assert others == {"fd": "l", "stdin": "l", "stdout": "l", "stderr": "l", "shm": "d"}

    def test_there_is_no_device_or_socket_elsewhere(self, seen):
        assert seen["dangerous"] == []

    def test_nothing_of_the_host_that_matters_is_there(self, seen):
        assert [path for path, there in seen["exists"].items() if there] == []

    def test_every_mount_is_nosuid(self, seen):
        assert [mount[4] for mount in seen["mounts"] if "nosuid" not in mount[5].split(",")] == []

    def test_only_the_tmpfs_is_mounted_writable(self, seen):
        writable = [mount[4] for mount in seen["mounts"] if "rw" in mount[5].split(",")]
        assert set(writable) <= {"/tmp", "/box", "/dev/shm"}

    def test_every_writable_mount_is_nodev(self, seen):
        for mount in seen["mounts"]:
            if "rw" in mount[5].split(","):
                assert "nodev" in mount[5].split(","), mount

    def test_only_stdin_stdout_and_stderr_are_open(self, seen):
        assert seen["fds"] == [0, 1, 2]

    def test_the_working_directory_is_box(self, seen):
        assert seen["cwd"] == "/box"

    def test_oom_score_adj_is_1000(self, seen):
        assert seen["oom_score_adj"] == 1000

    def test_init_cannot_be_read(self, seen):
        assert set(seen["init"].values()) <= {EACCES, EPERM, ENOENT}

    def test_init_cannot_be_killed(self, seen):
        assert seen["kill_init"] == EPERM and seen["ppid"] == 0

    @pytest.mark.parametrize("call", ["chroot", "setuid", "mknod", "chown"])
    def test_calls_of_root_are_refused(self, seen, call):
        assert seen[call] != 0

    def test_cgroup_paths_of_the_host_are_not_shown(self, seen):
        for line in seen["cgroup"].splitlines():
            assert line.split(":", 2)[2] == "/", line

    def test_no_signal_is_blocked(self, seen):
        assert int(seen["status"]["SigBlk"], 16) == 0

    def test_javascript_runs_in_the_same_box(self, judge):
        code = "const fs = require('fs'); let e = '';\n" \
               "try { fs.writeFileSync('/usr/x', '') } catch (x) { e = x.code }\n" \
               "console.log(process.getuid() !== 0, e !== '', process.cwd(), process.pid > 1)"
        assert judge(code, "javascript")["output"] == "true true /box true\n"

    def test_javascript_has_no_network(self, judge):
        code = "require('net').connect(80, '127.0.0.1').on('error', e => console.log(e.code))"
        assert judge(code, "javascript", limits={"wall_ms": 3000})["output"] == "EAFNOSUPPORT\n"

    def test_c_runs_in_the_same_box(self, judge):
        code = "#include <stdio.h>\n#include <unistd.h>\nint main(void)\n{\n\tchar cwd[99];\n" \
               '\tprintf("%d %d %s\\n", getuid() != 0, access("/etc/shadow", F_OK), getcwd(cwd, 99));\n\treturn 0;\n}\n'
        assert judge(code, "c")["output"] == "1 -1 /box\n"

    def test_the_compiler_runs_in_a_box_too(self, judge):
        result = judge('#include "/etc/shadow"\nint main(void) { return 0; }\n', "c")
        assert result["verdict"] == "compile_error"
        assert "No such file" in result["compile"]["output"]


SEARCH = r"""
import os, sys

needle = ('EXPEC' + 'TED-').encode()
found = [a for a in sys.argv if needle.decode() in a]
found += [k for k, v in os.environ.items() if needle.decode() in v]
for top in ('/box', '/tmp', '/dev/shm', '/etc', '/proc'):
    for base, dirs, names in os.walk(top):
        for name in names:
            path = os.path.join(base, name)
            if not os.path.isfile(path) or os.path.islink(path) or name in ('mem', 'clear_refs', 'pagemap'):
                continue
            try:
                with open(path, 'rb') as f:
                    if needle in f.read(1 << 20):
                        found.append(path)
            except OSError:
                pass
print(found or 'nothing')
"""
# Its own memory as well, where a fork without exec could have left something.
SEARCH_MEMORY = r"""
needle = bytes(c ^ 1 for c in b'DYQDBUDE,')
hits = 0
with open('/proc/self/mem', 'rb', 0) as mem:
    for line in open('/proc/self/maps').read().splitlines():
        area, flags = line.split()[:2]
        start, end = (int(n, 16) for n in area.split('-'))
        if flags[0] != 'r' or end - start > 64 << 20:
            continue
        try:
            mem.seek(start)
            data = mem.read(end - start)
        except (OSError, OverflowError, ValueError):
            continue
        at = data.find(needle)
        while at >= 0:
            tail = data[at + 9:at + 25]
            hits += len(tail) == 16 and all(c in b'0123456789abcdef' for c in tail)
            at = data.find(needle, at + 1)
        del data
print(hits)
"""


class TestSecrecy:
    def test_expected_is_nowhere_in_the_box(self, judge):
        token = "EXPECTED-" + secrets.token_hex(8)
        result = judge(SEARCH, test_cases=[{"input": "", "expected": token}])
        assert result["test_results"][0]["actual"] == "nothing\n"

    def test_the_search_would_find_it(self, judge):
        token = "EXPECTED-" + secrets.token_hex(8)
        result = judge(SEARCH, args=[token], env={"HINT": token}, files=[{"name": "hint", "content": token}])
        assert token in result["output"] and "HINT" in result["output"] and "/box/hint" in result["output"]
        assert "/cmdline" in result["output"] and "/environ" in result["output"]

    def test_expected_is_nowhere_in_the_programs_memory(self, judge):
        token = "EXPECTED-" + secrets.token_hex(8)
        result = judge(SEARCH_MEMORY, test_cases=[{"input": "", "expected": token}])
        assert result["test_results"][0]["actual"] == "0\n"

    def test_the_search_in_memory_would_find_it(self, judge):
        result = judge(SEARCH_MEMORY, env={"HINT": "EXPECTED-" + secrets.token_hex(8)})
        assert int(result["output"]) >= 1

    def test_inputs_of_other_cases_are_nowhere_in_the_box(self, judge):
        token = "EXPECTED-" + secrets.token_hex(8)
        cases = [{"input": token, "expected": ""}, {"input": "", "expected": ""}] * 3
        result = judge(SEARCH, test_cases=cases)
        assert {case["actual"] for case in result["test_results"][1::2]} == {"nothing\n"}

    def test_nothing_of_the_callers_environment_is_in_the_box(self):
        token = "EXPECTED-" + secrets.token_hex(8)
        answer = client.call(client.encode({"code": SEARCH, "language": "python"}),
                             env={**client.CLEAN_ENV, "CALLER_SECRET": token})
        assert answer.json["output"] == "nothing\n"

    def test_the_environment_is_the_languages_own(self, seen):
        assert "HOME" not in seen["environ"] or seen["environ"]["HOME"] in ("/box", "/tmp", "/")
        assert set(seen["environ"]) <= {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "USER", "SHELL",
                                        "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONUNBUFFERED",
                                        "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONSAFEPATH", "PYTHONNOUSERSITE"}

    def test_argv_names_the_source_only(self, seen):
        assert len(seen["argv"]) == 1 and seen["argv"][0].endswith("main.py")
