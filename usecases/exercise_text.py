"""Exercises set for a terminal, French or English: a list, the trainee's sheet, the trainer's sheet, the result of a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import TextWrapper
from typing import Any

from usecases.contract import Text
from usecases.exercise_check import Remark, unit_at, value_at
from usecases.exercises import Exercise
from usecases.formatting import number, typeset, with_unit

NARROWEST, WIDEST = 60, 100

LEVELS = {
    "voir": Text("See", "Voir"),
    "modifier": Text("Change", "Modifier"),
    "construire": Text("Build", "Construire"),
}
PHASES = {
    "need": Text("need analysis", "analyse du besoin"),
    "data": Text("inventory and qualification of the data", "inventaire et qualification des données"),
    "development": Text("development with the people of the trade", "développement avec les gens du métier"),
    "proof": Text(
        "qualification of the performance, proof of concept",
        "qualification des performances, preuve de concept",
    ),
    "deployment": Text("deployment and operation", "déploiement et exploitation"),
    "change": Text("change management", "conduite du changement"),
}
WORDS = {
    "exercise": Text("Exercise", "Exercice"),
    "level": Text("Level", "Niveau"),
    "phase": Text("Phase of the project", "Phase du projet"),
    "statement": Text("What to do", "Énoncé"),
    "commands": Text("Type", "À taper"),
    "question": Text("First, in writing", "D'abord, par écrit"),
    "check": Text("Check your work", "Vérifier votre travail"),
    "last": Text("Last question", "Dernière question"),
    "deploy": Text("Deploy: yes or no, and why?", "Déployer, oui ou non, pourquoi ?"),
    "expected": Text("Expected figure", "Chiffre attendu"),
    "solution": Text("Solution", "Solution"),
    "file": Text("The file", "Le fichier"),
    "grid": Text("Marking grid", "Grille de notation"),
    "points": Text("points", "points"),
    "answer": Text(
        "Elements of a good answer to the last question",
        "Éléments d'une bonne réponse à la dernière question",
    ),
    "nothing": Text("nothing", "rien"),
    "none": Text("no exercise yet", "aucun exercice pour l'instant"),
    "more": Text(
        "usecases exercise show NAME          the trainee's sheet; --solution for the trainer's",
        "usecases exercise show NOM           la feuille du stagiaire ; --solution pour celle du formateur",
    ),
    "run": Text("Run checked", "Exécution vérifiée"),
    "condition": Text("{path}: {found}", "{path} : {found}"),
    "condition_wrong": Text(
        "{path}: {found}; the exercise asks for {wanted}", "{path} : {found} ; l'énoncé demande {wanted}"
    ),
    "excluded_wrong": Text(
        "{path}: {found}; the exercise asks for one of your own",
        "{path} : {found} ; l'énoncé demande une méthode à vous",
    ),
    "status_wrong": Text("the run is {found}, not finished", "l'exécution est {found}, pas terminée"),
    "figure": Text("the figure is {found}, as expected", "le chiffre est {found}, comme attendu"),
    "figure_wrong": Text(
        "the figure is {found}, which is not the one expected: read what to do again",
        "le chiffre est {found}, ce n'est pas celui qui est attendu : relisez l'énoncé",
    ),
    "figure_missing": Text("the run has no figure {path}", "l'exécution n'a pas de chiffre {path}"),
    "figure_later": Text(
        "the figure is not compared before the run is the one asked",
        "le chiffre n'est comparé que lorsque l'exécution est celle qui est demandée",
    ),
    "prediction": Text(
        "You wrote {predicted}, the run measured {found}: {gap} apart ({share} %).",
        "Vous aviez écrit {predicted}, l'exécution a mesuré {found} : {gap} d'écart ({share} %).",
    ),
    "prediction_zero": Text(
        "You wrote {predicted}, the run measured {found}.",
        "Vous aviez écrit {predicted}, l'exécution a mesuré {found}.",
    ),
    "prediction_early": Text(
        "Your prediction, {predicted}, is compared once the run is the one asked.",
        "Votre prédiction, {predicted}, sera comparée quand l'exécution sera celle qui est demandée.",
    ),
    "done": Text(
        "Right. There remains the last question: {deploy}",
        "C'est juste. Reste la dernière question : {deploy}",
    ),
    "not_yet": Text(
        "Not yet. The exercise asks for the run of this command:",
        "Pas encore. L'énoncé demande l'exécution de cette commande :",
    ),
    "yes": Text("ok", "oui"),
    "no": Text("no", "non"),
}


def word(key: str, lang: str, **values: Any) -> str:
    """Choose a fixed word and fill it.

    Examples
    --------
    >>> word("level", "fr")
    'Niveau'
    """
    return typeset(WORDS[key][lang].format(**values), lang)


def listed(found: Sequence[Exercise], lang: str, width: int = 80) -> list[str]:
    """Set a list of exercises: task by task, the easy ones first.

    Parameters
    ----------
    found : sequence of Exercise
        From `usecases.exercises.exercises`.
    lang : {"en", "fr"}
        Language.
    width : int
        Columns; set between 60 and 100.

    Examples
    --------
    >>> listed([], "en")
    ['no exercise yet']
    """
    if not found:
        return [word("none", lang)]
    width = min(max(width, NARROWEST), WIDEST)
    lines: list[str] = []
    task = ""
    for x in found:
        if f"{x.package}/{x.task}" != task:
            task = f"{x.package}/{x.task}"
            lines += [*([""] if lines else []), task, "-" * len(task)]
        minutes = with_unit(x.content["minutes"], "min", lang)
        about = f"{LEVELS[x.content['level']][lang]} · {minutes} · {PHASES[x.content['phase']][lang]}"
        lines += _wrapped(f"{x.short_name} — {_said(x.content['title'], lang)}", width, "", "    ")
        lines += _wrapped(typeset(about, lang), width, "    ", "    ")
    return [*lines, "", word("more", lang)]


def sheet(exercise: Exercise, lang: str, width: int = 80, *, solution: bool = False) -> list[str]:
    """Set an exercise: for the trainee, or with its solution and marking grid for the trainer.

    Parameters
    ----------
    exercise : Exercise
        The exercise.
    lang : {"en", "fr"}
        Language.
    width : int
        Columns; set between 60 and 100.
    solution : bool
        Whether expected figure, solution, marking grid and elements of the last answer are shown.

    Examples
    --------
    >>> from usecases.exercises import find
    >>> sheet(find("own_method"), "en")[0].startswith("Exercise")
    True
    """
    content, width = exercise.content, min(max(width, NARROWEST), WIDEST)
    title = f"{word('exercise', lang)} — {_said(content['title'], lang)}"
    minutes = with_unit(content["minutes"], "min", lang)
    lines = [*_wrapped(title, width), "=" * min(width, len(title))]
    lines += _wrapped(
        f"{word('level', lang)}{_colon(lang)} {LEVELS[content['level']][lang]} ({minutes})", width
    )
    lines += _wrapped(f"{word('phase', lang)}{_colon(lang)} {PHASES[content['phase']][lang]}", width)
    lines += _part("statement", _paragraphs(content["statement"], lang, width), lang)
    lines += _part("question", _paragraphs(content["question"], lang, width), lang)
    lines += _part("commands", [f"    {command}" for command in content["commands"]], lang)
    check = f"    usecases exercise check {exercise.short_name} --predicted {'VOTRE_CHIFFRE' if lang == 'fr' else 'YOUR_FIGURE'}"
    lines += _part("check", [check], lang)
    lines += _part("last", _wrapped(word("deploy", lang), width, "  ", "  "), lang)
    return lines + (_for_trainer(exercise, lang, width) if solution else [])


def _for_trainer(exercise: Exercise, lang: str, width: int) -> list[str]:
    content = exercise.content
    expected, solution = content["expected"], content["solution"]
    figure = (
        f"{expected['path']} = {_figure(expected['value'], lang)} ± {_figure(expected['tolerance'], lang)}"
    )
    lines = _part("expected", [f"    {figure}", *_paragraphs(expected["why"], lang, width)], lang)
    commands = [f"    {command}" for command in solution["commands"]]
    lines += _part("solution", [*_paragraphs(solution["text"], lang, width), "", *commands], lang)
    if exercise.solution_file:
        code = exercise.solution_file.read_text(encoding="utf-8").splitlines()
        lines += _part(
            "file", [f"    {exercise.solution_file}", "", *(f"    {line}".rstrip() for line in code)], lang
        )
    total = sum(row["points"] for row in content["grid"])
    rows = [
        line
        for row in content["grid"]
        for line in _wrapped(_said(row["criterion"], lang), width, f"  {row['points']:>2}  ", "      ")
    ]
    lines += ["", f"{word('grid', lang)} ({total} {word('points', lang)})", *rows]
    answers = [
        line for text in content["deploy"] for line in _wrapped(_said(text, lang), width, "  - ", "    ")
    ]
    return lines + _part("answer", answers, lang)


def verdict(
    exercise: Exercise,
    record: Mapping[str, Any],
    remarks: Sequence[Remark],
    lang: str,
    width: int = 80,
    predicted: float | None = None,
) -> list[str]:
    """Say what a check found, what is missing, and how far the written prediction was.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    record : mapping
        The run.
    remarks : sequence of Remark
        From `usecases.exercise_check.check`.
    lang : {"en", "fr"}
        Language.
    width : int
        Columns; set between 60 and 100.
    predicted : float, optional
        What the trainee wrote before the run.
    """
    width = min(max(width, NARROWEST), WIDEST)
    conditions = [r for r in remarks if r.kind != "figure"]
    as_asked = all(r.right for r in conditions)
    lines = []
    for remark in remarks:
        said = _said_of(remark, record, lang, as_asked)
        right = remark.right and (as_asked or remark.kind != "figure")
        lines += _wrapped(said, width, f"  {word('yes' if right else 'no', lang):<4}", "      ")
    found = value_at(record, exercise.content["expected"]["path"])
    unit = unit_at(record, exercise.content["expected"]["path"])
    if predicted is not None:
        lines += ["", *_wrapped(_of_prediction(predicted, found if as_asked else None, unit, lang), width)]
    if not all(r.right for r in remarks):
        asked = f"    {exercise.content['commands'][-1]}"
        return [*lines, "", *_wrapped(word("not_yet", lang), width), asked]
    end = word("done", lang, deploy=WORDS["deploy"][lang])
    return [*lines, "", *_wrapped(end, width)]


def _said_of(remark: Remark, record: Mapping[str, Any], lang: str, as_asked: bool) -> str:
    """One line of a check; empty for what needs no line."""
    if remark.kind == "figure":
        if not as_asked:
            return word("figure_later", lang)
        if not isinstance(remark.found, int | float):
            return word("figure_missing", lang, path=remark.path)
        found = with_unit(remark.found, unit_at(record, remark.path), lang)
        return word("figure" if remark.right else "figure_wrong", lang, found=found)
    found = word("nothing", lang) if remark.found is None else remark.found
    if remark.right:
        return word("condition", lang, path=remark.path, found=found) if remark.kind == "condition" else ""
    wanted = remark.wanted if not isinstance(remark.wanted, list) else ", ".join(map(str, remark.wanted))
    return word(f"{remark.kind}_wrong", lang, path=remark.path, found=found, wanted=wanted)


def _of_prediction(predicted: float, found: Any, unit: str, lang: str) -> str:
    predicted = int(predicted) if predicted == int(predicted) else predicted  # 12 was written, not 12.00
    if not isinstance(found, int | float):
        return word("prediction_early", lang, predicted=with_unit(predicted, unit, lang))
    said = {"predicted": with_unit(predicted, unit, lang), "found": with_unit(found, unit, lang)}
    if not found:
        return word("prediction_zero", lang, **said)
    gap = abs(predicted - found)
    said["gap"] = with_unit(gap, "points" if unit == "%" else unit, lang)
    return word("prediction", lang, share=number(100 * gap / abs(found), lang, 0), **said)


def _figure(value: float, lang: str) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if lang == "fr" else text


def _said(text: Mapping[str, str], lang: str) -> str:
    return typeset(text[lang].strip(), lang)


def _colon(lang: str) -> str:
    return typeset(" :", lang) if lang == "fr" else ":"


def _part(heading: str, lines: Iterable[str], lang: str) -> list[str]:
    return ["", word(heading, lang), *lines]


def _paragraphs(text: Mapping[str, str], lang: str, width: int) -> list[str]:
    """Wrap a text whose paragraphs are lines; an empty line stands between two."""
    paragraphs = [p for p in _said(text, lang).split("\n") if p.strip()]
    lines = [line for p in paragraphs for line in ["", *_wrapped(p, width, "  ", "  ")]]
    return lines[1:]


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    # textwrap breaks at ASCII spaces only: the narrow no-break space stays with its word.
    return TextWrapper(
        width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ).wrap(text)
