"""``usecases doctor``: what this installation can and cannot do, one finding a line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from usecases import __version__, additions, catalogue, environment, paths
from usecases.errors import UserError

NEEDED_MB = 500


@dataclass(frozen=True)
class Check:
    """One finding.

    Parameters
    ----------
    state : {"ok", "note", "problem"}
        A problem stops something from working; a note is good to know.
    subject, finding : str
        What was looked at, and what was found (with what to type, for a problem).
    """

    state: Literal["ok", "note", "problem"]
    subject: str
    finding: str


def examine() -> list[Check]:
    """Look at Python, libraries, cards, folders, data and accelerator.

    Returns
    -------
    list of Check
        In the order in which one would ask.
    """
    looks: list[Callable[[], list[Check]]] = [
        _python, _libraries, _owners, _cards, _configurations, strangers, _runs, _data, _accelerator, _threads,
    ]  # fmt: skip
    found = []
    for look in looks:
        try:
            found += look()
        except (UserError, OSError) as error:
            found.append(Check("problem", look.__name__.strip("_"), str(error)))
    return found


def _python() -> list[Check]:
    version = sys.version.split()[0]
    state: Literal["ok", "problem"] = "ok" if sys.version_info >= (3, 11) else "problem"
    return [Check(state, "python", f"{version} at {sys.executable} (3.11 or later is needed)")]


def _libraries() -> list[Check]:
    found = environment.versions()
    missing = [name for name in environment.REPORTED if name not in found and name != "usecases"]
    listed = ", ".join(
        f"{name} {version}" for name, version in found.items() if name not in ("python", "usecases")
    )
    checks = [Check("ok", "usecases", __version__), Check("ok", "libraries", listed)]
    if missing:
        checks.append(
            Check(
                "problem", "libraries", f"missing: {', '.join(missing)}; type: pip install --upgrade usecases"
            )
        )
    return checks


def owners(distributions: dict[str, list[str]], names: list[str]) -> list[Check]:
    """Find import names that two installed distributions own.

    An unrelated project on the package index is also imported as ``configurator``; installing both overwrites ours
    without a word.

    Parameters
    ----------
    distributions : dict of str to list of str
        From `importlib.metadata.packages_distributions`.
    names : list of str
        Import names to look at.

    Examples
    --------
    >>> owners({"configurator": ["usecases", "configurator"]}, ["configurator"])[0].state
    'problem'
    """
    checks = []
    for name in names:
        held = sorted(set(distributions.get(name, [])))
        if len(held) > 1:
            others = ", ".join(owner for owner in held if owner != "usecases")
            checks.append(
                Check(
                    "problem",
                    f"import name {name}",
                    f"also installed by {others}, which overwrites files of ours: "
                    f"type pip uninstall {others}, then pip install --force-reinstall --no-deps usecases",
                )
            )
    return checks


def _owners() -> list[Check]:
    names = [
        "usecases",
        "predictive_maintenance",
        "vision_inspection",
        "delivery_optimization",
        "configurator",
    ]
    return owners(dict(metadata.packages_distributions()), names) or [
        Check("ok", "import names", "each is owned by one distribution")
    ]


def _cards() -> list[Check]:
    from usecases import cards

    entries = catalogue.entries()
    checks = []
    for name, entry in entries.items():
        problems = cards.validate(entry.card)
        if problems:
            checks.append(Check("problem", f"card {name}", problems[0]))
    tasks = sum(len(entry.card["tasks"]) for entry in entries.values())
    return checks or [Check("ok", "cards", f"{len(entries)} use cases, {tasks} task(s) to run")]


def _configurations() -> list[Check]:
    return [Check("ok", "configurations", str(paths.config_root()))]


def strangers() -> list[Check]:
    """Look at the configurations that other distributions bring: their tasks are here, their methods can be imported.

    Returns
    -------
    list of Check
        One for each distribution that is all right, else one for each problem.
    """
    known = {
        name: [task["name"] for task in entry.card["tasks"]] for name, entry in catalogue.entries().items()
    }
    checks = []
    for addition in additions.additions():
        subject = f"configurations of {addition.distribution}"
        wrong = additions.problems(addition, known)
        checks += [Check("problem", subject, finding) for finding in wrong]
        brought = [(n, t, addition.names(n, t)) for n, tasks in known.items() for t in tasks]
        if not wrong:
            shown = "; ".join(
                f"{name}/{task}: {', '.join(methods)}" for name, task, methods in brought if methods
            )
            checks.append(Check("ok", subject, shown or "no method"))
    return checks


def _runs() -> list[Check]:
    folder = paths.runs_folder()
    place = next(parent for parent in [folder, *folder.parents] if parent.exists())
    if not os.access(place, os.W_OK):
        return [
            Check("problem", "results", f"{folder} cannot be written: set USECASES_RUNS to a folder of yours")
        ]
    free = shutil.disk_usage(place).free / 1e6
    if free < NEEDED_MB:
        return [Check("problem", "results", f"{folder}: {free:.0f} MB free, {NEEDED_MB} MB advised")]
    return [Check("ok", "results", f"{folder} ({free / 1000:.0f} GB free)")]


def _data() -> list[Check]:
    mirror = os.environ.get("USECASES_MIRROR")
    if not mirror:
        return [
            Check(
                "note", "data", "no mirror (USECASES_MIRROR): public datasets are downloaded when first used"
            )
        ]
    if not Path(mirror).is_dir():
        return [Check("problem", "data", f"USECASES_MIRROR={mirror} is no folder: correct it or unset it")]
    return [Check("ok", "data", f"mirror {Path(mirror).absolute()}")]


def _accelerator() -> list[Check]:
    try:
        device = environment.resolve_device("auto")
    except ImportError as error:
        return [Check("problem", "torch", f"cannot be imported ({error}): type pip install torch")]
    return [Check("ok" if device == "cuda" else "note", "device", f"device=auto means {device} here")]


def _threads() -> list[Check]:
    values = environment.describe()["threads"]
    return [Check("ok", "threads", ", ".join(f"{name}={value}" for name, value in values.items()))]
