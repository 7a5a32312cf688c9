"""pip in a process of its own, and what it says turned into one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from usecases.errors import UserError

if TYPE_CHECKING:
    from .wheels import System

UNREACHABLE = re.compile(
    r"NewConnectionError|Failed to establish|name resolution|getaddrinfo|ProxyError|ConnectTimeout|Max retries|Connection refused"
)


class NoWheelError(UserError):
    """The index was reached, and has no such wheel."""


class UnreachableError(UserError):
    """No index was reached."""


def download(folder: Path, items: Sequence[str], system: System, *options: str) -> None:
    """Let pip download wheels for a system; what exists only as source is built, if it is pure Python.

    Parameters
    ----------
    folder : pathlib.Path
        Where whole wheels go; nothing half is left in it.
    items : sequence of str
        Requirements, without what they require.
    system : System
        What the wheels are for.
    *options : str
        More words for pip.

    Raises
    ------
    UserError
        When pip cannot: `NoWheelError`, `UnreachableError`, a full folder, or pip's own last words.

    Examples
    --------
    >>> download(Path("wheels"), ["colorama==0.4.6"], None)  # doctest: +SKIP
    """
    binary, source = list(items), []
    platforms = [word for platform in system.platforms for word in ("--platform", platform)]
    while binary:
        failed = _pip(
            folder, "download", "--no-deps", "--only-binary=:all:", "--python-version", system.python,
            "--implementation", "cp", *platforms, *options, *binary,
        )  # fmt: skip
        if failed is None:
            break
        named = re.search(r"No matching distribution found for (\S+)", failed)
        culprit = named.group(1) if named and not UNREACHABLE.search(failed) else None
        if culprit not in binary:
            raise _failed(failed, folder)
        binary.remove(culprit)
        source.append(culprit)
    for item in source:
        name = re.split(r"[=<>!~ \[]", item, maxsplit=1)[0]
        failed = _pip(folder, "wheel", "--no-deps", "--no-binary", name, *options, item, pure=True)
        if failed is not None and ("No space left" in failed or UNREACHABLE.search(failed)):
            raise _failed(failed, folder)
        if failed is not None:
            raise NoWheelError(
                f"Where pip looks there is no wheel of {item} for {system.name}, nor a pure Python source of it: take "
                f"{system.name} out of --systems, or see 'pip config list' and type the same command again."
            )


def _pip(folder: Path, command: str, *arguments: str, pure: bool = False) -> str | None:
    """Run pip into a folder of its own, then move what came; return its output if it failed."""
    from tqdm import tqdm

    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as work:
        place = "--wheel-dir" if command == "wheel" else "--dest"
        quiet = ["--retries", "1", "--progress-bar", "off"]
        typed = [sys.executable, "-m", "pip", command, *quiet, place, work, *arguments]
        total = sum("==" in argument or ">" in argument for argument in arguments)
        output = []
        with (
            subprocess.Popen(
                typed,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as process,
            tqdm(total=total, unit="wheel", desc=command, disable=None, leave=False) as bar,
        ):
            for line in process.stdout or ():
                output.append(line)
                bar.update("Saved " in line)
        came = sorted(Path(work).glob("*.whl"))
        if process.returncode:
            return "".join(output)
        if pure and not all(path.name.endswith("-none-any.whl") for path in came):
            return f"ERROR: {came[0].name} holds compiled code for this system only"
        for path in came:
            path.replace(folder / path.name)
    return None


def _failed(output: str, folder: Path) -> UserError:
    """Turn pip's words into one sentence."""
    if "No space left" in output or "Errno 28" in output:
        return UserError(
            f"{folder} or the temporary folder is full: make room, then type the same command again."
        )
    if UNREACHABLE.search(output):
        return UnreachableError(
            "The package index cannot be reached: connect this machine, or say where pip finds wheels (PIP_INDEX_URL or "
            "PIP_FIND_LINKS), then type the same command again; what was downloaded is kept."
        )
    lines = [line.strip() for line in output.splitlines() if line.startswith("ERROR")] or output.split("\n")[
        -2:-1
    ]
    told = lines[-1].removeprefix("ERROR: ") if lines else "it said nothing"
    return UserError(
        f"pip could not bring the wheels ({told.rstrip('.')}): see 'pip config list', then type the same command again."
    )
