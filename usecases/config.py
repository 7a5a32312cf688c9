"""Configurations: compose them with Hydra, refuse a wrong key, value or type before any work, build objects.

Each task has a configuration root of its own (``run.yaml`` and the groups ``data/``, ``method/``, ...);
groups that it does not have come from the package's ``common/`` and then from ``shared/``.
"""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from usecases import additions, catalogue, custom, paths
from usecases.errors import UserError, nearest
from usecases.schemas import Settings, check_object, typed

PATH_KEY = re.compile(r"^(\+{0,2}(?:[\w.]*\bpath|data\.(?:vehicles|durations|from_run)))=(.*)$", re.DOTALL)


@dataclass(frozen=True)
class RunConfig:
    """One run, composed and checked.

    Parameters
    ----------
    package, task : str
        What to run.
    values : dict
        The whole resolved configuration, plain values.
    choices : mapping of str to str
        The chosen file of each group, e.g. ``{"data": "cmapss", "method": "ridge"}``.
    overrides : tuple of str
        What was typed.
    settings : Settings
        The shared nodes, typed.
    """

    package: str
    task: str
    values: dict[str, Any]
    choices: Mapping[str, str]
    overrides: tuple[str, ...]
    settings: Settings

    @property
    def command(self) -> str:
        """The command that reproduces the run."""
        return shlex.join(["usecases", "run", f"{self.package}/{self.task}", *self.overrides])


def quote_paths(overrides: Iterable[str]) -> list[str]:
    r"""Quote the values of keys that name a file (``*.path``, ``data.vehicles``) for Hydra's lexer, and others that need it.

    Accents, spaces, commas, brackets, equal signs, quotes and backslashes are all legal in a file name. A value that is
    already quoted is left alone; an empty one and ``null`` too. Other values are quoted only where Hydra does not
    understand them as they are: column titles such as ``unité`` or ``Heures (h)``, alone or in a list.

    Examples
    --------
    >>> quote_paths(["data.path=C:\\données, été [1].csv", "seed=1"])
    ["data.path='C:\\données, été [1].csv'", 'seed=1']
    """
    quoted = []
    for override in overrides:
        match = PATH_KEY.match(override)
        if match and match[1].endswith("from_run") and _many_folders(match[2]):
            quoted.append(override)  # a sweep over runs
        elif match and match[2] not in ("", "null") and match[2][0] not in "'\"":
            quoted.append(f"{match[1]}={_quote(match[2])}")
        else:
            quoted.append(_quote_title(override))
    return quoted


def _many_folders(value: str) -> bool:
    """Whether a value lists folders that exist, and is none itself."""
    parts = value.split(",")
    return len(parts) > 1 and not Path(value).exists() and all(Path(part).is_dir() for part in parts)


def _quote_title(override: str) -> str:
    """Quote a value, or each item of a list, if that makes an override understandable."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    key, equals, value = override.partition("=")

    def understood(text: str) -> bool:
        try:
            parser.parse_override(text)
        except HydraException:
            return False
        return True

    if not equals or not value or understood(override):
        return override
    plain = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if set(plain) & set("[]{}'\"") or set(key) & set(" '\""):
        return override
    if plain is value:
        candidate = f"{key}={_quote(value)}"
    else:
        candidate = f"{key}=[{','.join(_quote(item.strip()) for item in plain.split(','))}]"
    return candidate if understood(candidate) else override


def _quote(value: str) -> str:
    """Quote a string for Hydra's grammar: a quote is escaped, and the backslashes before a quote are doubled."""
    body = re.sub(r"(\\*)'", lambda m: m[1] * 2 + "\\'", value)
    body = re.sub(r"(\\+)$", lambda m: m[1] * 2, body)
    body = re.sub(r"(\\*)\$\{", lambda m: m[1] * 2 + "\\${", body)  # no interpolation inside a path
    return f"'{body}'"


def roots(package: str, task: str) -> tuple[Path, list[Path]]:
    """Configuration root of a task and the folders searched after it, those of other distributions last; all absolute."""
    entry = catalogue.find(package)
    base = paths.package_configs(package, entry.folder)
    root = base / task
    if not (root / "run.yaml").is_file():
        raise UserError(f"{package}/{task} has no configuration: {root / 'run.yaml'} was expected")
    search = [folder for folder in (base / "common", paths.config_root() / "shared") if folder.is_dir()]
    for addition in additions.additions():
        for folder in (addition.folder / package / task, addition.folder / package / "common"):
            if folder.is_dir():
                additions.warn_of_hidden(addition, folder, [root, *search])
                search.append(folder)
    return root, search


def launcher_overrides(search: Sequence[Path]) -> list[str]:
    """Hydra's own settings for every run: where to search, and no folder or log of its own."""
    places = ",".join(_quote(f"file://{folder.as_posix()}") for folder in search)
    return [
        f"hydra.searchpath=[{places}]",
        "hydra.output_subdir=null",
        f"hydra.run.dir={_quote(paths.runs_folder().as_posix())}",
        f"hydra.sweep.dir={_quote((paths.runs_folder() / 'sweeps').as_posix())}",
        "hydra.sweep.subdir='.'",
        "hydra/job_logging=none",
        "hydra/hydra_logging=none",
    ]


@contextmanager
def _hydra(root: Path) -> Iterator[None]:
    """Open Hydra's compose API on a root, and give back whatever Hydra was doing before."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    before = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(root), version_base="1.3", job_name="usecases"):
            yield
    finally:
        GlobalHydra.instance().hydra = before


def compose(package: str, task: str, overrides: Sequence[str] = ()) -> RunConfig:
    """Compose and check the configuration of one run.

    Parameters
    ----------
    package, task : str
        What to run.
    overrides : sequence of str
        Hydra overrides: ``data=cmapss``, ``data.subset=FD001``, ``seed=3``.

    Returns
    -------
    RunConfig
        With plain, resolved values.

    Raises
    ------
    UserError
        For an unknown key, group, value or a wrong type, naming what is allowed.

    Examples
    --------
    >>> compose("predictive_maintenance", "rul", ["seed=3"]).settings.seed
    3
    """
    from hydra import compose as hydra_compose
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    root, search = roots(package, task)
    quoted = custom.opened(quote_paths(overrides))
    with _hydra(root):
        try:
            config = hydra_compose(
                "run", overrides=[*launcher_overrides(search), *quoted], return_hydra_config=True
            )
            choices = OmegaConf.to_container(config.hydra.runtime.choices)
            plain = {key: value for key, value in config.items() if key != "hydra"}
            values = OmegaConf.to_container(OmegaConf.create(plain), resolve=True)
        except (HydraException, OmegaConfBaseException, YAMLError, ValueError) as error:  # ValueError: null
            raise UserError(_diagnose(error, quoted, root, search)) from error
    return check(package, task, cast(dict[str, Any], values), cast(dict[str, Any], choices), overrides)


def check(
    package: str, task: str, values: dict[str, Any], choices: Mapping[str, Any], overrides: Iterable[str]
) -> RunConfig:
    """Check a composed configuration: shared nodes against their types, objects against their signatures."""
    own = {str(k): str(v) for k, v in choices.items() if v is not None and not str(k).startswith("hydra/")}
    shared = {f.name: values[f.name] for f in fields(Settings) if f.name in values}
    settings = typed(Settings, shared, "")
    for node in ("data", "method"):
        if not isinstance(values.get(node), dict):
            raise UserError(
                f"{node}={values.get(node)} is no configuration: a name was expected, type {node}=NAME "
                f"({nearest(str(values.get(node)), options(package, task, node))})"
            )
        if node == "method" and own.get("method") == custom.NAME:
            own_files = (roots(package, task)[0] / "method").glob(
                "*.yaml"
            )  # a stranger's may be out of order
            others = (compose(package, task, [f"method={file.stem}"]) for file in own_files)
            custom.check(
                values[node].get("_target_"), [other.values["method"]["_target_"] for other in others]
            )
        check_object(values[node], node)
    if values.get("trap") is not None:
        check_object(values["trap"], "trap")
    _check_keys(package, task, values)
    _check_ranges(package, task, settings)
    return RunConfig(package, task, values, own, tuple(overrides), settings)


def _check_keys(package: str, task: str, values: Mapping[str, Any]) -> None:
    """Refuse a key at the top that neither the task's ``run.yaml`` nor the core knows (``+metod=1``)."""
    import yaml

    root, _ = roots(package, task)
    known = set(yaml.safe_load((root / "run.yaml").read_text(encoding="utf-8"))) - {"defaults"}
    known |= {"data", "method", "experiment", "trap"} | {field.name for field in fields(Settings)}
    for key in values:
        if key not in known:
            raise UserError(f"unknown key {key}: {nearest(str(key), known)}")


def _check_ranges(package: str, task: str, settings: Settings) -> None:
    """Refuse values that no run could use."""
    budget, known = settings.budget, methods(package, task)
    wrong = [
        (settings.seed < 0, f"seed={settings.seed}", "a whole number from 0 on", "seed=0"),
        (
            settings.executor.n_jobs == 0,
            "executor.n_jobs=0",
            "a number of cores, or -1 for all",
            "executor.n_jobs=-1",
        ),
        (budget.effort <= 0, f"budget.effort={budget.effort}", "a number above 0", "budget=laptop"),
        (
            budget.time_limit_s is not None and budget.time_limit_s <= 0,
            f"budget.time_limit_s={budget.time_limit_s}",
            "seconds above 0, or null",
            "budget.time_limit_s=null",
        ),
    ]
    for is_wrong, given, expected, remedy in wrong:
        if is_wrong:
            raise UserError(f"{given} was given, but {expected} was expected: type {remedy}")
    for name in settings.baselines:
        if name not in known:
            raise UserError(f"unknown method {name!r} in baselines: {nearest(name, known)}")


def options(package: str, task: str, group: str) -> list[str]:
    """Names that a configuration group offers, sorted.

    Examples
    --------
    >>> "cpu" in options("predictive_maintenance", "rul", "device")
    True
    """
    root, search = roots(package, task)
    return sorted({file.stem for place in [root, *search] for file in (place / group).glob("*.yaml")})


def methods(package: str, task: str) -> list[str]:
    """Names of the methods that a task has a configuration for, sorted; ``custom`` is none of them.

    Examples
    --------
    >>> "ridge" in methods("predictive_maintenance", "rul"), "custom" in methods("predictive_maintenance", "rul")
    (True, False)
    """
    return [name for name in options(package, task, "method") if name != custom.NAME]


def build(node: Mapping[str, Any]) -> Any:
    """Build the object that a ``_target_`` node describes.

    Raises
    ------
    UserError
        When the class does not exist or refuses a value.
    """
    target = str(node.get("_target_"))
    values = {key: value for key, value in node.items() if not str(key).startswith("_")}
    try:
        return _found(target)(**values)
    except TypeError as error:
        raise UserError(
            f"{target} could not be built ({error}): correct the keys of its configuration"
        ) from error


def _found(target: str) -> Any:
    """Find what a ``_target_`` names; Hydra, which takes a while to load, is asked for the rare class inside a class."""
    module, _, name = target.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        from hydra.utils import get_object

        return get_object(target)


def _diagnose(error: Exception, overrides: Sequence[str], root: Path, search: Sequence[Path]) -> str:
    """Say in one sentence what is wrong with the overrides that Hydra refused."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    places = [root, *search]
    groups = {d.name for place in places for d in place.iterdir() if d.is_dir()}
    top = groups | {"seed", "lang", "baselines"}
    for text in overrides:
        try:
            override = parser.parse_override(text)
        except HydraException:
            return f"{text!r} is not an override: KEY=VALUE was expected, for example seed=3 or 'data.path=my file.csv'"
        key, value = override.key_or_group, override.value()
        if override.is_sweep_override():
            return f"{text} asks for several runs: add -m at the end of the command for a sweep"
        head, _, rest = key.partition(".")
        names = {file.stem for place in places for file in (place / key).glob("*.yaml")}
        if key in groups and isinstance(value, str):
            if value not in names:
                return f"unknown {key} {value!r}: {nearest(value, names)}"
        elif key in groups and not override.is_delete() and not isinstance(value, list | dict):
            return (
                f"{text} was given, but a name was expected: type {key}=NAME ({nearest(str(value), names)})"
            )
        elif head not in top:
            return f"unknown key {key!r}: {nearest(head, top)}"
        elif (
            head in groups
            and rest
            and (keys := _node_keys(overrides, root, search, head))
            and rest not in keys
        ):
            return f"unknown key {key!r}: {nearest(rest, keys)} (of {head}, with {head}=NAME chosen before)"
    logging.getLogger(__name__).debug("configuration refused", exc_info=error)
    return f"the configuration was refused: {' '.join(str(error).split())}"


def _node_keys(overrides: Sequence[str], root: Path, search: Sequence[Path], head: str) -> list[str]:
    """Keys of one node when only the group choices among the overrides are applied."""
    from hydra import compose as hydra_compose

    chosen = [text for text in overrides if "." not in text.partition("=")[0]]
    with _hydra(root):
        try:
            config = hydra_compose("run", overrides=[*launcher_overrides(search), *chosen])
        except Exception:  # another override is wrong too: that one is told first
            return []
    return [str(key) for key in config.get(head) or {}]
