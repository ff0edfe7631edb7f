# SPDX-License-Identifier: Apache-2.0
"""The host during an attack: secrets where attackers look, and what may not be left behind.

Everything that a run of kodewar leaves alive becomes a child of this process (it is a sub-reaper), and the
mounts that it sees are its own, so that other work on the same host does not disturb the census.
"""
import ctypes
import fcntl
import glob
import os
import secrets
import selectors
import socket
import threading
import time

BOX_UIDS = 0x70000000
# Attacks are written against the short names; each run of a suite has names of its own, so that several
# can run on one host (see Canary.values).
RUN = secrets.token_hex(4)
SHM_KEY = int(RUN[:7], 16) + 1
NAME = f"kodewar-canary-{RUN}"
FILES = [f"{d}/{NAME}" for d in ("/root", "/tmp", "/var/tmp", "/run", "/home", "/dev/shm", "/srv")]
SOCKET_PATH = f"/run/{NAME}.sock"
ABSTRACT = f"\0kodewar-hostile-canary-{RUN}"
MARK = "kw-hostile"
LITTERED = ("/", "/tmp", "/dev/shm", "/var/tmp", "/run", "/root", "/etc", "/dev", "/usr/bin", "/usr/lib")
SLOT_LOCKS = "/run/kodewar"
SETTLE_SEC = 3.0

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p


def stand_apart():
    """Inherits what runs of kodewar leave alive, and sees no mounts but those of before, its own and theirs."""
    if libc.prctl(36, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")
    if libc.unshare(0x20000) != 0:
        raise OSError(ctypes.get_errno(), "CLONE_NEWNS")
    if libc.mount(b"none", b"/", None, (1 << 18) | (1 << 14), None) != 0:  # private, all of them
        raise OSError(ctypes.get_errno(), "make mounts private")


class Canary:
    """One secret, everywhere; listeners that no box may ever reach."""

    def __init__(self):
        self.secret = "kw-canary-" + secrets.token_hex(16)
        self.touched = []
        for path in FILES:
            with open(path, "w") as f:
                f.write(self.secret)
            os.chmod(path, 0o600 if path.startswith("/root") else 0o644)
        self._key()
        self._shm()
        self._listen()

    def _key(self):
        if libc.syscall(250, 1, None) >= 0:  # keyctl: a session keyring of our own, inherited by every run
            text = self.secret.encode()
            libc.syscall(248, b"user", NAME.encode(), text, len(text), -3)

    def _shm(self):
        self.shm = libc.shmget(SHM_KEY, 4096, 0o1666)
        at = libc.shmat(self.shm, None, 0)
        ctypes.memmove(at, self.secret.encode(), len(self.secret))
        libc.shmdt(ctypes.c_void_p(at))

    def _listen(self):
        self.selector, self.port = selectors.DefaultSelector(), 0
        tcp = socket.create_server(("0.0.0.0", 0))
        self.port = tcp.getsockname()[1]
        if os.path.exists(SOCKET_PATH):
            os.unlink(SOCKET_PATH)
        for address in (SOCKET_PATH, ABSTRACT):
            s = socket.socket(socket.AF_UNIX)
            s.bind(address)
            s.listen()
            self.selector.register(s, selectors.EVENT_READ)
        os.chmod(SOCKET_PATH, 0o777)
        self.selector.register(tcp, selectors.EVENT_READ)
        self.stop_r, self.stop_w = os.pipe()
        self.selector.register(self.stop_r, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.fd == self.stop_r:
                    return
                c, _ = key.fileobj.accept()
                self.touched.append(str(key.fileobj.getsockname()))
                with c:
                    c.sendall(self.secret.encode())

    def faults(self):
        wrong = [f"a listener of the host was reached: {t}" for t in self.touched]
        self.touched.clear()
        for path in FILES:
            try:
                st = os.stat(path)
                with open(path) as f:
                    if f.read() != self.secret or st.st_uid != 0:
                        wrong.append(f"{path} was changed")
            except OSError as e:
                wrong.append(f"{path}: {e}")
        return wrong

    def close(self):
        os.write(self.stop_w, b"x")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            if not isinstance(key.fileobj, int):
                key.fileobj.close()
        for path in FILES + [SOCKET_PATH]:
            os.unlink(path)
        libc.shmctl(self.shm, 0, None)

    def values(self):
        """What is put into the sources of attacks."""
        return {"kodewar-canary": NAME, "kodewar-hostile-canary": ABSTRACT[1:], "0x6b776873": hex(SHM_KEY),
                "@TCP_PORT@": self.port, "@HOSTNAME@": socket.gethostname()}


def stolen_ms():
    """Of all processors together since the start: what the hypervisor gave to others while something was to be run here."""
    with open("/proc/stat", encoding="ascii") as f:
        return int(f.readline().split()[8]) * 1000 // os.sysconf("SC_CLK_TCK")


def reap():
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def descendants():
    """Living processes below this one, as "pid name"; threads of this process are no processes."""
    parents, names = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    head, tail = f.read().rsplit(")", 1)
            except OSError:
                continue
            fields = tail.split()
            parents[int(name)], names[int(name)] = int(fields[1]), f"{head}) {fields[0]}"
    below, found = {os.getpid()}, True
    while found:
        found = {p for p, parent in parents.items() if parent in below and p not in below}
        below |= found
    return [names[p] for p in below if p != os.getpid()]


def mounts():
    with open("/proc/self/mountinfo") as f:
        return {line.split(" ", 2)[2] for line in f}


def cgroup_slots():
    """Directories of instances that no living instance holds, in every hierarchy."""
    found = set()
    with open("/proc/self/cgroup") as f:
        own = {line.rstrip("\n").split(":", 2)[2] for line in f} | {"/"}
    for top in ["/sys/fs/cgroup"] + glob.glob("/sys/fs/cgroup/*/"):
        for path in own:
            found |= {p for p in glob.glob(f"{top.rstrip('/')}{path.rstrip('/')}/kodewar/*/") if not slot_held(p)}
    return found


def slot_held(path):
    name = os.path.basename(path.rstrip("/"))
    try:
        fd = os.open(f"{SLOT_LOCKS}/{name}.lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)


def ipc_objects():
    found = set()
    for kind in ("shm", "sem", "msg"):
        try:
            with open(f"/proc/sysvipc/{kind}") as f:
                head, *rows = (line.split() for line in f)
                found |= {f"{kind} {' '.join(row)}" for row in rows if int(row[head.index("cuid")]) >= BOX_UIDS}
        except OSError:
            pass
    return found


def box_keys():
    with open("/proc/key-users") as f:
        return {line.split(":")[0].strip() for line in f if int(line.split(":")[0]) >= BOX_UIDS}


def litter():
    found = set()
    for d in LITTERED:
        try:
            with os.scandir(d) as entries:
                for e in entries:
                    if MARK in e.name:
                        found.add(e.path)
                    elif e.stat(follow_symlinks=False).st_uid >= BOX_UIDS:
                        found.add(e.path)
        except OSError:
            pass
    try:
        stage = os.listdir("/run/kodewar/stage")
    except OSError:
        stage = []
    return found | {f"/run/kodewar/stage/{name}" for name in stage}


class Census:
    """Counts before, compared with counts after, once everything had the time to settle."""

    def __init__(self):
        self.before = self._now()

    @staticmethod
    def _now():
        reap()
        return {"process": set(descendants()), "mount": mounts(), "cgroup": cgroup_slots(), "ipc object": ipc_objects(),
                "key": box_keys(), "file": litter(), "descriptor": set(os.listdir("/proc/self/fd"))}

    def faults(self, is_known=lambda kind, thing: False):
        deadline = time.monotonic() + SETTLE_SEC
        while True:
            left = {kind: [t for t in things - self.before[kind] if not is_known(kind, t)]
                    for kind, things in self._now().items()}
            wrong = [f"left behind, {kind}: {sorted(things)}" for kind, things in left.items() if things]
            if not wrong or time.monotonic() > deadline:
                return wrong
            time.sleep(0.02)
