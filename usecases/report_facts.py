"""The facts at the end of a report: the data, the machine, the timings, and where a user's rows are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from usecases.formatting import NARROW, decimals, number, typeset, with_unit
from usecases.report_words import ALIKE, KEYS, PHASES, QUOTED, VALUES_FR, YES_NO, say, word

SHARE = "_share"  # how a key of a description ends whose value is a share between 0 and 1


def data_rows(data: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Set the description of the data, one line a fact; what is empty, or says the same again, has no line.

    Examples
    --------
    >>> data_rows({"n_sensors": 3, "ends": {"en": "column", "fr": "données par une colonne"}, "fold": None}, "fr")
    [('capteurs', '3'), ('fins de vie', 'données par une colonne')]
    >>> data_rows({"cap": 90.0, "n_lives": 12, "n_train_units": 12, "censored_share": 0.25}, "en")
    [('cap of the labels', '90'), ('lives', '12'), ('share of censored lives', '25 %')]
    """
    rows = []
    for key, value in data.items():
        if value is None or value in ("", []) or (key in ALIKE and data.get(ALIKE[key]) == value):
            continue
        rows.append((_key(key, lang), _fact(key, value, lang)))
    return rows


def _key(key: str, lang: str) -> str:
    """Name a key of a description."""
    return say(KEYS[key], lang) if key in KEYS else key.replace("_", " ")


def _fact(key: str, value: Any, lang: str) -> str:
    """Set a value as its key asks."""
    if isinstance(value, str) and lang == "fr":
        value = VALUES_FR.get(value, value)
        return typeset(f"« {value} »", lang) if key in QUOTED else value
    if isinstance(value, float) and key.endswith(SHARE):
        percent = round(100 * value, 1)
        return with_unit(percent, "%", lang, 0 if percent >= 10 or percent.is_integer() else 1)
    return str(value) if key in ("seed", "fold") else _short(value, lang)


def _short(value: Any, lang: str) -> str:
    """Set a value of a description; ``{en, fr}`` at any depth is one text, a long list is cut."""
    if isinstance(value, list | tuple):
        items = [_short(item, lang) for item in value[:20]]
        mark = f"{NARROW}; " if lang == "fr" else "; "
        if items and all(item.endswith(".") for item in items):  # whole sentences
            mark = " "
        return mark.join(items) + (" …" if len(value) > 20 else "")
    if isinstance(value, Mapping):
        if value.keys() >= {"en", "fr"}:
            return say(value, lang)
        return ", ".join(f"{_key(key, lang)} {_short(item, lang)}" for key, item in value.items())
    if isinstance(value, bool):
        return say(YES_NO[value], lang)
    if isinstance(value, float):
        return number(value, lang, 0 if value.is_integer() else decimals(value))
    return number(value, lang) if isinstance(value, int) else str(value)


def day(moment: str, lang: str) -> str:
    """Set a moment of ``result.json`` as the language writes dates.

    Examples
    --------
    >>> day("2026-11-21T02:00:32+00:00", "fr"), day("2026-11-21T02:00:32+00:00", "en")
    ('21/11/2026 à 02:00 UTC', '2026-11-21 at 02:00 UTC')
    """
    date, clock = moment[:10], moment[11:16]
    shown = "/".join(reversed(date.split("-"))) if lang == "fr" else date
    return f"{shown} {word('at', lang)} {clock} UTC"


def timing_rows(record: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Machine, versions and timings, one line a fact.

    Examples
    --------
    >>> record = {"timings": {"load": {"cpu_s": 0.52}}, "peak_memory_mb": 341.0, "versions": {}, "git": {},
    ...           "environment": {"platform": "Linux", "processor": "x86", "cores": 2}}
    >>> timing_rows(record, "fr")[0]
    ('chargement, secondes de processeur', '0,5')
    """
    rows = [
        (
            f"{say(PHASES[phase], lang) if phase in PHASES else phase}, {word('seconds', lang)}",
            number(timing["cpu_s"], lang, 1),
        )
        for phase, timing in record["timings"].items()
        if "cpu_s" in timing
    ]
    rows.append((word("memory", lang), number(record["peak_memory_mb"], lang, 0)))
    rows += [(name, str(version)) for name, version in record["versions"].items()]
    environment = record["environment"]
    cores = f"{environment['cores']} {word('cores', lang)}"
    rows.append(("machine", f"{environment['platform']}, {environment['processor']}, {cores}"))
    if record["git"].get("commit"):
        changed = f" ({word('changes', lang)})" if record["git"]["dirty"] else ""
        rows.append(("commit", record["git"]["commit"] + changed))
    return rows


def whereabouts(record: Mapping[str, Any], folder: Path, lang: str) -> str | None:
    """Say where a user's own rows are kept and how to delete what a run made of them; None for other data.

    Examples
    --------
    >>> whereabouts({"data": {"kind": "generated"}}, Path("runs"), "en") is None
    True
    """
    path = _path(record["config"]["data"]) if record["data"].get("kind") == "own" else None
    if path is None:
        return None
    title = (
        f"{record['data']['name']} {record['method']} seed {record['seed']}"  # as usecases.tracking names it
    )
    return word("whereabouts", lang).format(path=path, folder=folder, run_id=record["run_id"], title=title)


def _path(data: Mapping[str, Any]) -> str | None:
    """Where a user's rows were read from; for ``data=from_run`` the file of that run, or its folder if it names none."""
    run = data.get("from_run")
    if data.get("path") or not run:
        return data.get("path")
    import yaml

    try:
        first = yaml.safe_load((Path(run) / "config.yaml").read_text(encoding="utf-8"))
        return str(first["data"]["path"])
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError):
        return str(run)
