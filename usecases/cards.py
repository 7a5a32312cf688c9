"""The card of a use case: read it, check it against its JSON Schema; `usecases.card_text` sets it as text.

A card is a YAML file with the headings of the white paper "Actions de déploiement de l'IA en Hauts-de-France"
(Cité de l'IA, 2021) in French and English; `card.schema.json`, beside this file, says exactly which.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from usecases.card_text import is_text, render_card, render_list
from usecases.errors import UserError, nearest

__all__ = ["Card", "load_card", "render_card", "render_list", "validate"]

Card = dict[str, Any]

SCHEMA_FILE = Path(__file__).with_name("card.schema.json")
ESSENTIALS = ("name", "status", "title", "summary", "tasks")

# libyaml's loader where it is there: much faster, and the catalogue reads every card.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_card(path: Path | str) -> Card:
    """Read a card and make sure that the catalogue can show it.

    Only what every listing needs is checked here, without jsonschema, so that listing stays fast;
    `validate` checks the whole card.

    Parameters
    ----------
    path : path
        A `card.yaml`, in UTF-8.

    Returns
    -------
    dict
        The card as it stands in the file.

    Raises
    ------
    UserError
        When the file cannot be read, is not YAML, or lacks a name, status, title, summary or tasks.

    Examples
    --------
    >>> load_card(Path(__file__).parent / "documented" / "greenhouse.yaml")["status"]
    'documented'
    """
    path = Path(path)
    try:
        card = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_LOADER)
    except OSError as error:
        raise UserError(f"Card {path} cannot be read ({error.strerror}): check the file.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"Card {path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise UserError(f"Card {path}{where} is not valid YAML ({problem}): correct that line.") from error
    problems = _essential_problems(card)
    if problems:
        raise UserError(f"Card {path} is incomplete ({'; '.join(problems)}): add what is missing.")
    return card


def _essential_problems(card: Any) -> list[str]:
    if not isinstance(card, dict):
        return ["a mapping of headings was expected"]
    problems = [f"{key}: missing heading" for key in ESSENTIALS if key not in card]
    problems += [
        f"{key}: a text with fr and en was expected"
        for key in ("title", "summary")
        if key in card and not is_text(card[key])
    ]
    problems += [
        f"{key}: a name was expected"
        for key in ("name", "status")
        if key in card and not isinstance(card[key], str)
    ]
    tasks = card.get("tasks", [])
    if not isinstance(tasks, list) or not all(
        isinstance(task, dict) and isinstance(task.get("name"), str) for task in tasks
    ):
        problems.append("tasks: a list of tasks with a name was expected")
    return problems


def validate(card: Any) -> list[str]:
    """Check a card against `card.schema.json`.

    Parameters
    ----------
    card : object
        What `load_card` or any YAML reader returned.

    Returns
    -------
    list of str
        One sentence for each problem, beginning with the path of the heading; empty for a valid card.

    Examples
    --------
    >>> card = load_card(Path(__file__).parent / "documented" / "greenhouse.yaml")
    >>> validate(card)
    []
    >>> del card["benefits"]["human"]
    >>> validate(card)
    ['benefits.human: missing heading']
    """
    problems: dict[str, None] = {}  # an ordered set
    for error in sorted(_validator().iter_errors(card), key=lambda error: str(error.json_path)):
        for problem in _problems(error):
            problems[problem] = None
    return list(problems)


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _problems(error: Any) -> list[str]:
    where = error.json_path.removeprefix("$").removeprefix(".")
    inside = f"{where}." if where else ""
    label = where or "card"
    match error.validator:
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            return [f"{inside}{key}: missing {_sort_of(key)}" for key in missing]
        case "additionalProperties":
            known = list(error.schema["properties"])
            unknown = [key for key in error.instance if key not in known]
            return [f"{inside}{key}: unknown heading ({nearest(str(key), known)})" for key in unknown]
        case "enum" | "const":
            allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
            return [f"{label}: got {error.instance!r} ({nearest(str(error.instance), map(str, allowed))})"]
        case "pattern" if not error.instance.strip():
            return [f"{label}: empty {_sort_of(where.rpartition('.')[2])}"]
        case "pattern":
            return [f"{label}: got {error.instance!r}, which does not look like {error.validator_value}"]
        case "type":
            return [f"{label}: expected {error.validator_value}, got {type(error.instance).__name__}"]
        case "minItems" if where == "tasks":
            return ["tasks: a card with status implemented needs at least one task"]
        case "minItems":
            return [f"{label}: empty list"]
        case "maxItems":
            return ["tasks: only a card with status implemented has tasks"]
    return [f"{label}: {error.message}"]


def _sort_of(key: str) -> str:
    return "translation" if key in ("fr", "en") else "heading"
