# SPDX-License-Identifier: Apache-2.0
"""`kodewar tree import`: file systems and images become trees; hostile ones become nothing, and reach nothing."""
import fcntl
import os
import stat
import subprocess
import tarfile

import pytest

import archives
import command_line
from archives import device, directory, file, hard, link, tar

UID = 1879048190  # of the reader: nobody else's
PROGRAM = ("usr/bin/program", b"#!")


@pytest.fixture(name="trees")
def fixture_trees(tmp_path):
    return tmp_path / "trees"


@pytest.fixture(name="take")
def fixture_take(trees, tmp_path):
    """Imports an archive as `one`: what was said, and the tree's directory."""
    def take(data, *options, stdin=False):
        path = tmp_path / "archive"
        path.write_bytes(data)
        words = ["tree", "import", "--trees-dir", trees, *options, "one", "-" if stdin else path]
        return command_line.kodewar(*words, stdin=data if stdin else b""), trees / "one"
    return take


def names(tree):
    return sorted(str(p.relative_to(tree)) for p in tree.rglob("*"))


def test_files(take):
    done, tree = take(tar(directory("usr"), directory("usr/bin"), PROGRAM, link("bin", "usr/bin"),
                          hard("usr/bin/twin", "usr/bin/program"), ("./usr/share/blank name\n", b"x")))
    assert done.returncode == 0, done.stderr
    assert (tree / "bin/twin").read_bytes() == b"#!" and (tree / "usr/share/blank name\n").exists()
    listed = command_line.kodewar("tree", "list", "--trees-dir", tree.parent)
    assert b"import of files" in listed.stdout


def test_modes_owners_and_devices_are_not_taken(take):
    done, tree = take(tar(file("usr/bin/su", b"x", mode=0o4777, uid=1234), device("usr/null"), directory("usr/open", 0o1777),
                          file("usr/secret", b"x", mode=0o600)))
    assert done.returncode == 0 and b"1 devices" in done.stderr
    modes = {name: stat.S_IMODE((tree / name).stat().st_mode) for name in names(tree)}
    assert modes["usr/bin/su"] == 0o755 and modes["usr/open"] == 0o755 and modes["usr/secret"] == 0o600
    assert {(tree / name).stat().st_uid for name in names(tree)} == {0} and "usr/null" not in modes


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_compressed_and_from_a_pipe(take, mode):
    done, tree = take(tar(PROGRAM, mode=mode), stdin=True)
    assert done.returncode == 0 and names(tree) == ["usr", "usr/bin", "usr/bin/program"], done.stderr


def test_nothing_of_the_host_that_made_it_stays(take):
    done, tree = take(tar(PROGRAM, ("etc/resolv.conf", b"host"), ("etc/hostname", b"host"), ("etc/apt/sources.list", b"host"),
                          ("tmp/left", b""), ("etc/kept", b"")))
    assert done.returncode == 0
    assert [n for n in names(tree) if not n.startswith("usr")] == ["etc", "etc/kept", "tmp"]


LOWER = tar(directory("usr", 0o555), PROGRAM, ("usr/gone", b"1"), ("usr/old/a", b"1"), ("usr/old/b", b"1"), ("usr/was/dir", b"1"))
UPPER = tar(("usr/new", b"2"), ("usr/.wh.gone", b""), ("usr/old/.wh..wh..opq", b""), ("usr/old/c", b"2"), ("usr/was", b"a file"))
WHOLE = ["usr", "usr/bin", "usr/bin/program", "usr/new", "usr/old", "usr/old/c", "usr/was"]


@pytest.mark.parametrize("image", [
    archives.saved(LOWER, UPPER), archives.saved(LOWER, UPPER, mode="w:gz"),
    archives.layout(LOWER, UPPER), archives.layout(tar(PROGRAM), LOWER, UPPER)], ids=["saved", "saved.gz", "oci", "oci-3"])
def test_images(take, image):
    done, tree = take(image)
    assert done.returncode == 0 and names(tree) == WHOLE, done.stderr
    assert (tree / "usr/was").read_bytes() == b"a file" and (tree / "usr/new").read_bytes() == b"2"


def test_a_layer_goes_where_links_of_a_lower_one_lead(take):
    lower = tar(PROGRAM, directory("usr/lib"), link("lib", "usr/lib"), directory("usr/in"), link("usr/in/top", "../../.."))
    upper = tar(("lib/new", b"2"), ("lib/deep/er", b"2"), ("usr/in/top/usr/high", b"2"), hard("usr/twin", "lib/new"))
    done, tree = take(archives.saved(lower, upper))
    assert done.returncode == 0 and os.readlink(tree / "lib") == "usr/lib", done.stderr
    assert {"usr/lib/new", "usr/lib/deep/er", "usr/high", "usr/twin"} <= set(names(tree))


def test_layers_that_are_links(take):
    """Old engines write a layer that is there twice as a link."""
    manifest = b'[{"Layers": ["a/layer.tar", "b/layer.tar"]}]'
    done, tree = take(tar(("a/layer.tar", LOWER), link("b/layer.tar", "../a/layer.tar"), ("manifest.json", manifest)))
    assert done.returncode == 0 and "usr/gone" in names(tree), done.stderr


SPARSE = file("usr/huge", b"")
SPARSE.size = 1 << 50
HOSTILE = {
    "up": (tar(PROGRAM, ("../../escaped", b"x")), b'".."'),
    "up in the middle": (tar(PROGRAM, ("usr/../../escaped", b"x")), b'".."'),
    "through a link": (tar(PROGRAM, link("usr/out", "/tmp"), ("usr/out/escaped", b"x")), b"usr/out/escaped"),
    "through a link up": (tar(PROGRAM, link("usr/out", "../../../../tmp"), ("usr/out/escaped", b"x")), b"usr/out/escaped"),
    "through a link in a loop": (tar(PROGRAM, link("usr/out", "out"), ("usr/out/escaped", b"x")), b"usr/out/escaped"),
    "hard link out": (tar(PROGRAM, hard("usr/shadow", "../../../../etc/shadow")), b'".."'),
    "hard link through a link": (tar(PROGRAM, link("usr/out", "/etc"), hard("usr/shadow", "usr/out/shadow")), b"usr/out/shadow"),
    "absolute hard link": (tar(PROGRAM, hard("usr/shadow", "/etc/shadow")), b"usr/shadow"),
    "no archive": (b"not an archive at all, but long enough to be one" * 100, b"archive"),
    "cut off": (tar(PROGRAM, ("usr/large", b"x" * 100000))[:50000], b"usr/large"),
    "no programs": (tar(("etc/passwd", b"x")), b"neither usr nor bin"),
    "nothing": (tar(), b"neither usr nor bin"),
    "two images": (tar(("manifest.json", b'[{"Layers": ["a"]}, {"Layers": ["b"]}]')), b"2 images"),
    "layer that is not there": (archives.saved(LOWER, named=["x/layer.tar", "y/layer.tar"]), b"y/layer.tar"),
    "layer up": (archives.saved(tar(PROGRAM, ("../escaped", b"x"))), b'".."'),
    "whiteout up": (archives.saved(tar(PROGRAM), tar(("../../.wh.usr", b""))), b'".."'),
    "whiteout of the parent": (archives.saved(tar(PROGRAM), tar(("usr/.wh...", b""))), b".wh..."),
    "layer that lies": (archives.layout(LOWER, lie=True), b"another blob"),
    "layers of no kind": (tar(("manifest.json", b'[{"Layers": [{"a": 1}]}]')), b"layer 0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_leave_nothing(take, trees, tmp_path, name):
    data, why = HOSTILE[name]
    done, tree = take(data)
    assert done.returncode == 2 and why in done.stderr, (done.returncode, done.stderr)
    assert not tree.exists() and not (trees / "one.manifest").exists()
    assert not list(tmp_path.glob("**/escaped")) and not os.path.exists("/tmp/escaped") and not os.path.exists("/escaped")
    again, tree = take(tar(PROGRAM))  # nor is anything in the way of the next
    assert again.returncode == 0 and names(tree) == ["usr", "usr/bin", "usr/bin/program"], again.stderr


def test_absolute_names_and_links_are_the_trees_own(take):
    done, tree = take(tar(("/usr/bin/program", b"#!"), link("usr/bin/sh", "/usr/bin/program"), link("usr/up", "../../../../etc")))
    assert done.returncode == 0 and os.readlink(tree / "usr/bin/sh") == "/usr/bin/program", done.stderr


def test_bounds(take, trees):
    many = tar(*[(f"usr/{i}", b"") for i in range(101)])
    done, _ = take(many, "--max-files", "100")
    assert done.returncode == 2 and b"--max-files" in done.stderr
    done, _ = take(tar(PROGRAM, ("usr/large", b"x" * 70000)), "--max-bytes", "64K")
    assert done.returncode == 2 and b"--max-bytes" in done.stderr
    header = SPARSE.tobuf(tarfile.GNU_FORMAT)
    done, _ = take(tar(PROGRAM)[:1024] + header)
    assert done.returncode == 2 and b"usr/huge" in done.stderr, done.stderr
    done, _ = take(many, "--max-bytes", "20K", stdin=True)
    assert done.returncode == 2 and b"--max-bytes" in done.stderr
    assert not (trees / "one").exists()


def test_a_name_is_checked_and_taken_once(take, trees):
    assert take(tar(PROGRAM))[0].returncode == 0
    done, _ = take(tar(PROGRAM))
    assert done.returncode == 2 and b"remove it" in done.stderr
    for name in ("host", "../x", "a.part", "a.manifest", ".a", "A", "a/b", "-", "x" * 64):
        done = command_line.kodewar("tree", "import", "--trees-dir", trees, "--", name, "/dev/null")
        assert done.returncode == 2, name


def test_a_tree_gives_way_to_another_of_its_name(take, trees):
    """At once for who comes, and never for who is there: what he has is taken away when he has gone."""
    _, one = take(tar(("usr/first", b"")))
    held = os.open(one, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    done, _ = take(tar(("usr/second", b"")), "--replace")
    assert done.returncode == 0 and names(one) == ["usr", "usr/second"], done.stderr
    (aside,) = trees.glob(".used-*")
    assert names(aside) == ["usr", "usr/first"]
    assert command_line.kodewar("tree", "verify", "--trees-dir", trees, "--quiet", "one").returncode == 0
    os.close(held)
    done, _ = take(tar(("usr/third", b"")), "--replace")
    assert done.returncode == 0 and names(one) == ["usr", "usr/third"], done.stderr
    assert sorted(os.listdir(trees)) == ["one", "one.manifest"]


def test_a_death_in_the_middle_of_giving_way_harms_nobody(take, trees, tmp_path):
    """The new tree has the name, and the old one lies where the new one was made: it is used, and is not what is made next."""
    _, one = take(tar(("usr/first", b"")))
    held = os.open(one, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    (tmp_path / "second").write_bytes(tar(("usr/second", b"")))
    died = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "inject=rename:signal=KILL:when=3", command_line.ROOT / "build/kodewar", "tree", "import",
                           "--trees-dir", trees, "--replace", "one", tmp_path / "second"], capture_output=True, timeout=60, check=False)
    assert died.returncode != 0 and names(one) == ["usr", "usr/second"]
    assert names(trees / "one.part/root") == ["usr", "usr/first"]
    removed = command_line.kodewar("tree", "remove", "--trees-dir", trees, "one")
    assert removed.returncode != 0 and b"somebody uses it" in removed.stderr
    done, _ = take(tar(("usr/second", b"")), "--replace")
    assert done.returncode == 0 and names(one) == ["usr", "usr/second"], done.stderr
    assert [names(path) for path in trees.glob(".used-*")] == [["usr", "usr/first"]]
    os.close(held)


def test_the_reader_of_archives_has_no_privileges(trees, tmp_path):
    """While it reads: no capability, a uid of its own, the tree as its root, no network."""
    part = trees / "probe"
    part.mkdir(parents=True)
    os.chown(part, UID, UID)
    archive = tmp_path / "slow"
    archive.write_bytes(tar(PROGRAM, mode="w:gz"))
    traced = subprocess.run(
        ["strace", "-f", "-o", tmp_path / "trace", "-e", "trace=pivot_root,setresuid,capset,prctl,unshare,read",
         command_line.ROOT / "build/kodewar-unpack", part, str(UID), "1000000", "1000"],
        stdin=archive.open("rb"), capture_output=True, timeout=60, check=False)
    assert traced.returncode == 0, (traced.stdout, traced.stderr)
    calls = (tmp_path / "trace").read_text().splitlines()
    when = {what: next(i for i, line in enumerate(calls) if what in line)
            for what in ("pivot_root(", f"setresuid({UID}", "PR_SET_NO_NEW_PRIVS", "read(0, ")}
    assert when["pivot_root("] < when[f"setresuid({UID}"] < when["PR_SET_NO_NEW_PRIVS"] < when["read(0, "]
