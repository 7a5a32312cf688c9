"""The key of a row: sixteen digits that change with whatever could change its figures, and with nothing else.

Hashed are the use case, the task and the resolved configuration (without language, tracking, executor and baselines, which
change no figure of the row); the version of this library; the source of the use case and of every module that a
``_target_`` names, so that an edited method is measured again; and the content of every file that a ``path`` names.
Public datasets are pinned by the sums in ``datasets.yaml``, which is part of the source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from usecases import __version__, catalogue, paths
from usecases.config import RunConfig

LEFT_OUT = ("tracking", "executor", "lang", "baselines")
SOURCES = (".py", ".yaml", ".yml")
SMALL_MB = 64  # files of a data folder are read up to this size; of larger ones the size alone counts


def row_key(run: RunConfig) -> str:
    """Hash all that could change the figures of a run.

    Parameters
    ----------
    run : RunConfig
        The row, composed.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> from usecases import config
    >>> keys = [row_key(config.compose("predictive_maintenance", "rul", [o])) for o in ("lang=en", "lang=fr", "seed=1")]
    >>> keys[0] == keys[1] != keys[2]
    True
    """
    counted = {name: value for name, value in run.values.items() if name not in LEFT_OUT}
    folder = catalogue.find(run.package).folder
    targets = sorted({str(value).partition(".")[0] for value in named("_target_", counted)})
    files = sorted({str(value) for value in named("path", counted)})
    hashed = {
        "row": [run.package, run.task, paths.plain(counted)],
        "version": __version__,
        "source": None if folder is None else source_sum(folder),
        "targets": [[target, module_sum(target)] for target in targets],
        "files": [[file, content_sum(Path(file).expanduser())] for file in files],
    }
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()[:16]


def named(key: str, tree: Any) -> Iterator[Any]:
    """Find the values of a key anywhere in a configuration; empty ones are left out.

    Examples
    --------
    >>> list(named("path", {"data": {"path": "a.csv"}, "method": {"path": None}}))
    ['a.csv']
    """
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            if name == key and isinstance(value, str) and value:
                yield value
            yield from named(key, value)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from named(key, item)


def source_sum(place: Path) -> str:
    """Sum of a module's file, or of the source files below a package's folder; its ``configs`` count by what they resolve to.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> before = source_sum(folder)
    >>> _ = (folder / "method.py").write_text("x = 1", encoding="utf-8")
    >>> source_sum(folder) == before
    False
    """
    if place.is_file():
        return paths.sha256(place)
    total = hashlib.sha256()
    for file in sorted(place.rglob("*")):
        inside = file.relative_to(place)
        if file.suffix in SOURCES and inside.parts[0] != "configs" and file.is_file():
            total.update(f"{inside.as_posix()} {paths.sha256(file)}\n".encode())
    return total.hexdigest()


@cache
def module_sum(name: str) -> str | None:
    """Sum of the source of a top-level module or package, found without importing it; None when there is no file."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ([spec.origin] if spec.origin else []))
    return " ".join(source_sum(Path(place)) for place in places if Path(place).exists())


def content_sum(place: Path) -> str:
    """Sum of a file, or of the names, sizes and contents below a folder; ``missing`` when there is none.

    Examples
    --------
    >>> content_sum(Path("no such file"))
    'missing'
    """
    if place.is_file():
        return paths.sha256(place)
    if not place.is_dir():
        return "missing"
    total = hashlib.sha256()
    for file in sorted(place.rglob("*")):
        if file.is_file():
            size = file.stat().st_size
            content = paths.sha256(file) if size <= SMALL_MB * 1e6 else ""
            total.update(f"{file.relative_to(place).as_posix()} {size} {content}\n".encode())
    return total.hexdigest()
