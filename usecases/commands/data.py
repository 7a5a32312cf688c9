"""``usecases data``: list, fetch, verify public datasets, put them on a key; write a template for a user's own data."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from usecases import catalogue, data
from usecases.commands import Say, add_language
from usecases.errors import UserError, nearest
from usecases.formatting import typeset
from usecases.offline import mirror
from usecases.offline import mirror_words as words
from usecases.registry import Dataset

EXIT_PARTIAL = 3

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
    fill = commands.add_parser("mirror", help="put datasets on a USB key, for rooms without internet")
    fill.add_argument("folder", type=Path, help="a folder of the key")
    fill.add_argument("names", nargs="*", help="datasets; without any, what there is to put")
    fill.add_argument("--all", action="store_true", help="every dataset of the registry")
    fill.add_argument(
        "--subset", nargs="+", default=[], metavar="FILE", help="only these files, as in *FD001*"
    )
    for command in commands.choices.values():
        add_language(command, lang)
    arguments = parser.parse_args(list(rest))
    chosen: dict[str, Callable[[Any, Say], int]] = {
        "list": _list, "fetch": _fetch, "verify": _verify, "template": _template, "mirror": _mirror,
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


def _mirror(arguments: Any, say: Say) -> int:
    lang = arguments.lang
    if not arguments.names and not arguments.all:
        return _offer(arguments, say)
    chosen = mirror.choose(arguments.names, arguments.subset, everything=arguments.all)
    folder = mirror.prepare_folder(arguments.folder)
    told: set[str] = set()

    def tell(file: str, state: str, why: str) -> None:
        say(f"{words.STATES[state][lang]:>13}  {file}  {'' if why in told else why}".rstrip())
        told.add(why)

    results = mirror.fill(folder, chosen, tell=tell)
    for done in results:
        there = len(done.copied) + len(done.kept)
        size = words.megabytes(done.size, lang)
        count = words.ON_KEY[lang].format(present=there, total=len(chosen[done.dataset.name]), size=size)
        name = f"{done.dataset.name}{' : ' if lang == 'fr' else ': '}"
        say(typeset(f"{name}{count}. {_licence(done.dataset, lang)}", lang))
    if not any(done.copied or done.kept for done in results):
        raise UserError(f"nothing could be put into {folder}: {next(iter(results[0].missing.values()))}")
    say(typeset(words.TYPE_THERE[lang], lang))
    for line in mirror.other_machine(folder):
        say(f"  {line}")
    return EXIT_PARTIAL if any(done.missing for done in results) else 0


def _offer(arguments: Any, say: Say) -> int:
    """Say what could be put on the key; nothing is written."""
    lang = arguments.lang
    for dataset in data.datasets().values():
        size, absent = mirror.size_at_hand(dataset)
        here = words.AT_HAND[lang].format(size=words.megabytes(size, lang), absent=absent)
        say(f"{dataset.name:<24} {dataset.title[lang]}")
        say(f"{'':<24} {here}")
        say(f"{'':<24} {_licence(dataset, lang)}")
    folder = f'"{arguments.folder}"' if " " in str(arguments.folder) else arguments.folder
    say(typeset(words.CHOOSE[lang].format(folder=folder), lang))
    return 0


def _licence(dataset: Dataset, lang: str) -> str:
    line = f"{words.COMMERCIAL[lang]} : {words.USE[dataset.commercial_use][lang]} ({dataset.licence})"
    return typeset(line, lang) if lang == "fr" else line.replace(" : ", ": ", 1)


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
    loaded = import_module(module)
    target = arguments.out or Path(getattr(loaded, "TEMPLATE_NAME", f"{task['name']}_template.csv"))
    if target.exists():
        raise UserError(f"{target} exists already and is not overwritten: give another name with --out FILE")
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
