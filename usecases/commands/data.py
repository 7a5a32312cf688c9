"""``usecases data``: list, fetch, verify public datasets; write a template for a user's own data."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from usecases import catalogue, data
from usecases.errors import UserError, nearest

Say = Callable[..., None]

USE = {"yes": "commercial use allowed", "no": "no commercial use", "unclear": "commercial use unclear"}


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out one of the data commands.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases data``.
    lang : {"en", "fr"}
        Language when ``--lang`` is not given.
    say : callable
        Prints a line.
    """
    parser = argparse.ArgumentParser(
        prog="usecases data", description="Public datasets, and templates for your own."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="public datasets and where they are")
    fetch = commands.add_parser("fetch", help="bring a dataset to this machine")
    fetch.add_argument("name")
    fetch.add_argument("files", nargs="*", help="only these files of it")
    fetch.add_argument("--again", action="store_true", help="download it even if it is there")
    verify = commands.add_parser("verify", help="check the files of a dataset against their sums")
    verify.add_argument("name", nargs="?")
    template = commands.add_parser("template", help="write an example file to fill with your own data")
    template.add_argument("task", help="NAME/TASK")
    template.add_argument("--out", type=Path, help="the file to write (default: <task>_template.csv here)")
    for command in commands.choices.values():
        command.add_argument("--lang", choices=["en", "fr"], default=lang)
    arguments = parser.parse_args(list(rest))
    chosen: dict[str, Callable[[Any, Say], int]] = {
        "list": _list, "fetch": _fetch, "verify": _verify, "template": _template,
    }  # fmt: skip
    return chosen[arguments.command](arguments, say)


def _list(arguments: Any, say: Say) -> int:
    for status in data.status():
        dataset = status.dataset
        absent = len(dataset.files) - status.cached - status.mirrored
        places = [(status.cached, "cache"), (status.mirrored, "mirror"), (absent, "not here")]
        where = ", ".join(f"{count} {place}" for count, place in places if count)
        say(f"{dataset.name:<24} {dataset.title[arguments.lang]}")
        say(f"{'':<24} {dataset.kind}, {USE[dataset.commercial_use]}; files: {where}")
        say(f"{'':<24} {dataset.licence}")
    return 0


def _fetch(arguments: Any, say: Say) -> int:
    found = data.fetch(arguments.name, arguments.files or None, again=arguments.again)
    for path in found.values():
        say(str(path))
    return 0


def _verify(arguments: Any, say: Say) -> int:
    names = [arguments.name] if arguments.name else list(data.datasets())
    worst = 0
    for name in names:
        for checked in data.verify(name):
            say(f"{checked.state:>10}  {name}/{checked.file}  {checked.origin}")
            worst = max(worst, int(checked.state == "wrong"))
    return worst


def _template(arguments: Any, say: Say) -> int:
    entry, task = catalogue.find_task(arguments.task)
    address = task.get("template")
    if not address:
        own = [
            f"{e.name}/{t['name']}"
            for e in catalogue.entries().values()
            for t in e.card["tasks"]
            if t.get("template")
        ]
        raise UserError(f"{entry.name}/{task['name']} has no template: {nearest(arguments.task, own)}")
    module, _, function = address.partition(":")
    target = arguments.out or Path(f"{task['name']}_template.csv")
    if target.exists():
        raise UserError(f"{target} exists already and is not overwritten: give another name with --out FILE")
    loaded = import_module(module)
    try:
        getattr(loaded, function)(target, lang=arguments.lang)
    except OSError as error:
        raise UserError(
            f"{target} cannot be written ({error.strerror}): give another place with --out FILE"
        ) from error
    explanation = getattr(loaded, "TEMPLATE_HELP", None)
    if explanation is not None:
        say(explanation[arguments.lang])
    say(f"{target.absolute()}")
    say(f'usecases run {entry.name}/{task["name"]} data=own "data.path={target}" lang={arguments.lang}')
    return 0
