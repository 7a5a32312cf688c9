"""The rows of a suite: its sweeps spread into combinations, what was typed taking the place of an axis, and their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from usecases import config, custom, launcher
from usecases.bench.suites import Row, Suite

NOT_A_ROW = ("lang", "tracking", "executor", "baselines")  # they change no figure: the same for all rows


@dataclass(frozen=True)
class Job:
    """One combination of a suite, before it is composed.

    Parameters
    ----------
    task : str
        The task.
    overrides : tuple of str
        What ``usecases run`` would be given.
    where : str
        Its place in the suite, for messages.
    """

    task: str
    overrides: tuple[str, ...]
    where: str


def spread(suite: Suite, given: Sequence[str] = ()) -> list[Job]:
    """List the combinations of a suite, changed by what was typed on the command line.

    An axis that was typed takes the place of the suite's (``method=ridge``, ``seed=0,1,2``), and a data source or a method
    takes its details with it (``data=fleet`` drops ``data.subset=FD001``). ``method=custom`` joins the methods of the suite
    instead, and ``method.KEY=VALUE`` then belongs to it alone: an own method always comes beside the others.

    Parameters
    ----------
    suite : Suite
        From `load`.
    given : sequence of str
        Overrides, each with one or several values.

    Examples
    --------
    >>> from usecases.contract import Text
    >>> from usecases.bench.suites import Block
    >>> suite = Suite("s", "p", "t", Text("", ""), (Block(("data=line", "method=mean,linear", "seed=0"), "t"),))
    >>> for job in spread(suite, ["method=custom", "method._target_=mine.Best", "seed=1"]):
    ...     print(*job.overrides)
    data=line method=mean seed=1
    data=line method=linear seed=1
    data=line method=custom method._target_=mine.Best seed=1
    """
    jobs: list[Job] = []
    for number, block in enumerate(suite.blocks, 1):
        where = f"suite {suite.name}, block {number}"
        for sweep in _changed(block.sweep, config.quote_paths(given)):
            for one in launcher.jobs(config.quote_paths(sweep), True):
                jobs.append(Job(str(block.task), tuple(one), where))
    seen: dict[tuple[str, tuple[str, ...]], Job] = {}
    for job in jobs:  # two blocks may give the same row once an axis of theirs was replaced
        seen.setdefault((job.task, tuple(sorted(job.overrides))), job)
    return list(seen.values())


def _changed(sweep: Sequence[str], given: Sequence[str]) -> list[list[str]]:
    """Apply what was typed to the sweep of a block; two sweeps when an own method joins."""
    asked = [value for text in given if _key(text) == "method" for value in _values(text)]
    if custom.NAME not in asked:
        return [_replaced(sweep, given)]
    details = [text for text in given if _key(text).startswith("method.")]
    others = [text for text in given if text not in details and _key(text) != "method"]
    kept = [value for value in asked if value != custom.NAME]
    beside = _replaced(sweep, [*others, *([f"method={','.join(kept)}"] if kept else [])])
    own = _replaced(sweep, [*others, f"method={custom.NAME}"])
    at = own.index(f"method={custom.NAME}") + 1
    return [beside, [*own[:at], *details, *own[at:]]]


def _replaced(sweep: Sequence[str], given: Sequence[str]) -> list[str]:
    new = {_key(text): text for text in given}
    chosen = tuple(f"{key}." for key in new if "." not in key)
    kept = [text for text in sweep if _key(text) in new or not _key(text).startswith(chosen)]
    placed = [new.pop(_key(text), text) for text in kept]
    return [*placed, *new.values()]


def _key(text: str) -> str:
    return text.partition("=")[0].lstrip("+~")


def _values(text: str) -> list[str]:
    return [one[0].partition("=")[2] for one in launcher.jobs([text], True)]


def telling_apart(jobs: Sequence[Job]) -> list[str]:
    """Name the keys, other than those of data, method and seed, that differ between jobs (``budget``).

    Examples
    --------
    >>> telling_apart([Job("t", ("seed=0", "budget=smoke"), ""), Job("t", ("seed=1", "budget=laptop"), "")])
    ['budget']
    """
    asked: dict[str, set[str]] = {}
    for job in jobs:
        for text in job.overrides:
            if _key(text).partition(".")[0] not in ("data", "method", "seed"):
                asked.setdefault(_key(text), set()).add(text)
    return sorted(
        key
        for key, texts in asked.items()
        if len(texts) > 1 or not all(texts & set(job.overrides) for job in jobs)
    )


def by_data(rows: Iterable[Row]) -> list[Row]:
    """Put the rows of one data source together, in the order in which the suite names the sources."""
    listed = list(rows)
    order = list(dict.fromkeys((row.task, row.data_label) for row in listed))
    return sorted(listed, key=lambda row: order.index((row.task, row.data_label)))


def data_label(
    name: str, overrides: Iterable[str], also: Iterable[str] = (), *, in_full: bool = False
) -> str:
    """Name a data source with what was asked of it.

    Parameters
    ----------
    name : str
        The data source.
    overrides : iterable of str
        Of the row.
    also : iterable of str
        Other keys that tell rows apart (``budget``).
    in_full : bool
        Each value with its key and each file with its folder, where the short labels of two rows are the same.

    Examples
    --------
    >>> data_label("cmapss", ["data=cmapss", "data.subset=FD001", "method=ridge", "seed=0"])
    'cmapss FD001'
    >>> data_label("fleet", ["data.censored=0.7", "data.fold=2"])
    'fleet censored=0.7'
    >>> data_label("own", ["data.path=north/week.csv"]), data_label("own", ["data.path=north/week.csv"], in_full=True)
    ('own week.csv', 'own path=north/week.csv')
    """
    return _label(name, "data.", overrides, ("data.fold",), also, in_full)


def method_label(name: str, overrides: Iterable[str], *, in_full: bool = False) -> str:
    """Name a method with what was asked of it.

    Examples
    --------
    >>> method_label("ridge", ["method=ridge", "method.alpha=1"])
    'ridge alpha=1'
    """
    return _label(name, "method.", overrides, ("method._target_",), (), in_full)


def _label(
    name: str,
    prefix: str,
    overrides: Iterable[str],
    left_out: Sequence[str],
    also: Iterable[str],
    in_full: bool,
) -> str:
    """Add the values that were asked: a word alone, a number with its key, a file by its name."""
    said = [name]
    for text in overrides:
        key, value = _key(text), text.partition("=")[2].strip("'\"")
        if key in left_out or not (key.startswith(prefix) or key in also):
            continue
        short = key.removeprefix(prefix)
        value = value.lower() if value in ("True", "False") else value  # as Hydra spreads them
        is_word = value[:1].isalpha() and value not in ("true", "false", "null")
        if in_full:
            said.append(f"{short}={value}")
        elif short.rpartition(".")[2] == "path":
            said.append(value.replace("\\", "/").rpartition("/")[2])
        else:
            said.append(value if is_word else f"{short}={value}")
    return " ".join(said)
