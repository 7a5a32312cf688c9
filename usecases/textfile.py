"""From a path to the text of a person's file: what it is written in is recognised, or said to be undecidable."""

from __future__ import annotations

import codecs
import re
import stat
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from .errors import UserError, nearest

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
USUAL = ("utf-8", "utf-16", "cp1252", "cp850", "mac_roman")
BINARY = re.compile("[\0-\x08\x0e-\x1f]")
# Letters of DOS and Mac files that Windows-1252 shows as punctuation in the middle of a word (é of cp850 is 0x82, '‚').
LONGEST_SHOWN = 1000  # characters of a path in a message
CLOSE = 0.75  # how alike the name of a file must be to be proposed
ODD = re.compile("(?<=[A-Za-z])[‚ƒ„†‡ˆŠŽ˜šž]|[‚ƒ„†‡ˆŠŽ˜šž](?=[A-Za-z])")


def shown(path: str | Path) -> str:
    r"""A path as it can be logged and written: what is no text in it becomes ``?``, a very long path is cut.

    Examples
    --------
    >>> shown("relev\udce9s.csv")
    'relev?s.csv'
    """
    text = re.sub(r"[\0-\x1f]", "?", str(path).encode("utf-8", "replace").decode("utf-8"))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def existing_file(path: str | Path) -> Path:
    """Find the file, or say which file of the folder was perhaps meant.

    Raises
    ------
    UserError
        When the path leads nowhere or to a folder, or cannot be looked at.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "relevés.csv"
    >>> file.touch()
    >>> existing_file(str(file)) == file
    True
    """
    file = Path(path)
    with suppress(RuntimeError):  # ~a.csv, where a.csv is nobody: the name itself
        file = file.expanduser()
    try:
        if not _is_folder(file):
            return file
        names = sorted(
            shown(p.name) for p in file.iterdir() if p.suffix.lower() in (".csv", ".txt", ".tsv", ".xlsx")
        )[:5]
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(file) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise _unreadable(file, error) from error
    inside = f"it holds {', '.join(names)}" if names else "it holds no CSV file"
    raise UserError(f"{shown(file)} is a folder, a CSV file was expected: give the path of a file ({inside})")


def _is_folder(path: Path) -> bool:
    """Whether a path that exists is a folder; unlike `pathlib.Path.is_dir`, it never hides an error."""
    return stat.S_ISDIR(path.stat().st_mode)


def _missing(file: Path) -> UserError:
    """Which file of the folder was perhaps meant."""
    try:
        names = sorted(p.name for p in file.parent.iterdir() if p.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return UserError(
            f"{shown(file)} does not exist, nor does its folder {shown(file.parent)}: check the path"
        )
    except OSError as error:
        return UserError(f"{shown(file)} does not exist ({error.strerror or error}): check the path")
    lower = {name.lower(): name for name in names}
    close = get_close_matches(file.name.lower(), lower, n=1, cutoff=CLOSE)
    hint = f"did you mean {shown(lower[close[0]])!r}?" if close else "check the path"
    where = "" if file.is_absolute() else f" in {shown(Path.cwd())}"
    return UserError(f"{shown(file)} does not exist{where}: {hint}")


def _unreadable(file: Path, error: Exception) -> UserError:
    """What the operating system says of a file, and what to do about it."""
    remedy = "check the path"
    if isinstance(error, PermissionError):
        remedy = "check its permissions and those of its folder, close it where it is open, or copy it to a folder of yours"
    return UserError(f"{shown(file)} cannot be read ({getattr(error, 'strerror', None) or error}): {remedy}")


def read_bytes(file: Path) -> bytes:
    """Read a file that must hold something.

    Raises
    ------
    UserError
        When it cannot be read or is blank.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_bytes(b"unit,time")
    >>> read_bytes(file)
    b'unit,time'
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error
    if not raw.strip():
        raise UserError(
            f"{shown(file)} is empty: a header row and rows of data were expected, export it again"
        )
    return raw


def decode(file: Path, raw: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Turn bytes into text: by the encoding asked for, else a byte-order mark, UTF-8, Windows-1252.

    Parameters
    ----------
    file : pathlib.Path
        For messages.
    raw : bytes
        The content of the file.
    encoding : str, optional
        Forces what would be recognised.

    Returns
    -------
    text, encoding : str
        The text, without a byte-order mark, and what it was written in.

    Raises
    ------
    UserError
        When the file is binary, is not in the encoding asked for, or in none that can be recognised.

    Examples
    --------
    >>> decode(Path("a.csv"), "unité;été".encode("cp1252"))
    ('unité;été', 'cp1252')
    """
    raw = raw.rstrip(b"\x1a")  # the end of a file, in DOS
    asked = encoding or next((name for mark, name in BOMS.items() if raw.startswith(mark)), None)
    if asked:
        text = _decode_as(file, raw, asked).removeprefix("\ufeff")
        _refuse_binary(file, text)
        return text, asked
    _refuse_binary(file, raw.decode("latin-1"))
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _undecidable(file, raw, error.start) from error
    if found := ODD.search(text):
        raise _undecidable(file, raw, found.start())
    return text, "cp1252"


def check_encoding(encoding: str | None) -> None:
    """Refuse a name that is no encoding of text.

    Raises
    ------
    UserError
        With the nearest of the usual names.

    Examples
    --------
    >>> check_encoding("cp1252")
    >>> check_encoding("foo")
    Traceback (most recent call last):
    usecases.errors.UserError: data.encoding=foo is no encoding of text: allowed: cp1252, cp850, mac_roman, utf-16, utf-8
    """
    if encoding is None:
        return
    try:
        b"a".decode(str(encoding))
    except UnicodeError:
        return  # an encoding, in which one letter is no text
    except (LookupError, ValueError) as error:
        name = shown(str(encoding))
        raise UserError(f"data.encoding={name} is no encoding of text: {nearest(name, USUAL)}") from error


def _decode_as(file: Path, raw: bytes, encoding: str) -> str:
    check_encoding(encoding)
    try:
        return raw.decode(encoding)
    except UnicodeError as error:
        at = int(getattr(error, "start", 0))
        raise UserError(
            f"{file}, row {_row(raw, at)}: byte 0x{raw[at]:02x} is not {encoding}, name the right encoding, "
            "for example data.encoding=cp1252, or data.encoding=null to have it recognised"
        ) from error


def _refuse_binary(file: Path, text: str) -> None:
    if found := BINARY.search(text):
        before = text.count("\n", 0, found.start())
        raise UserError(
            f"{file} is a binary file (byte 0x{ord(found[0]):02x} in row {before + 1} is in no "
            "text): open it in the program it comes from and export it as CSV"
        )


def _row(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1


def _undecidable(file: Path, raw: bytes, at: int) -> UserError:
    """What the odd byte would be in each encoding, for a person to choose."""
    before = re.findall(rb"[^\s;,\"]*\Z", raw[max(0, at - 20) : at])[0]
    word = before + re.findall(rb"\A[^\s;,\"]*", raw[at : at + 20])[0]
    read = {name: word.decode(name, "replace") for name in ("cp850", "mac_roman", "cp1252")}
    guesses = [f"data.encoding={name} reads {text!r}" for name, text in read.items() if "\ufffd" not in text]
    return UserError(
        f"{file}, row {_row(raw, at)}: the encoding cannot be decided, byte 0x{raw[at]:02x} is neither UTF-8 nor "
        f"usual in Windows-1252: {', '.join(guesses)}; type the one that reads well, or save the file as 'CSV UTF-8'"
    )
