"""One self-contained HTML file per run, in French or English: no script, no external address, printable."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from usecases.contract import Paragraph, Picture, Section, Table, Text
from usecases.formatting import NARROW, compact, interval_kind, number, typeset, unit_name, with_unit

TEMPLATES = Path(__file__).resolve().parent / "templates"

COLUMNS = 4  # metrics shown side by side in the comparison; all of them stand in the table below it

WORDS = {
    "takeaways": Text("What to remember", "Ce qu'il faut retenir"),
    "comparison": Text("Comparison", "Comparaison"),
    "method": Text("Method", "Méthode"),
    "this_run": Text("this run", "cette exécution"),
    "trivial": Text("trivial", "triviale"),
    "baseline": Text("baseline", "référence"),
    "bound": Text("not a method", "hors concours"),
    "gain": Text("Gain of this run", "Gain de cette exécution"),
    "gain_text": Text(
        "Gain: loss of the other method minus loss of this run, unit by unit, with a 95 % interval; above zero, this run is better.",
        "Gain : perte de l'autre méthode moins perte de cette exécution, unité par unité, avec un intervalle à 95 % ; "
        "au-dessus de zéro, cette exécution est meilleure.",
    ),
    "failed": Text("failed", "échec"),
    "all_figures": Text("All figures", "Toutes les mesures"),
    "figure": Text("Figure", "Mesure"),
    "value": Text("Value", "Valeur"),
    "interval": Text("Interval", "Intervalle"),
    "better": Text("Better", "Mieux"),
    "higher": Text("higher", "plus haut"),
    "lower": Text("lower", "plus bas"),
    "by_group": Text(
        "Where it works and where it does not", "Là où cela marche, et là où cela ne marche pas"
    ),
    "group": Text("Part of the test data", "Partie des données de test"),
    "limits": Text("Limits", "Limites"),
    "reproduce": Text("Reproduce", "Reproduire"),
    "reproduce_text": Text(
        "Typed again on the same data, this command gives the same figures with the same versions.",
        "Retapée sur les mêmes données, cette commande redonne les mêmes chiffres avec les mêmes versions.",
    ),
    "not_reproducible": Text(
        "A time limit may have stopped the method: the same command may give slightly different figures.",
        "Une limite de temps a pu arrêter la méthode : la même commande peut donner des chiffres un peu différents.",
    ),
    "data": Text("The data", "Les données"),
    "whereabouts": Text(
        "Your rows stayed on this machine. They were read from {path}; this run keeps predictions and figures in {folder} "
        "and, when tracking is on, in the MLflow folder beside it. To delete everything about this run, delete that folder "
        "and, in MLflow, the run {run_id}.",
        "Vos lignes sont restées sur cette machine. Elles ont été lues dans {path} ; cette exécution garde ses prédictions et "
        "ses chiffres dans {folder} et, si le suivi est actif, dans le dossier MLflow voisin. Pour tout effacer, supprimez ce "
        "dossier et, dans MLflow, l'exécution {run_id}.",
    ),
    "machine": Text("Machine, versions, timings", "Machine, versions, durées"),
    "not_measured": Text("not measured", "non mesuré"),
    "seed": Text("seed", "graine"),
    "seconds": Text("processor seconds", "secondes de processeur"),
    "contents": Text("Contents", "Sommaire"),
    "kind_generated": Text("generated data", "données générées"),
    "kind_simulated": Text("simulated data", "données simulées"),
    "kind_testbed": Text("test-bed data", "données de banc d'essai"),
    "kind_field": Text("field data", "données de terrain"),
    "kind_own": Text("your own data", "vos propres données"),
}

# French for the keys of a data description; a key that is not here is shown as it is.
KEYS_FR = {
    "name": "nom",
    "kind": "nature des données",
    "subset": "sous-ensemble",
    "group_name": "groupes",
    "protocol": "protocole",
    "cap": "plafond des étiquettes",
    "time_unit": "unité de temps",
    "licence": "licence",
    "commercial_use": "usage commercial",
    "citation": "référence",
    "source": "source",
    "fingerprint": "empreinte (sha256)",
    "n_train_units": "vies d'apprentissage",
    "n_train_rows": "lignes d'apprentissage",
    "n_failures": "défaillances",
    "n_test_units": "unités de test",
    "n_test_rows": "lignes de test",
    "n_machines": "machines",
    "n_test_machines": "machines de test",
    "n_sites": "sites",
    "n_lives": "vies",
    "n_failed": "vies finies par une défaillance",
    "n_preventive": "remplacements préventifs",
    "n_running": "encore en service",
    "n_rows": "lignes",
    "n_sensors": "capteurs",
    "n_units": "unités",
    "censored_share": "part de vies censurées",
    "missing_share": "part de valeurs manquantes",
    "generator_version": "version du générateur",
    "parameters": "paramètres",
    "parameter_hash": "empreinte des paramètres",
    "preventive_interval": "intervalle de remplacement préventif",
    "days": "jours",
    "seed": "graine",
    "file": "fichier",
    "dialect": "écriture du fichier",
    "ends": "fins de vie",
    "asked": "durée résiduelle demandée pour",
    "time_origin": "origine des temps",
    "cap_rule": "choix du plafond",
    "n_settings": "conditions de fonctionnement enregistrées",
    "left_out": "unités laissées de côté",
    "left_out_columns": "colonnes laissées de côté",
    "unit": "unité",
    "column": "colonne",
    "reason": "motif",
    "nature": "origine",
    "fold": "pli",
    "max_groups": "limite du nombre de machines d'apprentissage",
    "shuffle_target": "contrôle par permutation",
    "operating_conditions": "conditions de fonctionnement",
    "fault_modes": "modes de défaillance",
}

VALUES_FR = {
    "yes": "oui",
    "no": "non",
    "unclear": "incertain",
    "generated": "données générées",
    "simulated": "données simulées",
    "testbed": "données de banc d'essai",
    "field": "données de terrain",
    "own": "vos propres données",
    "engines": "moteurs",
    "days": "jours",
    "hours": "heures",
}

YES_NO = {True: Text("yes", "oui"), False: Text("no", "non")}


def render(
    record: Mapping[str, Any],
    sections: Sequence[Section],
    card: Mapping[str, Any],
    card_task: Mapping[str, Any],
    lang: str,
    folder: Path,
) -> str:
    """Set a run's report.

    Parameters
    ----------
    record : mapping
        The content of ``result.json`` (plain values).
    sections : sequence of Section
        From the task; the one of kind ``takeaways`` comes first, those of kind ``limits`` join the card's limits.
    card, card_task : mapping
        The use case's card and its entry of the task.
    lang : {"en", "fr"}
        Language of the page.
    folder : pathlib.Path
        Where the run's files are.

    Returns
    -------
    str
        A whole HTML page that opens without a network.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    by_kind: dict[str, list[dict[str, Any]]] = {"takeaways": [], "plain": [], "limits": []}
    for section in sections:
        by_kind[section.kind].append(rendered_section(section, lang))
    return templates.get_template("report.html").render(
        lang=lang,
        word=partial(word, lang=lang),
        title=say(card_task["title"], lang),
        use_case=say(card["title"], lang),
        record=record,
        kind=word(f"kind_{record['data'].get('kind') or 'generated'}", lang),
        started=record["started_at"][:16].replace("T", " ") + " UTC",
        takeaways=by_kind["takeaways"],
        sections=by_kind["plain"],
        limits=by_kind["limits"],
        card_limits=[say(limit, lang) for limit in card.get("limits", [])],
        notes=[say(note, lang) for note in record["notes"]],
        comparison=comparison(record, card_task, lang),
        figures=figures(record["metrics"], lang),
        groups=groups(record, lang),
        data_rows=data_rows(record["data"], lang),
        timing_rows=timing_rows(record, lang),
        whereabouts=_whereabouts(record, folder, lang),
    )


def say(text: Text | Mapping[str, str], lang: str) -> str:
    """Choose the language of a text and set it."""
    return typeset(text[lang], lang)


def word(key: str, lang: str) -> str:
    """Choose a fixed word of the page."""
    return say(WORDS[key], lang)


def label(name: str, metric: Mapping[str, Any], lang: str) -> str:
    """Name a metric with its unit."""
    given = metric.get("label")
    text = say(given, lang) if given else name
    return f"{text} ({unit_name(metric['unit'], lang)})" if metric.get("unit") else text


def called(key: str, record: Mapping[str, Any], lang: str) -> str:
    """Name a part of the test data or a bound as people do."""
    name = record["names"].get(key)
    return say(name, lang) if name else key


def comparison(record: Mapping[str, Any], card_task: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Build the table of this run, its baselines (failures stay as rows) and the bounds."""
    metrics = record["metrics"]
    order = sorted(metrics, key=lambda name: name != card_task["headline"])
    rated = [name for name in order if metrics[name]["higher_is_better"] is not None]
    shown = [name for name in rated if metrics[name]["value"] is not None][:COLUMNS]

    def cells(row: Mapping[str, Any]) -> list[str]:
        return [compact(row[name]["value"] if name in row else None, lang) for name in shown]

    rows = [
        {
            "name": record["method"],
            "tag": word("this_run", lang),
            "cells": cells(metrics),
            "gain": "",
            "error": None,
        }
    ]
    for name, row in record["baselines"].items():
        tag = "trivial" if name == card_task["trivial"] else "baseline"
        rows.append(
            {
                "name": name,
                "tag": word(tag, lang),
                "cells": cells(row["metrics"]) if not row["error"] else ["–"] * len(shown),
                "gain": _gain(row["difference"], lang),
                "error": row["error"],
            }
        )
    for name, bound in record["bounds"].items():
        rows.append(
            {
                "name": called(name, record, lang),
                "tag": word("bound", lang),
                "cells": cells(bound),
                "gain": "",
                "error": None,
            }
        )
    return {"columns": [label(name, metrics[name], lang) for name in shown], "rows": rows}


def _gain(difference: Mapping[str, Any] | None, lang: str) -> str:
    if not difference:
        return ""
    low, high = difference["interval"]
    value = with_unit(difference["value"], difference["unit"], lang)
    return f"{value} [{number(low, lang)} ; {number(high, lang)}]"


def figures(metrics: Mapping[str, Mapping[str, Any]], lang: str) -> list[dict[str, str]]:
    """Rows of the table of all figures."""
    rows = []
    for name, metric in metrics.items():
        better = {True: word("higher", lang), False: word("lower", lang), None: ""}[
            metric["higher_is_better"]
        ]
        interval = ""
        if metric.get("interval"):
            low, high = metric["interval"]
            kind = interval_kind(metric.get("interval_kind"), lang)
            interval = f"[{number(low, lang)} ; {number(high, lang)}] {kind}"
        rows.append(
            {
                "name": label(name, metric, lang),
                "key": name,
                "value": compact(metric["value"], lang),
                "interval": interval,
                "better": better,
            }
        )
    return rows


def groups(record: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Build the table of the figures by part of the test data."""
    by_group = record["by_group"]
    names: dict[str, Mapping[str, Any]] = {}
    for metrics in by_group.values():
        for name, metric in metrics.items():
            names.setdefault(name, metric)
    rows = [
        [
            called(group, record, lang),
            *(number(metrics[name]["value"], lang) if name in metrics else "" for name in names),
        ]
        for group, metrics in by_group.items()
    ]
    return {"columns": [label(name, metric, lang) for name, metric in names.items()], "rows": rows}


def data_rows(data: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Set the description of the data, one line a fact; what is empty has no line.

    Examples
    --------
    >>> data_rows({"n_sensors": 3, "ends": {"en": "column", "fr": "données par une colonne"}, "fold": None}, "fr")
    [('capteurs', '3'), ('fins de vie', 'données par une colonne')]
    """
    rows = []
    for key, value in data.items():
        if value is None or value in ("", []):
            continue
        if lang == "fr" and isinstance(value, str):
            value = VALUES_FR.get(value, value)
        rows.append((_key(key, lang), _short(value, lang)))
    return rows


def _key(key: str, lang: str) -> str:
    """Name a key of a description."""
    return (KEYS_FR.get(key, key) if lang == "fr" else key).replace("_", " ")


def _short(value: Any, lang: str) -> str:
    """Set a value of a description; ``{en, fr}`` at any depth is one text, a long list is cut."""
    if isinstance(value, list | tuple):
        items = [_short(item, lang) for item in value[:20]]
        return (f"{NARROW}; " if lang == "fr" else "; ").join(items) + (" …" if len(value) > 20 else "")
    if isinstance(value, Mapping):
        if value.keys() >= {"en", "fr"}:
            return say(value, lang)
        return ", ".join(f"{_key(key, lang)} {_short(item, lang)}" for key, item in value.items())
    if isinstance(value, bool):
        return YES_NO[value][lang]
    return number(value, lang) if isinstance(value, int | float) else str(value)


def timing_rows(record: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Machine, versions and timings, one line a fact."""
    rows = [
        (f"{phase}, {WORDS['seconds'][lang]}", number(timing["cpu_s"], lang, 1))
        for phase, timing in record["timings"].items()
        if "cpu_s" in timing
    ]
    memory = record["peak_memory_mb"]
    rows.append(("memory (MB)" if lang == "en" else "mémoire (Mo)", number(memory, lang, 0)))
    rows += [(name, str(version)) for name, version in record["versions"].items()]
    environment = record["environment"]
    rows.append(
        ("machine", f"{environment['platform']}, {environment['processor']}, {environment['cores']} cores")
    )
    if record["git"].get("commit"):
        rows.append(("commit", record["git"]["commit"] + (" + changes" if record["git"]["dirty"] else "")))
    return rows


def _whereabouts(record: Mapping[str, Any], folder: Path, lang: str) -> str | None:
    if record["data"].get("kind") != "own":
        return None
    path = record["config"]["data"].get("path")
    return word("whereabouts", lang).format(path=path, folder=folder, run_id=record["run_id"])


def rendered_section(section: Section, lang: str) -> dict[str, Any]:
    """Set a section: its title and its blocks, ready for the template.

    Examples
    --------
    >>> section = Section(Text("Limits", "Limites"), (Paragraph(Text("None.", "Aucune.")),))
    >>> rendered_section(section, "fr")
    {'title': 'Limites', 'blocks': [{'type': 'paragraph', 'text': 'Aucune.'}]}
    """
    setters: dict[type, Callable[[Any], dict[str, Any]]] = {
        Paragraph: lambda block: {"type": "paragraph", "text": say(block.text, lang)},
        Table: partial(_table, lang=lang),
        Picture: partial(_picture, lang=lang),
    }
    return {
        "title": say(section.title, lang),
        "blocks": [setters[type(block)](block) for block in section.blocks],
    }


def _table(table: Table, lang: str) -> dict[str, Any]:
    def cell(value: Any) -> dict[str, Any]:
        if isinstance(value, Text):
            return {"text": say(value, lang), "numeric": False}
        if value is None or isinstance(value, int | float):
            return {"text": number(value, lang, table.digits), "numeric": True}
        return {"text": str(value), "numeric": False}

    rows = [[cell(value) for value in row] for row in table.rows]
    numeric = [all(row[place]["numeric"] for row in rows) for place in range(len(table.columns))]
    return {
        "type": "table",
        "columns": [
            {"text": say(c, lang), "numeric": n} for c, n in zip(table.columns, numeric, strict=True)
        ],
        "rows": rows,
        "caption": say(table.caption, lang) if table.caption else "",
    }


def _picture(picture: Picture, lang: str) -> dict[str, Any]:
    figure = picture.draw(lang)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, bbox_inches="tight", facecolor="white")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return {
        "type": "picture",
        "source": f"data:image/png;base64,{data}",
        "caption": say(picture.caption, lang),
    }
