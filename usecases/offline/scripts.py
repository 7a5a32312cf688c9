"""The installers of a kit, and what to do in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from usecases import __version__
from usecases.offline.wheels import System

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "kit"
SCRIPTS = ("install.py", "install.sh", "install.ps1", "install.cmd", "README.txt", "LISEZMOI.txt")


def write_scripts(folder: Path, systems: Sequence[System], names: Sequence[str]) -> None:
    """Write the installers, and what to do in both languages.

    Parameters
    ----------
    folder : pathlib.Path
        The kit.
    systems : sequence of System
        What it is for.
    names : sequence of str
        Its datasets.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_scripts(folder, [System("linux", "3.11")], ["cmapss"])
    >>> (folder / "install.sh").read_text(encoding="utf-8").splitlines()[0]
    '#!/bin/sh'
    """
    for name in SCRIPTS:
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        values = {
            "VERSION": __version__,
            "PYTHON": systems[0].python,
            "SYSTEMS": ", ".join(system.name for system in systems),
            "MIRROR": ", ".join(names) or ("aucune" if name == "LISEZMOI.txt" else "none"),
        }
        for key, value in values.items():
            text = text.replace(f"@{key}@", value)
        dos = not name.endswith((".sh", ".py"))
        # old Windows programs take a text for UTF-8 only with its mark; cmd.exe takes the mark for a command
        encoding = "utf-8-sig" if name.endswith((".txt", ".ps1")) else "utf-8"
        (folder / name).write_text(text, encoding=encoding, newline="\r\n" if dos else "\n")
    (folder / "install.sh").chmod(0o755)
