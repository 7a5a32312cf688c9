"""``usecases demo``: every task on its built-in data at smoke budget, then one page that leads to the reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from usecases import catalogue, config, paths, report, runner
from usecases.contract import Text
from usecases.errors import UserError
from usecases.formatting import with_unit
from usecases.launcher import summarise, worst
from usecases.report_words import STATUSES

TITLE = Text("AI use cases: the demonstration", "Cas d'usage de l'IA : la démonstration")
INTRODUCTION = Text(
    "Each line is one real run on built-in data, at the smallest budget: a few seconds, nothing downloaded. "
    "The figures are a first look; the default budget and public data give the ones to quote.",
    "Chaque ligne est une vraie exécution sur des données intégrées, avec le plus petit budget : quelques secondes, "
    "rien de téléchargé. Ces chiffres sont un premier aperçu ; ceux que l'on cite viennent du budget par défaut et de "
    "données publiques.",
)


def run(lang: str, *, say: Callable[..., None]) -> int:
    """Run every task at smoke budget and write the index page.

    Parameters
    ----------
    lang : {"en", "fr"}
        Language of reports and page.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0 when every task succeeded, else the worst exit code.
    """
    rows, codes = [], []
    for entry in catalogue.entries().values():
        for task in entry.card["tasks"]:
            settings = ["budget=smoke", "tracking=none", "device=cpu", f"lang={lang}"]
            result = runner.execute(config.compose(entry.name, task["name"], settings))
            summarise(result, task, say)
            codes.append(result.exit_code)
            rows.append(_row(entry.card, task, result, lang))
    if not rows:
        raise UserError("no installed package has a task: type `usecases doctor`")
    page = paths.runs_folder() / "demo.html"
    paths.write_text(page, _page(rows, lang))
    say(f"{'Ouvrez' if lang == 'fr' else 'Open'} {page}")
    return worst(codes)


def _row(card: dict[str, Any], task: dict[str, Any], result: Any, lang: str) -> dict[str, Any]:
    record = result.record
    metric = record["metrics"].get(task["headline"])
    return {
        "use_case": report.say(card["title"], lang),
        "title": report.say(task["title"], lang),
        "summary": report.say(task["summary"], lang),
        "status": report.say(STATUSES[record["status"]], lang),
        "error": record["error"],
        "label": report.label(task["headline"], {**metric, "unit": ""}, lang) if metric else "",
        "value": with_unit(metric["value"], metric["unit"], lang) if metric else "",
        "link": f"{result.folder.parent.name}/{result.folder.name}/report.html",
    }


def _page(rows: list[dict[str, Any]], lang: str) -> str:
    return report.page("demo.html").render(
        lang=lang, title=report.say(TITLE, lang), introduction=report.say(INTRODUCTION, lang), rows=rows
    )
