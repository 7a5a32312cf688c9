"""Answers of a saved model on a person's new file: written beside it, and what could not be answered is listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from usecases import paths
from usecases.contract import Outcome
from usecases.errors import UserError
from usecases.formatting import number, typeset

LISTED = 20  # of what could not be scored; all of it is in the file
SCORED, NOT_SCORED = "ok", "not scored"  # in the column `status` of an answer; any other word is a warning

WORDS = {
    "en": {
        "scored": "{scored} of {total} scored",
        NOT_SCORED: "not scored:",
        "warned": "scored, with a warning:",
        "partly": "a part could not be answered",
        "row": "row",
        "more": "  … and {left} more, all in the file",
    },
    "fr": {
        "scored": "{scored} sur {total} avec prédiction",
        NOT_SCORED: "sans prédiction :",
        "warned": "avec prédiction, mais avec un avertissement :",
        "partly": "une partie n'a pas eu de réponse",
        "row": "ligne",
        "more": "  … et {left} de plus, tous dans le fichier",
    },
}


def target(source: Path, out: Path | None) -> Path:
    """Choose the file to write, before any work: it must not exist yet, and its folder must.

    Parameters
    ----------
    source : pathlib.Path
        The file that is scored.
    out : pathlib.Path, optional
        The file to write; by default ``<stem>_predictions.csv`` in the current folder.

    Returns
    -------
    pathlib.Path
        Not there yet.

    Raises
    ------
    UserError
        When it exists, is no CSV file, or its folder does not exist or cannot be written.

    Examples
    --------
    >>> target(Path("data/week12.csv"), None).name
    'week12_predictions.csv'
    """
    file = Path(f"{source.stem}_predictions.csv") if out is None else out.expanduser()
    if out is not None and file.suffix.lower() not in (".csv", ".json", ".txt"):
        raise UserError(
            f"{file} was given, but predictions are written as CSV: give a name that ends with .csv"
        )
    if file.exists():
        raise UserError(f"{file} exists already and is not overwritten: give another name with --out FILE")
    folder = file.absolute().parent
    if not folder.is_dir():
        raise UserError(
            f"the folder {folder} does not exist: create it, or give another file with --out FILE"
        )
    try:
        with paths.atomic(folder / ".writable") as probe:
            probe.touch()
        (folder / ".writable").unlink(missing_ok=True)
    except OSError as error:
        raise UserError(_cannot_write(file, error)) from error
    return file


def write(answer: Any, file: Path, dialect: Any = None) -> Path:
    """Write an answer, whole or not at all.

    Parameters
    ----------
    answer : pandas.DataFrame or object
        A frame becomes CSV; anything else JSON, under the same name with that ending.
    file : pathlib.Path
        From `target`.
    dialect : usecases.tabular.Dialect, optional
        How the person's own file was written: with a decimal comma, the answer has semicolons, a decimal comma and a
        UTF-8 mark too, so that the same spreadsheet program opens it. Otherwise plain CSV.

    Returns
    -------
    pathlib.Path
        What was written.

    Raises
    ------
    UserError
        When it cannot be written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> from usecases.tabular import Dialect
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = write(pd.DataFrame({"x": [1.5]}), file, Dialect(";", ",", "cp1252"))
    >>> file.read_text(encoding="utf-8-sig").split()
    ['x', '1,5']
    """
    try:
        if not hasattr(answer, "to_csv"):
            file = file.with_suffix(".json")
            if file.exists():
                raise UserError(
                    f"{file} exists already and is not overwritten: give another name with --out FILE"
                )
            paths.write_json(file, answer)
            return file
        comma = getattr(dialect, "decimal", ".") == ","
        form = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig"} if comma else {"encoding": "utf-8"}
        with paths.atomic(file) as temporary:
            answer.to_csv(temporary, index=False, lineterminator="\n", **form)
    except OSError as error:
        raise UserError(_cannot_write(file, error)) from error
    return file


def _cannot_write(file: Path, error: OSError) -> str:
    return f"{file} cannot be written ({error.strerror or error}): give another place with --out FILE"


def summary(outcome: Outcome, lang: str) -> list[str]:
    """Say how many were scored, which were not or need a look, and why; then what holds for all of them.

    Parameters
    ----------
    outcome : Outcome
        Of a model. A frame with the columns ``status`` and ``reason`` says it row by row; the first column names the row.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    list of str
        Lines.

    Examples
    --------
    >>> import pandas as pd
    >>> answer = pd.DataFrame({"unit": ["M1", "M2"], "status": ["ok", "not scored"], "reason": ["", "no time"]})
    >>> summary(Outcome(answer, complete=False), "en")
    ['1 of 2 scored', 'not scored:', '  M2: no time']
    """
    words, answer = WORDS[lang], outcome.answer
    noted = [typeset(note[lang], lang) for note in outcome.notes]
    if not hasattr(answer, "columns") or "status" not in answer:
        return noted if outcome.complete else [typeset(words["partly"], lang), *noted]
    status = answer["status"]
    unscored, warned = (status == NOT_SCORED).to_numpy(), (~status.isin([SCORED, NOT_SCORED])).to_numpy()
    total, scored = number(len(answer), lang), number(int((~unscored).sum()), lang)
    lines = [words["scored"].format(scored=scored, total=total)]
    for title, rows in ((NOT_SCORED, unscored), ("warned", warned)):
        if rows.any():
            lines += [words[title], *_listed(answer, rows.nonzero()[0], words, lang)]
    return [typeset(line, lang) for line in lines] + noted


def _listed(answer: Any, places: Any, words: dict[str, str], lang: str) -> list[str]:
    """One line for each of the first rows at these places, and how many are left."""
    lines = []
    for place in places[:LISTED]:
        row = answer.iloc[place]
        name = row.iloc[0] if row.iloc[0] == row.iloc[0] else f"{words['row']} {place + 1}"
        lines.append(f"  {name}: {row.get('reason') or row['status']}")
    if len(places) > LISTED:
        lines.append(words["more"].format(left=number(len(places) - LISTED, lang)))
    return lines


def translated(outcome: Outcome, lang: str) -> Outcome:
    """Give the reasons in a language, where the task has them: ``details["reasons"]``, a Text by the row's name.

    Parameters
    ----------
    outcome : Outcome
        Of a model.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    Outcome
        The same, with another column ``reason``.

    Examples
    --------
    >>> import pandas as pd
    >>> from usecases.contract import Text
    >>> answer = pd.DataFrame({"unit": ["M2"], "status": ["not scored"], "reason": ["no time"]})
    >>> outcome = Outcome(answer, details={"reasons": {"M2": Text("no time", "pas de temps")}})
    >>> translated(outcome, "fr").answer["reason"][0]
    'pas de temps'
    """
    reasons, answer = outcome.details.get("reasons"), outcome.answer
    if not reasons or not hasattr(answer, "columns") or "reason" not in answer:
        return outcome
    names = answer.iloc[:, 0].astype(str)
    told = [
        reasons[name][lang] if name in reasons else reason
        for name, reason in zip(names, answer["reason"], strict=True)
    ]
    return replace(outcome, answer=answer.assign(reason=told))
