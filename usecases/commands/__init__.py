"""One module for each command that has options of its own: ``run(rest, lang, *, say) -> exit code``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Say = Callable[..., None]


def command_parser(name: str, description: str, lang: str | None, **options: Any) -> argparse.ArgumentParser:
    """Make the parser of a command, with the option that all of them have.

    Parameters
    ----------
    name : str
        What is typed after ``usecases``.
    description : str
        One sentence.
    lang : {"en", "fr"} or None
        Language when ``--lang`` is not given.
    **options
        Of `argparse.ArgumentParser`.

    Examples
    --------
    >>> command_parser("ui", "Show the runs.", "en").parse_args(["--lang", "fr"]).lang
    'fr'
    """
    parser = argparse.ArgumentParser(prog=f"usecases {name}", description=description, **options)
    add_language(parser, lang)
    return parser


def add_language(parser: argparse.ArgumentParser, lang: str | None) -> None:
    """Add ``--lang`` to a parser, or to that of a part of a command.

    Examples
    --------
    >>> part = argparse.ArgumentParser()
    >>> add_language(part, "fr")
    >>> part.parse_args([]).lang
    'fr'
    """
    parser.add_argument("--lang", choices=["en", "fr"], default=lang, help="language of the texts")
