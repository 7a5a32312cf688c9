"""Suites: which rows a benchmark has. Data x method x seed x fold, written in Hydra's own sweep grammar.

A suite is a YAML file in the group ``suite/`` of a task's configuration root, or in ``common/suite/`` of a package, where
each block of rows names its task::

    title: {en: Three subsets, fr: Trois sous-ensembles}
    timed: true                      # rows one after the other: the table reports CPU seconds
    metrics: [rmse_capped, width_90] # columns; default: the headline of the task
    headline: rmse_capped            # what lines are ordered by; default: the headline of the card
    baselines: [ridge]               # the best of them is what others are compared with; default: those of a run
    headings: {width_90: {en: width, fr: largeur}}  # short names of columns; default: the metric's own label
    rows:
      - sweep: [data=cmapss, "data.subset=FD001,FD003", "method=ridge,tcn", "seed=0"]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from usecases import additions, catalogue, config, paths
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.schemas import typed

DEFAULT = "default"


@dataclass(frozen=True)
class Suite:
    """A suite, as its YAML file says it; see `load`.

    Parameters
    ----------
    name : str
        Name of the file, or ``default`` for the suite made where none of that name is written.
    package : str
        The use case.
    task : str or None
        The task whose suite it is; None for a suite of the package, whose blocks name their task.
    title : Text
        What the table is about, in both languages.
    blocks : tuple of Block
        What to run.
    timed : bool
        Whether the table reports CPU seconds: rows then run one after the other.
    metrics : tuple of str
        Columns of the table; empty for each task's headline.
    headings : dict of str to Text
        Short names of columns, by metric; the metric's own label without one.
    headline : str or None
        What lines are ordered by; None for each task's headline.
    baselines : tuple of str or None
        Methods whose best one the others are compared with; None for the baselines of the task's runs.
    """

    name: str
    package: str
    task: str | None
    title: Text
    blocks: tuple[Block, ...]
    timed: bool = False
    metrics: tuple[str, ...] = ()
    headings: dict[str, Text] = field(default_factory=dict)
    headline: str | None = None
    baselines: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Block:
    """Some rows of a suite: all combinations of a sweep.

    Parameters
    ----------
    sweep : tuple of str
        Overrides with one or several values each, e.g. ``method=ridge,lightgbm``.
    task : str or None
        Needed in a suite of the package.
    """

    sweep: tuple[str, ...]
    task: str | None = None


@dataclass(frozen=True)
class Row:
    """One row of a table: one run of its own, in a process of its own.

    Parameters
    ----------
    key : str
        Sixteen hexadecimal digits that change with whatever could change the figures; see `usecases.bench.row_key.row_key`.
    task : str
        The task.
    data_label : str
        The data source and what the suite asks of it: ``cmapss FD001``, ``fleet censored=0.7``.
    method : str
        The method (its class for ``method=custom``) and what the suite asks of it: ``ridge alpha=1``.
    seed : int
        The seed.
    fold : int or None
        The fold held out (``data.fold``), if any.
    overrides : tuple of str
        What ``usecases run`` would be given.
    folder : pathlib.Path
        The run folder of the row, ``<bench folder>/rows/<key>``; it may be absent while the row has not run.
    record : dict or None
        The content of its ``result.json``: of a failed row too, with ``status`` and ``error``; None if it did not run.
    """

    key: str
    task: str
    data_label: str
    method: str
    seed: int
    fold: int | None
    overrides: tuple[str, ...]
    folder: Path
    record: dict[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class _File:
    """The keys of a suite's file."""

    title: Text
    rows: list[Any]
    timed: bool = False
    metrics: tuple[str, ...] = ()
    headings: dict[str, Any] = field(default_factory=dict)
    headline: str | None = None
    baselines: tuple[str, ...] | None = None


def load(spec: str, name: str | None = None) -> Suite:
    """Find a suite and check that it is one.

    Parameters
    ----------
    spec : str
        ``NAME/TASK``, or ``NAME`` for a suite of the package. A suite of the package can be asked of one of its tasks
        too, which keeps the rows of that task.
    name : str, optional
        Of the suite; None is ``default``: built-in data, all methods, seed 0, unless a file says otherwise.

    Raises
    ------
    UserError
        When there is none of that name, or its file is not a suite.

    Examples
    --------
    >>> suite = load("predictive_maintenance/rul")
    >>> suite.blocks[0].sweep[0]
    'data=fleet'
    """
    package, _, task = spec.partition("/")
    entry = catalogue.find_task(spec)[0]
    files = _files(spec)
    wanted = name or DEFAULT
    if wanted not in files:
        if wanted != DEFAULT:
            raise UserError(f"unknown suite {wanted!r} of {spec}: {nearest(wanted, [*files, DEFAULT])}")
        tasks = [task] if task else [str(one["name"]) for one in entry.card["tasks"]]
        title = Text(
            f"All methods of {spec}, on built-in data", f"Toutes les méthodes de {spec}, données intégrées"
        )
        return Suite(
            DEFAULT, package, task or None, title, tuple(_all_methods(package, one) for one in tasks)
        )
    return _read(files[wanted], package, task or None)


def names(spec: str) -> list[str]:
    """Names of the suites of a task or of a package, sorted.

    Examples
    --------
    >>> "default" in names("predictive_maintenance/rul")
    True
    """
    return sorted({*_files(spec), DEFAULT})


def _files(spec: str) -> dict[str, Path]:
    """Files of the suites by name: the task's own hide those of its package."""
    package, _, task = spec.partition("/")
    if task:
        root, search = config.roots(package, task)
        folders = [root, *search]
    else:
        others = [addition.folder / package for addition in additions.additions()]
        base = paths.package_configs(package, catalogue.find(package).folder)
        folders = [place / "common" for place in (base, *others)]
    return {
        file.stem: file for folder in reversed(folders) for file in sorted((folder / "suite").glob("*.yaml"))
    }


def _all_methods(package: str, task: str) -> Block:
    data = config.compose(package, task).choices["data"]
    methods = ",".join(config.methods(package, task))
    return Block((f"data={data}", f"method={methods}", "seed=0"), task)


def _read(file: Path, package: str, task: str | None) -> Suite:
    """Read a suite's file, and say in one sentence what is wrong with it."""
    import yaml

    try:
        tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UserError(f"the suite {file} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(tree, dict) or not {"title", "rows"} <= set(tree) or not tree["rows"]:
        raise UserError(
            f"the suite {file} needs title: {{en: ..., fr: ...}} and rows: a list of blocks, each with a sweep"
        )
    content: _File = typed(_File, tree, f"suite {file.stem}")
    if not isinstance(content.title, Text):
        raise UserError(f"suite {file.stem}.title was given as a text, but {{en: ..., fr: ...}} was expected")
    known = [str(one["name"]) for one in catalogue.find(package).card["tasks"]]
    blocks = [
        _block(block, f"suite {file.stem}, block {n}", task, known) for n, block in enumerate(content.rows, 1)
    ]
    kept = tuple(block for block in blocks if task in (None, block.task))
    if not kept:
        raise UserError(
            f"the suite {file.stem} of {package} has no row of {task}: type usecases bench {package} suite={file.stem}"
        )
    headings = {
        name: typed(Text, text, f"suite {file.stem}.headings.{name}")
        for name, text in content.headings.items()
    }
    return Suite(
        file.stem,
        package,
        task,
        content.title,
        kept,
        content.timed,
        content.metrics,
        headings,
        content.headline,
        content.baselines,
    )


def _block(tree: Any, where: str, task: str | None, known: Sequence[str]) -> Block:
    if not isinstance(tree, dict) or not isinstance(tree.get("sweep"), list) or not tree["sweep"]:
        raise UserError(f"{where} needs sweep: a list such as [data=fleet, 'method=ridge,tcn', seed=0]")
    block: Block = typed(Block, {**tree, "sweep": [str(item) for item in tree["sweep"]]}, where)
    named = block.task or task
    if named not in known:
        raise UserError(
            f"{where}: {'task is missing' if named is None else f'unknown task {named!r}'}: {nearest(str(named), known)}"
        )
    for item in block.sweep:
        if "=" not in item:
            raise UserError(f"{where}: {item!r} is no override: KEY=VALUE or KEY=VALUE,VALUE was expected")
    return Block(block.sweep, named)
