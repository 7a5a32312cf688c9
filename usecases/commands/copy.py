"""``usecases copy``: copy a use case into an installable project of your own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from usecases import copying
from usecases.commands import Say, command_parser
from usecases.errors import UserError

DONE = {
    "en": "{new}, copied from {old}: {n} files in {folder}. Next:",
    "fr": "{new}, copié de {old}\u202f: {n} fichiers dans {folder}. Ensuite\u202f:",
}


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command.

    Parameters
    ----------
    rest : sequence of str
        What follows ``usecases copy``.
    lang : {"en", "fr"}
        Language of the texts when ``--lang`` is not given.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0: the project is there.
    """
    parser = command_parser("copy", "Copy a use case into an installable project of your own.", lang)
    parser.add_argument("name", metavar="NAME", help="from `usecases list`")
    parser.add_argument("folder", metavar="DIR", help="folder of the project: a new one, or an empty one")
    parser.add_argument("--as", dest="new", metavar="NEW", required=True, help="what your package is called")
    given = parser.parse_args(rest)
    if not given.folder.strip():
        raise UserError(f"no folder was given: type usecases copy {given.name} my_project --as {given.new}")
    folder = Path(given.folder)
    files = copying.copy(given.name, folder, given.new)
    say(DONE[given.lang].format(new=given.new, old=given.name, n=len(files), folder=folder))
    path = f'"{folder}"' if " " in str(folder) else str(folder)
    for command in (
        f"cd {path}",
        'pip install -e ".[test]"',
        f"usecases run {given.new} budget=smoke",
        "python -m pytest",
    ):
        say(f"  {command}")
    return 0
