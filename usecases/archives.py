"""Take chosen files out of a zip or tar archive that came from outside, and trust nothing it says.

Members are found by the end of their path, also inside archives inside the archive, and are written to paths
that the caller chose: a member's own name never becomes a path. Even so, an archive with a member that tries
to escape, a link, a device, or too many bytes is refused as a whole, before anything of it is written.
"""

from __future__ import annotations

import gzip
import logging
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

CHUNK = 1 << 20
LARGEST_RATIO = 200  # unpacked bytes for one packed byte; text compresses 5 to 30 times
RATIO_MATTERS_FROM = 10_000_000  # bytes; below, even a bomb does no harm
DEEPEST = 2  # archives inside archives
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")


class ArchiveError(Exception):
    """An archive that cannot or must not be unpacked; the message is the reason, a part of a sentence."""


@dataclass
class Allowance:
    """Bytes that may still be unpacked; nested archives share it."""

    left: int

    def spend(self, n_bytes: int, name: str) -> None:
        """Take `n_bytes` off, or refuse."""
        self.left -= n_bytes
        if self.left < 0:
            raise ArchiveError(f"it would expand beyond its limit at the member {name!r}")


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path inside, its declared size (bytes) and how to read it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, members: Mapping[str, Path], *, work: Path, max_bytes: int) -> set[str]:
    """Write chosen members of an archive to chosen paths.

    Parameters
    ----------
    archive : pathlib.Path
        A zip, tar or tar.gz file.
    members : mapping of str to pathlib.Path
        End of a member's path (``train.txt`` or ``inner.zip/train.txt``) to the file to write. Nested
        archives count as folders, and are only looked into for what is not found outside them.
    work : pathlib.Path
        An existing folder for nested archives; the caller removes it.
    max_bytes : int
        Limit on all unpacked bytes together.

    Returns
    -------
    set of str
        The keys of `members` that were found and written.

    Raises
    ------
    ArchiveError
        When it is no archive, is damaged, holds a wanted member twice, or holds a member that escapes, is a
        link or a device, or expands beyond the limit.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(folder / "a.zip", "w") as z:
    ...     z.writestr("some/folder/x.txt", "1")
    >>> unpack(folder / "a.zip", {"x.txt": folder / "y.txt"}, work=folder, max_bytes=100)
    {'x.txt'}
    >>> (folder / "y.txt").read_text(encoding="utf-8")
    '1'
    """
    found: set[str] = set()
    try:
        _unpack(archive, "", dict(members), found, work, Allowance(max_bytes), depth=0)
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ArchiveError(f"it is damaged or incomplete ({error})") from error
    except (NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"it cannot be read ({error})") from error
    return found


def _unpack(
    archive: Path,
    prefix: str,
    members: dict[str, Path],
    found: set[str],
    work: Path,
    allowance: Allowance,
    depth: int,
) -> None:
    """Write what this level holds, then look into the archives that it holds for what is still missing."""
    with _opened(archive, allowance) as content:
        inner: list[tuple[str, Path]] = []
        here: set[str] = set()
        for member in content:
            path = prefix + member.name
            for wanted in (key for key in members if _ends_with(path, key) and key not in found - here):
                if wanted in here:
                    raise ArchiveError(f"it holds more than one member called {wanted!r}")
                here.add(wanted)
                found.add(wanted)
                _copy(member, members[wanted])
            if member.name.lower().endswith(SUFFIXES) and depth < DEEPEST and not members.keys() <= found:
                nested = work / f"nested-{depth}-{len(inner)}"
                _copy(member, nested)
                inner.append((path, nested))
    for path, nested in inner:
        if not members.keys() <= found:
            _unpack(nested, f"{path}/", members, found, work, allowance, depth + 1)
        nested.unlink()


def _ends_with(path: str, wanted: str) -> bool:
    """Compare whole parts of the paths, from the end."""
    parts, tail = path.split("/"), wanted.split("/")
    return parts[-len(tail) :] == tail


def _copy(member: Member, target: Path) -> None:
    """Write one member, never more than it declared."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with member.open() as source, target.open("wb") as out:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > member.size:
                raise ArchiveError(f"its member {member.name!r} is larger than declared")
            out.write(chunk)
    if written != member.size:
        raise ArchiveError(f"its member {member.name!r} is shorter than declared")


@contextmanager
def _opened(archive: Path, allowance: Allowance) -> Iterator[Iterator[Member]]:
    """Recognise the kind by the first bytes, check every member, then offer them one by one."""
    with archive.open("rb") as stream:
        head = stream.read(512)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                _check_zip(info, allowance)
            yield _zip_members(opened)
    elif head[:2] == b"\x1f\x8b" or head[257:262] == b"ustar":
        mode = "r:gz" if head[:2] == b"\x1f\x8b" else "r:"
        with tarfile.open(archive, mode) as opened_tar:  # type: ignore[call-overload]
            packed = archive.stat().st_size
            unpacked = 0
            for item in opened_tar:
                _check_tar(item, allowance)
                unpacked += item.size
                _check_ratio(item.name, unpacked, packed)
            yield _tar_members(opened_tar)
    else:
        raise ArchiveError(
            "it is neither a zip nor a tar archive (a proxy or a login page may have answered instead)"
        )


def _zip_members(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        if not info.is_dir():
            yield Member(info.filename, info.file_size, partial(archive.open, info))


def _tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    for item in archive.getmembers():
        if item.isreg():
            yield Member(item.name, item.size, partial(_tar_stream, archive, item))


def _tar_stream(archive: tarfile.TarFile, item: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(item)
    if stream is None:
        raise ArchiveError(f"its member {item.name!r} is not a file")
    return stream


def _check_zip(info: zipfile.ZipInfo, allowance: Allowance) -> None:
    _check_name(info.filename)
    if info.flag_bits & 1:
        raise ArchiveError(f"its member {info.filename!r} is encrypted")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(f"its member {info.filename!r} is a link or a device")
    _check_ratio(info.filename, info.file_size, info.compress_size)
    allowance.spend(info.file_size, info.filename)


def _check_tar(item: tarfile.TarInfo, allowance: Allowance) -> None:
    _check_name(item.name)
    if not (item.isreg() or item.isdir()):
        raise ArchiveError(f"its member {item.name!r} is a link or a device")
    allowance.spend(item.size, item.name)


def _check_name(name: str) -> None:
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match("[A-Za-z]:", path) or ".." in path.split("/"):
        raise ArchiveError(f"its member {name!r} tries to leave the folder")


def _check_ratio(name: str, unpacked: int, packed: int) -> None:
    if unpacked > RATIO_MATTERS_FROM and unpacked > LARGEST_RATIO * max(packed, 1):
        raise ArchiveError(f"its member {name!r} would expand more than {LARGEST_RATIO} times")
