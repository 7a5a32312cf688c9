"""The catalogue and the cards as plain text: headings, wrapped paragraphs, French or English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from usecases.additions import Method
    from usecases.catalogue import Entry

NARROWEST, WIDEST = 60, 100

# Display names, French then English, of the headings and values of a card.
WORDS = {
    "name": ("Nom", "Name"),
    "status": ("Statut", "Status"),
    "sectors": ("Secteurs", "Sectors"),
    "partners": ("Partenaires", "Partners"),
    "company": ("Entreprise", "Company"),
    "lab": ("Laboratoire", "Laboratory"),
    "start_up": ("Jeune pousse", "Start-up"),
    "context": ("Contexte", "Context"),
    "need": ("Besoin", "Need"),
    "description": ("Description de l’usage", "Description of the use"),
    "benefits": ("Bénéfices attendus", "Expected benefits"),
    "economic": ("Économiques", "Economic"),
    "organisational": ("Organisationnels", "Organisational"),
    "human": ("Humains", "Human"),
    "environmental": ("Environnementaux", "Environmental"),
    "ethical": ("Éthiques", "Ethical"),
    "prerequisites": ("Prérequis", "Prerequisites"),
    "steps": ("Étapes du projet", "Project steps"),
    "duration": ("Durée", "Duration"),
    "deliverable": ("Livrable", "Deliverable"),
    "resources": ("Moyens engagés", "Resources"),
    "funding": ("Financement", "Funding"),
    "success_factors": ("Facteurs clés de succès", "Key success factors"),
    "collaboration_model": ("Modèle de collaboration", "Collaboration model"),
    "testimony": ("Témoignage", "Testimony"),
    "author": ("Auteur", "Author"),
    "source": ("Source", "Source"),
    "hypotheses": ("Hypothèses à éprouver", "Hypotheses to test"),
    "question": ("Question", "Question"),
    "decision": ("Décision", "Decision"),
    "metric": ("Mesure", "Metric"),
    "baseline": ("Référence", "Baseline"),
    "stop_rule": ("Règle d’arrêt", "Stop rule"),
    "tasks": ("Tâches", "Tasks"),
    "added": ("Méthodes d’autres distributions", "Methods of other distributions"),
    "no_task": ("aucune pour l’instant", "none yet"),
    "run": ("Commande", "Command"),
    "kind": ("Nature", "Kind"),
    "headline": ("Mesure phare", "Headline metric"),
    "trivial": ("Méthode triviale", "Trivial method"),
    "data": ("Données", "Data"),
    "kinds": ("Nature", "Kinds"),
    "personal": ("Données personnelles", "Personal data"),
    "explanation": ("Précisions", "Details"),
    "headline_metric": ("Mesure phare", "Headline metric"),
    "change": ("Conduite du changement", "Change management"),
    "affected": ("Personnes concernées", "People affected"),
    "tasks_removed": ("Tâches allégées", "Tasks made lighter"),
    "tasks_added": ("Tâches nouvelles", "New tasks"),
    "training": ("Formation", "Training"),
    "limits": ("Limites", "Limits"),
    "sources": ("Sources", "Sources"),
    "packages": ("Cas d’usage de la bibliothèque", "Use cases of the library"),
    "documented_cases": ("Cas documentés, non implémentés", "Documented cases, not implemented"),
    "implemented": ("implémenté", "implemented"),
    "planned": ("prévu, fiche seule", "planned, card only"),
    "documented": ("documenté, non implémenté", "documented, not implemented"),
    "learning": ("apprentissage", "learning"),
    "optimisation": ("optimisation", "optimisation"),
    "sequential": ("décision séquentielle", "sequential decision"),
    "generated": ("générées", "generated"),
    "simulated": ("simulées", "simulated"),
    "testbed": ("banc d’essai", "test bed"),
    "field": ("terrain", "field"),
    "own": ("les vôtres", "your own"),
    "personal.none": ("aucune", "none"),
    "personal.pseudonymised": ("pseudonymisées", "pseudonymised"),
    "personal.personal": ("oui", "yes"),
    "personal.health_or_biometric": ("santé ou biométrie", "health or biometric"),
}


def is_text(value: Any) -> bool:
    """Say whether a value is a text in both languages.

    Examples
    --------
    >>> is_text({"fr": "oui", "en": "yes"}), is_text({"fr": "oui"})
    (True, False)
    """
    return isinstance(value, dict) and all(isinstance(value.get(lang), str) for lang in ("fr", "en"))


def word(key: str, lang: str) -> str:
    """Return the display name of a heading or a value of a card; the key itself when it has none.

    Examples
    --------
    >>> word("benefits", "fr"), word("planned", "en")
    ('Bénéfices attendus', 'planned, card only')
    """
    french, english = WORDS.get(key, (key, key))
    return french if lang == "fr" else english


def render_list(entries: Mapping[str, Entry] | Iterable[Entry], lang: str = "en", width: int = 80) -> str:
    """Set the catalogue as plain text: packages that run, packages to come, then documented cases.

    Parameters
    ----------
    entries : mapping of str to Entry, or iterable of Entry
        What `usecases.catalogue.entries` returns.
    lang : {"en", "fr"}
        Language of the text.
    width : int
        Columns of the terminal; set between 60 and 100.

    Returns
    -------
    str
        Lines without a final line break and without any control sequence.

    Examples
    --------
    >>> from usecases.catalogue import entries
    >>> print(render_list(entries(), "en").splitlines()[0])
    Use cases of the library
    """
    width = _clamp(width)
    cases = list(entries.values()) if isinstance(entries, Mapping) else list(entries)
    order = {"implemented": 0, "planned": 1}
    packages = [case for case in cases if case.origin != "documented"]
    packages.sort(key=lambda case: (order.get(case.card["status"], 2), case.name))
    documented = [case for case in cases if case.origin == "documented"]
    lines: list[str] = []
    for heading, group in (("packages", packages), ("documented_cases", documented)):
        if group:
            lines += [*_heading(word(heading, lang), "=", width), ""]
            lines += [line for case in group for line in [*_listed(case, lang, width), ""]]
    return "\n".join(lines).rstrip()


def _listed(case: Entry, lang: str, width: int) -> list[str]:
    card = case.card
    tasks = ", ".join(task["name"] for task in card["tasks"]) or word("no_task", lang)
    state = f"{word(card['status'], lang)} · {_labelled(word('tasks', lang).lower(), tasks, lang)}"
    sentence = re.split(r"(?<=[.!?…])\s", card["summary"][lang].strip(), maxsplit=1)[0]
    one_line = TextWrapper(width - 4, max_lines=1, placeholder="…", break_on_hyphens=False)
    return [
        *_wrapped(f"{case.name} — {card['title'][lang]}", width, "", "    "),
        *_wrapped(state, width, "    ", "    "),
        *[f"    {line}" for line in one_line.wrap(sentence)],
        *_added(case.added, lang, width, "    ", word("added", lang).lower()),
    ]


def _added(methods: Iterable[Method], lang: str, width: int, indent: str, label: str) -> list[str]:
    """Name the methods that other distributions bring, if there are some."""
    named = [f"{method.task} method={method.name} ({method.distribution})" for method in methods]
    return _wrapped(_labelled(label, ", ".join(named), lang), width, indent, indent + "    ") if named else []


def render_card(card: dict[str, Any], lang: str = "en", width: int = 80, added: Iterable[Method] = ()) -> str:
    """Set a card as plain text: title, headings, wrapped paragraphs with hanging indents.

    Parameters
    ----------
    card : dict
        A card that `validate` accepts; a heading that is missing is left out.
    lang : {"en", "fr"}
        Language of the text.
    width : int
        Columns of the terminal; set between 60 and 100. Only an address (URL) may stick out.
    added : iterable of Method
        Methods that other distributions bring, shown after the tasks.

    Returns
    -------
    str
        Lines without a final line break and without any control sequence.

    Examples
    --------
    >>> from usecases.catalogue import find
    >>> "documented, not implemented" in render_card(find("greenhouse").card, "en", 72)
    True
    """
    width = _clamp(width)
    lines = [*_heading(card["title"][lang], "=", width), ""]
    lines += _field("name", card["name"], lang, width)
    lines += _field("status", word(card["status"], lang), lang, width)
    if card.get("sectors"):
        lines += _field("sectors", ", ".join(sector[lang] for sector in card["sectors"]), lang, width)
    lines += ["", *_wrapped(card["summary"][lang], width)]
    for key, value in card.items():
        body = _body(key, value, card, lang, width)
        if body:
            lines += ["", *_heading(word(key, lang), "-", width), *body]
        if key == "tasks" and (others := _others(card["name"], added, width)):
            lines += ["", *_heading(word("added", lang), "-", width), *others]
    return "\n".join(lines).rstrip()


def _body(key: str, value: Any, card: dict[str, Any], lang: str, width: int) -> list[str]:
    """Set what stands under one heading; empty for what the head of the card has already shown."""
    if key in ("schema", "name", "status", "title", "summary", "sectors") or key not in WORDS:
        return []
    if key == "tasks":
        tasks = [line for task in value for line in _task(task, card["name"], lang, width)]
        return tasks or _wrapped(word("no_task", lang), width)
    if key == "testimony":
        rest = {name: part for name, part in value.items() if name != "text"}
        return [*_wrapped(value["text"][lang], width), *_fields(rest, lang, width)]
    if key == "data":
        kinds = ", ".join(word(kind, lang) for kind in value["kinds"])
        shown = {"kinds": kinds, "personal": word(f"personal.{value['personal']}", lang)}
        return _fields({**shown, "explanation": value["explanation"]}, lang, width)
    if is_text(value):
        return _wrapped(value[lang], width)
    if isinstance(value, dict):
        return _fields(value, lang, width)
    return [line for number, item in enumerate(value, 1) for line in _item(item, number, lang, width)]


def _item(item: Any, number: int, lang: str, width: int) -> list[str]:
    """Set one item of a list: a bullet for a text, a numbered block for a step, a hypothesis or a source."""
    if is_text(item):
        return _wrapped(item[lang], width, "- ", "  ")
    title = "question" if "question" in item else "title"
    lead = f"{number}. "
    lines = _wrapped(item[title][lang], width, lead, " " * len(lead))
    for key, value in item.items():
        if key == "reference":
            lines += _wrapped(value, width, " " * len(lead), " " * len(lead))
        elif key != title:
            lines += _field(key, value, lang, width, " " * len(lead))
    return lines


def _task(task: dict[str, Any], name: str, lang: str, width: int) -> list[str]:
    lines = _wrapped(f"{task['name']} — {task['title'][lang]}", width, "- ", "  ")
    lines += _wrapped(task["summary"][lang], width, "  ", "  ")
    lines += _field("kind", word(task["kind"], lang), lang, width, "  ")
    lines += _field("headline", task["headline"], lang, width, "  ")
    lines += _field("trivial", task["trivial"], lang, width, "  ")
    return lines + _field("run", f"usecases run {name}/{task['name']}", lang, width, "  ")


def _others(name: str, methods: Iterable[Method], width: int) -> list[str]:
    """Set the methods of other distributions with the command that runs each."""
    shown = [f"usecases run {name}/{m.task} method={m.name} ({m.distribution})" for m in methods]
    return [line for text in shown for line in _wrapped(text, width, "- ", "  ")]


def _fields(values: Mapping[str, Any], lang: str, width: int) -> list[str]:
    return [line for key, value in values.items() for line in _field(key, value, lang, width)]


def _field(key: str, value: Any, lang: str, width: int, indent: str = "") -> list[str]:
    text = value[lang] if is_text(value) else str(value)
    return _wrapped(_labelled(word(key, lang), text, lang), width, indent, indent + "    ")


def _labelled(label: str, text: str, lang: str) -> str:
    return f"{label}{chr(0x202F) if lang == 'fr' else ''}: {text}"


def _heading(text: str, rule: str, width: int) -> list[str]:
    lines = _wrapped(text, width)
    return [*lines, rule * max(map(len, lines), default=0)]


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    # textwrap breaks at ASCII spaces only: the narrow no-break space stays with its word.
    return TextWrapper(
        width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ).wrap(text)


def _clamp(width: int) -> int:
    return min(max(width, NARROWEST), WIDEST)
