# SPDX-License-Identifier: Apache-2.0
"""Archives as people have them, and as nobody should: entry by entry, in memory."""
import hashlib
import io
import json
import tarfile


class Entry(tarfile.TarInfo):
    content = b""


def tar(*entries, mode="w"):
    """entries: (name, content) for a file, or a TarInfo made by one of the functions below. As bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tuple):
                entry = file(*entry)
            archive.addfile(entry, io.BytesIO(entry.content))
    return out.getvalue()


def file(name, content=b"", mode=0o644, **more):
    info = Entry(name)
    info.content = content
    info.size, info.mode = len(content), mode
    for key, value in more.items():
        setattr(info, key, value)
    return info


def special(name, kind, link="", mode=0o755):
    info = Entry(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def directory(name, mode=0o755):
    return special(name, tarfile.DIRTYPE, mode=mode)


def link(name, to):
    return special(name, tarfile.SYMTYPE, to)


def hard(name, to):
    return special(name, tarfile.LNKTYPE, to)


def device(name):
    return special(name, tarfile.CHRTYPE)


def saved(*layers, named=None, mode="w"):
    """What `docker save` writes: layers lowest first, named by the manifest at the end."""
    names = named or [f"{i:064x}/layer.tar" for i in range(len(layers))]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["a:b"], "Layers": names}]).encode()
    return tar(*zip(names, layers), ("config.json", b"{}"), ("manifest.json", manifest), mode=mode)


def layout(*layers, lie=False):
    """The OCI layout. lie: a layer is another blob than its name says."""
    blobs = []

    def add(content):
        digest = hashlib.sha256(content).hexdigest()
        blobs.append((f"blobs/sha256/{digest}", content))
        return f"sha256:{digest}"

    listed = [{"digest": add(layer), "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"} for layer in layers]
    if lie:
        blobs[0] = (blobs[0][0], tar(("usr/bin/other", b"other")))
    manifest = add(json.dumps({"schemaVersion": 2, "layers": listed}).encode())
    nested = add(json.dumps({"manifests": [
        {"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "s390x"}},
        {"digest": manifest, "platform": {"os": "linux", "architecture": "amd64"}}]}).encode())
    index = json.dumps({"schemaVersion": 2, "manifests": [{"digest": nested}]}).encode()
    return tar(("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), ("index.json", index), *blobs)
