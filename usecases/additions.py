"""Methods of strangers: configuration files that other distributions bring for the use cases of this one.

A distribution declares them with an entry point of the group ``usecases.configs`` (see `additions`). Nothing of it is
imported until one of its methods is run.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from usecases import paths
from usecases.errors import nearest

logger = logging.getLogger(__name__)

GROUP = "usecases.configs"


@dataclass(frozen=True)
class Method:
    """A method that another distribution brings for a task.

    Parameters
    ----------
    task, name : str
        ``method=name`` of that task.
    distribution : str
        Who brings it.
    """

    task: str
    name: str
    distribution: str


@dataclass(frozen=True)
class Addition:
    """Configuration files that another distribution brings for a use case.

    Parameters
    ----------
    distribution : str
        Who brings them.
    folder : Path
        Its ``configs`` folder; below it ``<package>/<task>/method/<name>.yaml``, also ``data``, ``experiment`` and
        ``suite``, and ``<package>/common``.
    """

    distribution: str
    folder: Path

    def names(self, package: str, task: str, group: str = "method") -> list[str]:
        """Names that it adds to a group of a task, sorted."""
        return sorted(file.stem for file in (self.folder / package / task / group).glob("*.yaml"))


def additions() -> list[Addition]:
    """Find the distributions that bring configurations for use cases of others, without importing them.

    They declare it with an entry point of the group ``usecases.configs``: any name, and the import name of a package
    whose folder holds ``configs/<package>/<task>/method/<name>.yaml``. One whose folder is not there is logged and
    left out.

    Returns
    -------
    list of Addition
        Sorted by the name of the distribution.

    Examples
    --------
    >>> [addition.distribution for addition in additions() if addition.distribution == "usecases"]
    []
    """
    found: dict[Path, Addition] = {}
    for point in entry_points(GROUP):
        distribution = point.dist.name if point.dist else point.name
        label = f"configurations of {distribution}"
        folders = locate(label, point.value)
        configs = next(
            (folder / "configs" for folder in folders or [] if (folder / "configs").is_dir()), None
        )
        if configs:
            found.setdefault(configs.resolve(), Addition(distribution, configs.resolve()))
        elif folders is not None:
            _warn_once(f"{label}: the package {point.value} has no folder configs; they are left out")
    return sorted(found.values(), key=lambda addition: (addition.distribution.lower(), addition.folder))


def entry_points(group: str) -> metadata.EntryPoints:
    """Entry points of a group; they are read once for each state of the folders that Python imports from.

    Parameters
    ----------
    group : str
        ``usecases.packages`` or ``usecases.configs``.

    Examples
    --------
    >>> "predictive_maintenance" in entry_points("usecases.packages").names
    True
    """
    return _entry_points(group, tuple((place, _modified(place)) for place in sys.path))


@lru_cache(maxsize=16)
def _entry_points(group: str, places: tuple[tuple[str, int], ...]) -> metadata.EntryPoints:
    return metadata.entry_points(group=group)


def _modified(place: str) -> int:
    try:
        return Path(place or ".").stat().st_mtime_ns
    except OSError:
        return 0


def locate(label: str, value: str) -> list[Path] | None:
    """Find the folders of an import name, without importing anything.

    Parameters
    ----------
    label : str
        What it is for, in the warning.
    value : str
        The import name, with what an entry point puts after a colon.

    Returns
    -------
    list of Path or None
        None, and a warning, when Python refuses the name.

    Examples
    --------
    >>> [folder.name for folder in locate("example", "usecases.documented")]
    ['documented']
    """
    top, *inner = value.partition(":")[0].strip().split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError, AttributeError) as error:
        logger.warning("%s: the package %s cannot be located (%s); it is left out", label, top, error)
        return None
    return [Path(location, *inner) for location in (spec and spec.submodule_search_locations) or []]


def methods_of_others(
    package: str, folder: Path, card: dict[str, Any], others: list[Addition]
) -> tuple[Method, ...]:
    """List the methods that others bring for the tasks of a use case, without those whose name is taken.

    Parameters
    ----------
    package : str
        Name of the use case.
    folder : Path
        Of its code.
    card : dict
        Its card.
    others : list of Addition
        From `additions`.
    """
    found: dict[tuple[str, str], Method] = {}
    for task in (task["name"] for task in card["tasks"]):
        base = paths.package_configs(package, folder)
        ours = [base / task, base / "common", paths.config_root() / "shared"]
        for other in others:
            for name in other.names(package, task):
                if not any((place / "method" / f"{name}.yaml").is_file() for place in ours):
                    found.setdefault((task, name), Method(task, name, other.distribution))
    return tuple(found.values())


def warn_of_hidden(addition: Addition, folder: Path, before: list[Path]) -> None:
    """Say, once, which configurations of another distribution are not used because the name is taken.

    Parameters
    ----------
    addition : Addition
        Who brings them.
    folder : Path
        One of its folders of groups.
    before : list of Path
        The folders that are searched first.
    """
    for file in sorted(folder.glob("*/*.yaml")):
        name = file.relative_to(folder)
        if any((place / name).is_file() for place in before):
            _warn_once(
                f"{name.parent.as_posix()}={file.stem} of {addition.distribution} is not used, for {name.as_posix()} "
                f"exists already: rename {file}"
            )


def problems(addition: Addition, known: Mapping[str, Iterable[str]]) -> list[str]:
    """Say what a distribution brings in vain: for a task that is not there, or a method that cannot be read or imported.

    Parameters
    ----------
    addition : Addition
        Who brings what.
    known : mapping of str to iterable of str
        The tasks of each use case.

    Returns
    -------
    list of str
        One finding for each file or folder; empty when all can be used.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "ovenz").mkdir()
    >>> problems(Addition("theirs", folder), {"ovens": ["heat"]})
    ["no use case 'ovenz': did you mean 'ovens'? allowed: ovens"]
    """
    found = []
    for package in (path for path in sorted(addition.folder.iterdir()) if path.is_dir()):
        if package.name not in known:
            found.append(f"no use case {package.name!r}: {nearest(package.name, known)}")
            continue
        for task in (path for path in sorted(package.iterdir()) if path.is_dir() and path.name != "common"):
            if task.name not in known[package.name]:
                names = known[package.name]
                found.append(f"no task {task.name!r} of {package.name}: {nearest(task.name, names)}")
            else:
                found += [text for file in sorted(task.glob("method/*.yaml")) if (text := _problem(file))]
    return found


def _problem(file: Path) -> str | None:
    """Say why the configuration of a method cannot be used; None when it can."""
    import yaml
    from hydra.utils import get_object

    try:
        target = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("_target_")
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
        return f"{file} cannot be read ({' '.join(str(error).split())})"
    if not target:
        return f"{file} names no class: _target_: module.Class was expected"
    try:
        get_object(str(target))
    except Exception as error:  # whatever a stranger's module raises when it is imported
        return f"{file}: {target} cannot be imported ({' '.join(str(error).split())})"
    return None


@cache
def _warn_once(sentence: str) -> None:
    logger.warning(sentence)
