"""``usecases feasibility``: ask whether the data can answer, before any project."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from usecases import catalogue, feasibility, paths
from usecases.commands import Say, command_parser
from usecases.errors import UserError
from usecases.feasibility_rule import GO, MORE_DATA, STOP

EXIT_CODES = {GO: 0, MORE_DATA: 3, STOP: 1}


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases feasibility``.
    lang : {"en", "fr"}
        Language when neither ``--lang`` nor ``lang=`` is given.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0 go, 3 more data, 1 stop.
    """
    from usecases import feasibility_page
    from usecases.feasibility_words import VERDICTS
    from usecases.report_words import say as text

    parser = command_parser(
        "feasibility",
        "Can these data answer? Go (exit code 0), more data (3) or stop (1), in about a minute.",
        None,
    )
    parser.add_argument("task", help="NAME/TASK")
    parser.add_argument(
        "overrides", nargs="*", metavar="KEY=VALUE", help="as for a run: data=own data.path=FILE"
    )
    parser.add_argument("--out", type=Path, help="a new folder for the page (default: below the runs folder)")
    arguments = parser.parse_intermixed_args(list(rest))
    entry, card_task = catalogue.find_task(arguments.task)
    name, task = entry.name, card_task["name"]
    folder = arguments.out or paths.runs_folder() / f"feasibility-{name}-{task}" / paths.new_run_id()
    if folder.exists():
        raise UserError(
            f"{folder} exists already and is not overwritten: give another folder with --out FOLDER"
        )
    overrides = list(arguments.overrides)
    if arguments.lang:
        overrides = [o for o in overrides if not o.startswith("lang=")] + [f"lang={arguments.lang}"]
    elif not any(o.startswith("lang=") for o in overrides):
        overrides.append(f"lang={lang}")
    working = paths.working_folder(folder.absolute())
    try:
        findings, composed = feasibility.examine(name, task, overrides)
    except BaseException:
        working.rmdir()
        raise
    lang = composed.settings.lang
    command = shlex.join(["usecases", "feasibility", f"{name}/{task}", *overrides])
    data = composed.choices.get("data", "")
    say(f"{name}/{task}  {data}  {findings.method}: {text(VERDICTS[findings.verdict], lang).upper()}")
    for sentence in feasibility_page.sentences(findings, lang):
        say(f"  {sentence}")
    record = feasibility_page.record(findings, name, task, data, command)
    page = feasibility_page.page(findings, entry.card, card_task, data, command, lang, folder.absolute())
    try:
        paths.write_json(working / "feasibility.json", record)
        paths.write_text(working / "feasibility.html", page)
        final = paths.publish(working)
    except OSError as error:
        shutil.rmtree(working, ignore_errors=True)
        raise UserError(
            f"the page could not be written in {working} ({error.strerror}): give another place with --out FOLDER"
        ) from error
    say(f"  {final / 'feasibility.html'}")
    return EXIT_CODES[findings.verdict]
