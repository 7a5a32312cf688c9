"""``usecases kit``: everything for a room without internet, on a USB key."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from usecases.commands import Say, command_parser
from usecases.contract import Text
from usecases.formatting import typeset
from usecases.offline import kit, wheels
from usecases.offline.mirror_words import megabytes

EXIT_PARTIAL = 3
TOLD = {
    "usecases": Text("wheel of usecases: {what}", "wheel de usecases : {what}"),
    "datasets": Text("datasets: {what}, {size}", "jeux de données : {what}, {size}"),
    "documentation": Text("documentation: {what} pages", "documentation : {what} pages"),
}
WHEELS = Text("wheels for {part}: {what}, {size}", "wheels pour {part} : {what}, {size}")
MISSING = Text("Not in the kit", "Absent du kit")
DONE = Text(
    "The kit is complete: {folder}, {size}. On each machine of the room (README.txt says more):",
    "Le kit est complet : {folder}, {size}. Sur chaque machine de la salle (LISEZMOI.txt en dit plus) :",
)


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases kit``.
    lang : {"en", "fr"}
        Language when ``--lang`` is not given.
    say : callable
        Prints a line.
    """
    parser = command_parser(
        "kit",
        "Put everything for a room without internet into a folder of a USB key.",
        lang,
    )
    parser.add_argument(
        "folder", type=Path, help="an empty or new folder of the key, or a kit to bring up to date"
    )
    parser.add_argument(
        "--datasets", nargs="+", metavar="NAME", help="from `usecases data list`, or none (default: all)"
    )
    parser.add_argument("--systems", metavar="NAMES", help="of linux,windows,macos (default: this machine's)")
    parser.add_argument(
        "--python", default="{}.{}".format(*sys.version_info[:2]), help="of the room (default: %(default)s)"
    )
    given = parser.parse_args(list(rest))
    systems = wheels.parse_systems(_split(given.systems) or [wheels.this_system()], given.python)
    names = None if given.datasets is None else [name for word in given.datasets for name in _split(word)]

    def tell(part: str, what: str, n_bytes: int | None) -> None:
        size = megabytes(n_bytes or 0, given.lang)
        line = TOLD.get(part, WHEELS)[given.lang].format(part=part, what=what, size=size)
        say(typeset(line, given.lang))

    made = kit.make(given.folder, systems, [] if names == ["none"] else names, tell=tell)
    reasons = dict.fromkeys(made.missing.values())  # one for the files of a dataset that one address holds
    for why in reasons:
        files = ", ".join(file for file, reason in made.missing.items() if reason == why)
        say(f"{MISSING[given.lang]}{' : ' if given.lang == 'fr' else ': '}{files}")
        say(f"  {why}")
    size = megabytes(made.size, given.lang)
    say(typeset(DONE[given.lang].format(folder=made.folder, size=size), given.lang))
    for system in systems:
        say(
            "  install.cmd C:\\usecases"
            if system.name == "windows"
            else f"  sh install.sh ~/usecases     ({system.name})"
        )
    return EXIT_PARTIAL if made.missing else 0


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
