"""The page, the file and the few lines that `usecases feasibility` leaves: figures and sentences, no row of the data."""

from __future__ import annotations

import base64
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

from usecases import paths, report
from usecases.feasibility_rule import MATERIAL, SHUFFLED, TOO_GOOD, Comparison, Findings
from usecases.feasibility_words import LIMITS, REASONS, REDUCED, TITLE, VERDICTS, WORDS
from usecases.formatting import NARROW, number, unit_name, with_unit
from usecases.report_words import say

FORMAT = 1


def sentences(findings: Findings, lang: str) -> list[str]:
    """Give the reasons of the verdict, then what was reduced, one sentence each.

    Parameters
    ----------
    findings : Findings
        From `usecases.feasibility_rule.decide`.
    lang : {"en", "fr"}
        Language of the sentences.

    Examples
    --------
    >>> sentences(Findings("ridge", groups=8, needed=12, reasons=("few_groups",)), "en")[0][:42]
    '8 groups can be scored and 12 are needed: '
    """
    given = _placeholders(findings, lang)
    return [
        *(say(REASONS[key], lang).format(**given) for key in findings.reasons),
        *(say(REDUCED[key], lang) for key in findings.reductions),
    ]


def _placeholders(f: Findings, lang: str) -> dict[str, Any]:
    """Whatever a sentence may ask for."""
    given: dict[str, Any] = {
        "method": f.method, "groups": f.groups, "needed": f.needed, "refusal": f.refusal, "material": _percent(MATERIAL, lang),
    }  # fmt: skip
    if not f.comparisons:
        return given
    best = best_reference(f)
    suspect = f.probe if f.probe and f.probe.share > f.comparisons[0].share else None
    unbeaten = [_name(c, lang) for c in f.comparisons if not c.low > 0]
    return given | {
        "best": best.name,
        "share": _percent(best.share, lang),
        "least": _percent(min(c.low for c in f.comparisons), lang),
        "unbeaten": f" {report.word('and', lang)} ".join(unbeaten),
        "doubling": _percent(f.doubling.share, lang) if f.doubling else "",
        "too_good": suspect.name if suspect else f.method,
        "removed": _percent((suspect or f.comparisons[0]).share, lang),
    }


def best_reference(findings: Findings) -> Comparison:
    """Find the simple method with the smallest error."""
    return min((c for c in findings.comparisons if c.name != SHUFFLED), key=lambda c: c.error)


def _name(comparison: Comparison, lang: str) -> str:
    return say(WORDS["shuffled_name"], lang) if comparison.name == SHUFFLED else comparison.name


def _percent(share: float, lang: str) -> str:
    text = number(100 * share, lang, 0)
    return text if share != share else f"{text}{NARROW if lang == 'fr' else ' '}%"


def table(f: Findings, lang: str) -> list[tuple[str, str]]:
    """Set the questions and their answers, one pair a row.

    Examples
    --------
    >>> table(Findings("ridge", groups=43, units=124, needed=12), "en")[0]
    ('Enough groups?', '43 groups (124 units) scored, 12 needed')
    """

    def line(question: str, answer: str, **given: Any) -> tuple[str, str]:
        return say(WORDS[question], lang).format(**given), say(WORDS[answer], lang).format(**given)

    def figures(c: Comparison) -> dict[str, str]:
        return {
            "name": c.name, "share": _percent(c.share, lang), "low": _percent(c.low, lang), "high": _percent(c.high, lang),
            "error": with_unit(c.error, f.loss_unit, lang),
        }  # fmt: skip

    rows = [line("enough", "enough_answer", groups=f.groups, units=f.units, needed=f.needed)]
    if not f.comparisons:
        return rows if f.groups else []
    rows.append((say(WORDS["error"], lang).format(method=f.method), with_unit(f.error, f.loss_unit, lang)))
    for comparison in f.comparisons:
        question = "shuffled" if comparison.name == SHUFFLED else "against"
        rows.append(line(question, "against_answer", **figures(comparison)))
    if f.doubling:
        rows.append(line("more", "more_answer", **figures(f.doubling)))
    leak = {**figures(f.probe or f.comparisons[0]), "too_good": _percent(TOO_GOOD, lang)}
    rows.append(line("leak", "leak_answer", **(leak | {"name": f.probe.name if f.probe else f.method})))
    return rows


def picture(f: Findings, lang: str) -> str:
    """Draw the learning curve as the source of an inline image; empty with fewer than two points."""
    from usecases import charts

    if len(f.curve) < 2:
        return ""
    figure, axis = charts.figure(height=3.6)
    sizes, errors = [p.groups for p in f.curve], [p.error for p in f.curve]
    below = [max(0.0, p.error - p.low) for p in f.curve]
    above = [max(0.0, p.high - p.error) for p in f.curve]
    axis.errorbar(sizes, errors, yerr=[below, above], color=charts.ACCENT, marker="o", capsize=4)
    axis.axhline(best_reference(f).error, color=charts.WARN, linestyle="--")
    axis.set_xlabel(say(WORDS["training_groups"], lang))
    unit = f" ({unit_name(f.loss_unit, lang)})" if f.loss_unit else ""
    axis.set_ylabel(say(WORDS["mean_error"], lang) + unit)
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    charts.localise(axis, lang)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, bbox_inches="tight", facecolor="white")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def page(
    f: Findings,
    card: dict[str, Any],
    card_task: dict[str, Any],
    data: str,
    command: str,
    lang: str,
    folder: Path,
) -> str:
    """Set the whole page, which opens without a network.

    Parameters
    ----------
    f : Findings
        What was found.
    card, card_task : dict
        The use case's card and its entry of the task.
    data, command : str
        The chosen data source, and the command that asks again.
    lang : {"en", "fr"}
        Language of the page.
    folder : pathlib.Path
        Where it will be.
    """
    best = best_reference(f).name if f.comparisons else ""
    return report.page("feasibility.html").render(
        lang=lang,
        title=say(TITLE, lang),
        use_case=say(card["title"], lang),
        task=say(card_task["title"], lang),
        data=data,
        verdict=say(VERDICTS[f.verdict], lang),
        go=f.verdict == "go",
        reasons=sentences(f, lang),
        rows=table(f, lang),
        picture=picture(f, lang),
        caption=say(WORDS["curve_caption"], lang).format(method=f.method, best=best),
        limits=[say(limit, lang) for limit in LIMITS],
        command=command,
        whereabouts=say(WORDS["whereabouts"], lang).format(folder=folder),
        word={key: say(text, lang) for key, text in WORDS.items()},
    )


def record(f: Findings, use_case: str, task: str, data: str, command: str) -> dict[str, Any]:
    """Make the content of ``feasibility.json``: format, verdict, reasons in both languages, and all figures.

    Parameters
    ----------
    f : Findings
        What was found.
    use_case, task, data, command : str
        What was asked.

    Returns
    -------
    dict
        As ``usecases/feasibility.schema.json`` says.

    Examples
    --------
    >>> found = record(Findings("ridge", refusal="6 are needed", reasons=("refused",)), "case", "task", "own", "usecases ...")
    >>> found["verdict"], found["reasons"]["en"]
    ('more data', ['Too few data to begin: 6 are needed'])
    """
    figures = asdict(f)
    figures["reductions"] = list(f.reductions)
    for key in ("verdict", "reasons"):
        del figures[key]
    return paths.plain(
        {
            "schema": FORMAT, "use_case": use_case, "task": task, "data": data, "command": command, "verdict": f.verdict,
            "reasons": {"keys": list(f.reasons), **{lang: sentences(f, lang) for lang in ("en", "fr")}},
            **figures,
        }
    )  # fmt: skip
