"""Archives that try to escape, to link, to fill the disk, or that are damaged: refused, and nothing is left."""

import io
import os
import struct
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from file_server import FileServer, dataset, go_online, refused, tarred, whole, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from usecases.archives import ArchiveError, unpack

BODY = bytes(range(256)) * 400  # 100 kB


@pytest.fixture
def server(monkeypatch):
    go_online(monkeypatch)
    with FileServer() as running:
        yield running


def linked_zip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("a.txt", b"a")
    return stream.getvalue()


def special_tar(kind):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("special")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
        good = tarfile.TarInfo("a.txt")
        good.size = 1
        archive.addfile(good, io.BytesIO(b"a"))
    return stream.getvalue()


def encrypted_zip():
    body = bytearray(zipped({"a.txt": b"a"}))
    body[6] |= 1  # flags of the local header
    body[body.index(b"PK\x01\x02") + 8] |= 1  # and of the central directory
    return bytes(body)


def understated_zip():
    """The directory declares one byte, the data hold a thousand."""
    body = bytearray(zipped({"a.txt": b"a" * 1000}))
    for start in (22, body.index(b"PK\x01\x02") + 24):
        body[start : start + 4] = struct.pack("<I", 1)
    return bytes(body)


ESCAPES = ["../evil", "/tmp/evil", "a/../../evil", "..\\evil", "C:\\evil", "C:evil", "\\\\server\\evil", ".."]
ATTACKS = {
    **{
        f"zip {name}": (lambda n=name: zipped({"a.txt": b"a", n: b"x"}), "tries to leave") for name in ESCAPES
    },
    **{
        f"tar {name}": (lambda n=name: tarred({"a.txt": b"a", n: b"x"}), "tries to leave") for name in ESCAPES
    },
    "inner escape": (lambda: zipped({"in.zip": zipped({"a.txt": b"a", "../evil": b"x"})}), "tries to leave"),
    "zip link": (linked_zip, "link or a device"),
    "tar symlink": (lambda: special_tar(tarfile.SYMTYPE), "link or a device"),
    "tar hard link": (lambda: special_tar(tarfile.LNKTYPE), "link or a device"),
    "tar pipe": (lambda: special_tar(tarfile.FIFOTYPE), "link or a device"),
    "tar device": (lambda: special_tar(tarfile.CHRTYPE), "link or a device"),
    "zip bomb": (lambda: zipped({"a.txt": bytes(20_000_000)}), "more than 200 times"),
    "tar bomb": (lambda: tarred({"a.txt": bytes(20_000_000)}), "more than 200 times"),
    "inner bomb": (lambda: zipped({"in.zip": zipped({"a.txt": bytes(20_000_000)})}), "more than 200 times"),
    "encrypted": (encrypted_zip, "is encrypted"),
    "understated": (understated_zip, "damaged"),
    "twice": (lambda: zipped({"x/a.txt": b"a", "y/a.txt": b"a"}), "more than one member"),
    "cut zip": (lambda: zipped({"a.txt": BODY})[:-30], "damaged"),
    "cut tar": (lambda: tarred({"a.txt": BODY})[:-30], "damaged"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacking_archive_is_refused_and_leaves_nothing(server, tmp_path, attack):
    make, said = ATTACKS[attack]
    server.answers["/all"] = whole(make())
    before = sorted(path for path in tmp_path.parent.rglob("*") if "cache" not in path.parts)
    refused(dataset({"a.txt": b"a"}, url=server.url("/all"), archive="all"), said)
    assert sorted(path for path in tmp_path.parent.rglob("*") if "cache" not in path.parts) == before
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize("pack", [zipped, tarred, lambda members: zipped({"inner.zip": zipped(members)})])
def test_archive_that_expands_beyond_its_limit(server, pack):
    noise = os.urandom(20_000) * 5  # so that the archive itself is within the limit
    server.answers["/all"] = whole(pack({"a.txt": b"a", "noise": noise, "more": noise}))
    entry = dataset(
        {"a.txt": b"a", "missing": b"m"}, url=server.url("/all"), archive="all", max_bytes=130_000
    )
    refused(entry, "beyond its limit")


def test_archives_are_not_opened_deeper_than_two_levels(tmp_path):
    body = zipped({"a.txt": b"a"})
    for _ in range(3):
        body = zipped({"in.zip": body})
    (tmp_path / "deep.zip").write_bytes(body)
    target = {"a.txt": tmp_path / "out"}
    assert unpack(tmp_path / "deep.zip", target, work=tmp_path, max_bytes=10**6) == set()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep.zip"]


SAMPLES = (
    zipped({"f/a.txt": BODY[:3000], "b": b"b"}),
    tarred({"f/a.txt": BODY[:3000], "b": b"b"}),
    tarred({"a.txt": b"a"}, "w:"),
)


@given(
    sample=st.sampled_from(SAMPLES),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
    keep=st.floats(0.2, 1),
)
@settings(max_examples=300, deadline=None)
def test_any_damage_is_an_archive_error_or_harmless(tmp_path_factory, sample, changes, keep):
    folder = tmp_path_factory.mktemp("damaged")
    body = bytearray(sample[: int(len(sample) * keep)])
    for place, value in changes:
        body[int(place * (len(body) - 1))] = value
    (folder / "archive").write_bytes(bytes(body))
    with suppress(ArchiveError):
        unpack(folder / "archive", {"a.txt": folder / "out"}, work=folder, max_bytes=10**6)
    assert {path.name for path in folder.iterdir()} <= {"archive", "out"}


@given(st.binary(max_size=600))
@settings(max_examples=100, deadline=None)
def test_bytes_that_are_no_archive_are_an_archive_error(tmp_path_factory, body):
    file = tmp_path_factory.mktemp("bytes") / "archive"
    file.write_bytes(body)
    with pytest.raises(ArchiveError):
        unpack(file, {"a.txt": file.with_name("out")}, work=file.parent, max_bytes=1000)
