"""From ``usecases run`` to `runner.execute`: every job is checked first, then Hydra launches it."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from usecases import catalogue, config, custom, paths, trap_report
from usecases.commands import Say
from usecases.errors import UserError
from usecases.formatting import between, interval_kind, typeset, with_unit
from usecases.report_words import STATUSES

MULTIRUN = {"-m", "--multirun"}
LACKING = r"(?i)cannot|could not|\bnot (valid|served|planned|answered|scored)\b|left out"  # what a note of a lack says in English
MOST_NOTES = 3
SHOWS = {"--cfg", "-c", "--info", "-i", "--hydra-help"}  # Hydra prints and does not run


def run(spec: str, arguments: Sequence[str], *, say: Say, debug: bool = False) -> int:
    """Run one task, once or as a sweep.

    Parameters
    ----------
    spec : str
        ``NAME`` or ``NAME/TASK``.
    arguments : sequence of str
        Hydra overrides and flags, as typed.
    say : callable
        Prints a line.
    debug : bool
        Show tracebacks.

    Returns
    -------
    int
        The worst exit code of the runs.
    """
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import OmegaConf

    from usecases import runner

    entry, task = catalogue.find_task(spec)
    package, name = entry.name, task["name"]
    root, search = config.roots(package, name)
    flags, overrides = _split(arguments)
    if any(override.startswith("suite=") for override in overrides):
        raise UserError(f"a suite is no single run: type usecases bench {spec} {' '.join(overrides)}")
    custom.current_folder_on_path()
    quoted = custom.opened(config.quote_paths(overrides))
    as_typed = dict(zip(quoted, overrides, strict=True))
    only_shows = bool(SHOWS & set(flags))
    if not only_shows:
        for one in jobs(quoted, bool(MULTIRUN & set(flags))):
            runner.rehearse(config.compose(package, name, one))
        _need_runs_folder()
    codes: list[int] = []

    def job(cfg: Any) -> None:
        values: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
        hydra_config = HydraConfig.get()
        choices = OmegaConf.to_container(hydra_config.runtime.choices)
        typed = [as_typed.get(text, text) for text in hydra_config.overrides.task]
        codes.append(_one(package, name, values, choices, typed, task, say, debug))  # type: ignore[arg-type]

    argv, sys.argv = sys.argv, ["usecases", *config.launcher_overrides(search), *quoted, *flags]
    try:
        hydra.main(version_base="1.3", config_path=str(root), config_name="run")(job)()
    finally:
        sys.argv = argv
    return worst(codes)


def usage(spec: str | None) -> str:
    """Say what a run understands: the groups with their choices, and the other keys.

    Parameters
    ----------
    spec : str or None
        ``NAME`` or ``NAME/TASK``; None for the form of the command alone.
    """
    lines = ["usecases run NAME[/TASK] [KEY=VALUE ...] [-m] [--cfg job]"]
    if spec is None:
        return "\n".join(
            [
                *lines,
                "",
                "`usecases list` gives the names; `usecases run NAME --help` what a task understands.",
            ]
        )
    entry, task = catalogue.find_task(spec)
    run = config.compose(entry.name, task["name"])
    lines += ["", f"{entry.name}/{task['name']}: choices, the default in brackets"]
    for group in ("data", "method", "budget", "device", "tracking", "executor", "experiment"):
        names = config.options(entry.name, task["name"], group)
        chosen = run.choices.get(group)
        if names:
            shown = ", ".join(f"[{name}]" if name == chosen else name for name in names)
            lines.append(f"  {group + '=':<14}{shown}")
    for key in ("seed", "lang", "baselines"):
        lines.append(f"  {key + '=':<14}[{run.values.get(key)}]")
    for group in ("data", "method"):
        keys = ", ".join(key for key in run.values[group] if not key.startswith("_"))
        lines += ["", f"  {group}.KEY, with {group}={run.choices[group]}: {keys}"]
    return "\n".join(
        [
            *lines,
            "",
            "  several values and -m make a sweep: seed=0,1,2 -m; --cfg job shows the whole configuration",
        ]
    )


def worst(codes: Sequence[int]) -> int:
    """Choose the exit code of several runs: interrupted, then failed, refused, partial, ok.

    Examples
    --------
    >>> worst([0, 3, 1])
    1
    """
    return next((code for code in (130, 1, 2, 3) if code in codes), 0)


def jobs(overrides: Sequence[str], multirun: bool) -> list[list[str]]:
    """Spread the sweeps among the overrides into one list of overrides for each job.

    Examples
    --------
    >>> jobs(["seed=1,2", "method=ridge"], True)
    [['seed=1', 'method=ridge'], ['seed=2', 'method=ridge']]
    >>> jobs(["seed=1"], False)
    [['seed=1']]
    """
    if not multirun:
        return [list(overrides)]
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise UserError(f"an override was not understood: {str(error).splitlines()[0]}") from error
    return [list(job) for batch in BasicSweeper.split_arguments(parsed, None) for job in batch]


def _one(
    package: str,
    name: str,
    values: dict[str, Any],
    choices: dict[str, Any],
    typed: list[str],
    task: dict[str, Any],
    say: Say,
    debug: bool,
) -> int:
    """Execute one job of the launcher and say what came of it; an interrupted one ends a sweep."""
    from usecases import runner

    try:
        result = runner.execute(config.check(package, name, values, choices, typed))
    except UserError as error:
        if debug:
            traceback.print_exc()
        say(f"usecases: {error}", file=sys.stderr)
        return 2
    try:
        summarise(result, task, say)
    except BrokenPipeError:  # `usecases run ... | head`: the run is complete, nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if result.exit_code == 130:
        if result.interrupted:
            say("usecases: interrupted while MLflow logged the run, which is complete", file=sys.stderr)
        raise SystemExit(130)
    return result.exit_code


def summarise(result: Any, task: dict[str, Any], say: Say) -> None:
    """Say in a few lines what a run found and where it is."""
    record = result.record
    lang = record["lang"]
    subset = record["data"].get("subset")
    where = f"{record['data']['name']}{f' {subset}' if subset else ''}"
    colon = typeset(" :", lang) if lang == "fr" else ":"
    ended = (
        f"{'graine' if lang == 'fr' else 'seed'} {record['seed']}{colon} {STATUSES[record['status']][lang]}"
    )
    say(f"{record['use_case']}/{record['task']}  {where}  {record['method']}  {ended}")
    if record["error"]:
        say(f"usecases: {record['error']}", file=sys.stderr)
    name, headline = _foremost(record["metrics"], task["headline"])
    if headline:
        label = headline["label"][lang] if headline["label"] else name
        interval = ""
        if headline["interval"]:
            low, high = headline["interval"]
            bounds = between(low, high, headline["value"], lang, 2)
            interval = f"  {bounds}  {interval_kind(headline['interval_kind'], lang)}" if bounds else ""
        say(f"  {label}{colon} {with_unit(headline['value'], headline['unit'], lang)}{interval}")
    for line in _incomplete(record):
        say(line)
    for line in trap_report.lines(record["trap"], lang) if record.get("trap") else []:
        say(line)
    answers = ("predictions.csv", "plan.json", "decisions.json")
    for file in ("report.html", "result.json", *answers):
        if (result.folder / file).is_file():
            say(f"  {result.folder / file}")


def _incomplete(record: dict[str, Any]) -> list[str]:
    """Say why a partial answer is not whole: its notes of what could not be done, three at most."""
    if record["status"] != "partial":
        return []
    lang, notes = record["lang"], record["notes"]
    told = [note for note in notes if re.search(LACKING, note["en"])] or notes
    lines = [f"  {typeset(note[lang], lang)}" for note in told[:MOST_NOTES]]
    more = len(told) - len(lines)
    if more:
        lines.append(
            f"  et {more} de plus dans result.json" if lang == "fr" else f"  and {more} more in result.json"
        )
    return lines


def _foremost(metrics: dict[str, Any], headline: str) -> tuple[str, dict[str, Any] | None]:
    """Choose the figure to say: the headline, or where it is not measured (own data) the first that is good or bad."""
    if metrics.get(headline, {}).get("value") is None:
        for name, metric in metrics.items():
            if metric["value"] is not None and metric["higher_is_better"] is not None:
                return name, metric
    return headline, metrics.get(headline)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate Hydra's flags (with their values) from the overrides."""
    flags: list[str] = []
    overrides: list[str] = []
    takes_value = {"--cfg", "-c", "--info", "-i", "--package", "-p"}
    waiting = iter(arguments)
    for argument in waiting:
        if argument.startswith("-"):
            flags.append(argument)
            if argument in takes_value and (value := next(waiting, None)) is not None:
                flags.append(value)
        else:
            overrides.append(argument)
    known = takes_value | MULTIRUN | SHOWS | {"--resolve"}
    for flag in flags:
        if flag.startswith("-") and flag.partition("=")[0] not in known:
            from usecases.errors import nearest

            raise UserError(f"unknown option {flag!r}: {nearest(flag, known)}")
    return flags, overrides


def _need_runs_folder() -> None:
    folder = paths.runs_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with paths.atomic(folder / ".writable") as probe:
            probe.touch()
    except OSError as error:
        raise UserError(
            f"the results folder {folder} cannot be written ({error.strerror or error}): "
            "set USECASES_RUNS to a folder of yours, for example USECASES_RUNS=~/runs"
        ) from error
    (folder / ".writable").unlink(missing_ok=True)
