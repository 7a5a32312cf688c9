"""The fixed words of a table of results, each in English and French."""

from __future__ import annotations

import re

from usecases.contract import Text
from usecases.formatting import NARROW, interval_kind
from usecases.report_words import STATUSES, say

WORDS = {
    "method": Text("method", "méthode"),
    "rows": Text("runs", "exécutions"),
    "data": Text("data", "données"),
    "gain": Text("gain over the best baseline", "gain sur la meilleure référence"),
    "solve_cpu_s": Text("CPU s", "s CPU"),
    "fit_cpu_s": Text("fit, CPU s", "apprentissage, s CPU"),
    "solve_wall_s": Text("elapsed s", "s écoulées"),
    "peak_memory_mb": Text("memory, MB", "mémoire, Mo"),
    "reference": Text("best baseline", "meilleure référence"),
    "better": Text("better", "mieux"),
    "worse": Text("worse", "moins bien"),
    "unclear": Text("not told apart", "non départagées"),
    "few": Text("no interval: fewer than five groups", "pas d'intervalle : moins de cinq groupes"),
    "refused": Text("not compared", "non comparé"),
    "trivial": Text("trivial", "triviale"),
    "baseline": Text("baseline", "référence"),
    "bound": Text("not a method", "hors concours"),
    "published": Text("published", "publié"),
    "leaks": Text("leaks", "fuite"),
    "seed": Text("seed", "graine"),
    "fold": Text("fold", "pli"),
    "takeaways": Text("What to remember", "Ce qu'il faut retenir"),
    "results": Text("Results", "Résultats"),
    "failures": Text("Failures", "Échecs"),
    "no_failure": Text("No run failed.", "Aucune exécution n'a échoué."),
    "papers": Text("Published values", "Valeurs publiées"),
    "papers_text": Text(
        "Protocols differ from one work to the next: these values are landmarks, not competitors of a race.",
        "Les protocoles diffèrent d'un travail à l'autre : ces valeurs sont des repères, non les concurrents d'une course.",
    ),
    "protocol": Text("protocol", "protocole"),
    "checked": Text("checked", "vérification"),
    "source": Text("source", "source"),
    "note": Text("note", "remarque"),
    "how_to_read": Text("How to read it", "Comment le lire"),
    "reproduce": Text("Reproduce", "Reproduire"),
    "machine": Text("Machine, versions", "Machine, versions"),
    "mean_note": Text(
        "Each line is a mean over its runs (seeds and folds); for each data the best “{headline}” comes first.",
        "Chaque ligne est une moyenne sur ses exécutions (graines et plis) ; pour chaque jeu de données, la meilleure valeur "
        "de « {headline} » vient en tête.",
    ),
    "one_row_note": Text(
        "Each line is one run; for each data the best “{headline}” comes first.",
        "Chaque ligne est une exécution ; pour chaque jeu de données, la meilleure valeur de « {headline} » vient en tête.",
    ),
    "interval_note": Text("In square brackets: {kinds}.", "Entre crochets : {kinds}."),
    "gain_note": Text(
        "Gain: mean loss of the best baseline (the line marked “best baseline”) minus that of the method, on the same test units, "
        "with a 95 % bootstrap over their groups; above zero the method is better, and it is “not told apart” when the "
        "interval holds zero.",
        "Gain : perte moyenne de la meilleure référence (la ligne marquée « meilleure référence ») moins celle de la méthode, sur les "
        "mêmes unités de test, avec un bootstrap à 95 % sur leurs groupes ; au-dessus de zéro la méthode est meilleure ; "
        "elles sont « non départagées » quand l'intervalle contient zéro.",
    ),
    "gain_short_note": Text(
        "Gain: loss of the best baseline minus that of the method, on the same test units: + better, − worse, ~ not told apart.",
        "Gain : perte de la meilleure référence moins celle de la méthode, sur les mêmes unités de test : + mieux, "
        "− moins bien, ~ non départagées.",
    ),
    "few_note": Text(
        "?: fewer than five groups of test units, too few for an interval.",
        "? : moins de cinq groupes d'unités de test, trop peu pour un intervalle.",
    ),
    "fit_note": Text(
        "CPU: processor seconds of one fit, as the method itself times it (folds and calibration left out), mean over runs.",
        "CPU : secondes de processeur d'un apprentissage, tel que la méthode le mesure (plis et calibration non comptés), en "
        "moyenne sur les exécutions.",
    ),
    "solve_note": Text(
        "CPU: processor seconds of all that the method does, from its inputs to its answer (a policy: over all its days, the simulated "
        "world included), mean over runs.",
        "CPU : secondes de processeur de tout ce que fait la méthode, de ses entrées à sa réponse (une politique : sur toutes ses "
        "journées, monde simulé compris), en moyenne sur les "
        "exécutions.",
    ),
    "both_note": Text(
        "CPU s: processor seconds of all that the method does, from its inputs to its answer; fit: the part that is one "
        "fit. Means over runs; memory is the largest peak.",
        "s CPU : secondes de processeur de tout ce que fait la méthode, de ses entrées à sa réponse ; apprentissage : la "
        "part d'un seul apprentissage. Moyennes sur les exécutions ; la mémoire est le plus haut pic.",
    ),
    "timed_note": Text("Runs came one after the other.", "Les exécutions se sont suivies une à une."),
    "untimed_note": Text(
        "Runs went side by side: seconds are an order of magnitude.",
        "Les exécutions ont eu lieu côte à côte : les secondes sont un ordre de grandeur.",
    ),
    "paper_note": Text(
        "Numbers in square brackets after a name: values of papers, with other protocols.",
        "Numéros entre crochets après un nom : valeurs d'articles, avec d'autres protocoles.",
    ),
    "dirty_note": Text(
        "{n} of {all} runs were made by code with changes that no commit holds.",
        "{n} des {all} exécutions viennent d'un code modifié qu'aucun commit ne contient.",
    ),
    "commits_note": Text(
        "The runs come from {n} different commits.", "Les exécutions viennent de {n} commits différents."
    ),
    "machines_note": Text(
        "The runs come from {n} different machines.", "Les exécutions viennent de {n} machines différentes."
    ),
    "partial_note": Text(
        "Some answers are partial: {names}.", "Certaines réponses sont partielles : {names}."
    ),
    "time_note": Text(
        "Stopped by a time limit, so not exactly reproducible: {names}.",
        "Arrêtées par une limite de temps, donc pas exactement reproductibles : {names}.",
    ),
    "all_lines": Text("All lines", "Toutes les lignes"),
    "refused_note": Text("{names}: {reason}.", "{names} : {reason}."),
    "hidden_note": Text(
        "Columns for which there is no room here, but in table.html: {n}.",
        "Colonnes qui n'ont pas leur place ici, mais dans table.html : {n}.",
    ),
    "take_best": Text(
        "On {data}, {method} comes first: {value}{interval} ({label}{kind}).",
        "Sur {data}, {method} arrive en tête : {value}{interval} ({label}{kind}).",
    ),
    "take_better": Text(
        "It is clearly better than {reference}, the best baseline: {gain} less loss per test unit.",
        "L'écart avec {reference}, la meilleure référence, est net : {gain} de perte en moins par unité de test.",
    ),
    "take_unclear": Text(
        "It is not told apart {from_reference}, the best baseline (gain {gain}): prefer the simpler of the two.",
        "Elle n'est pas départagée {from_reference}, la meilleure référence (gain {gain}) : préférez la plus simple "
        "des deux.",
    ),
    "take_worse": Text(
        "Yet its mean loss per test unit is higher than that {of_reference}, the best baseline (gain {gain}).",
        "Sa perte moyenne par unité de test est pourtant plus haute que celle {of_reference}, la meilleure référence "
        "(gain {gain}).",
    ),
    "take_few": Text(
        "Gain over {reference}, the best baseline: {gain}, over fewer than five groups of test units: too few for a verdict.",
        "Gain sur {reference}, la meilleure référence : {gain}, sur moins de cinq groupes d'unités de test : trop peu pour conclure.",
    ),
    "share_note": Text(
        "“{label}” differs between methods: a cost of less work is no saving.",
        "« {label} » diffère selon les méthodes : le coût d'un travail moindre n'est pas une économie.",
    ),
    "take_reference": Text(
        "No method does better than this baseline.", "Aucune méthode ne fait mieux que cette référence."
    ),
    "take_cost": Text(
        "A run {of_method} takes {ours} s of processor time, one {of_reference} {theirs} s.",
        "Une exécution {of_method} prend {ours} s de processeur, une {of_reference} {theirs} s.",
    ),
    "take_paper": Text(
        "Best published value found without a known leak: {value} ({method}; {protocol}).",
        "Meilleure valeur publiée trouvée sans fuite connue : {value} ({method} ; {protocol}).",
    ),
    "take_none": Text(
        "On {data}, no run gave a figure.", "Sur {data}, aucune exécution n'a donné de chiffre."
    ),
    "take_failures": Text(
        "Runs that failed: {n} of {all}; they are listed below.",
        "Exécutions en échec : {n} sur {all} ; la liste est plus bas.",
    ),
}

OVER = {"seeds": "graines", "folds": "plis"}
NOT_RUN = Text("not run", "non exécutée")


def of(name: str, lang: str) -> str:
    """Say "of" before a name, as French elides it before a vowel.

    Examples
    --------
    >>> of("insertion", "fr"), of("ridge", "fr"), of("ridge", "en")
    ('d’insertion', 'de ridge', 'of ridge')
    """
    if lang != "fr":
        return f"of {name}"
    return f"d’{name}" if name[:1].lower() in tuple("aeiouéèê") else f"de {name}"


def word(key: str, lang: str) -> str:
    """Choose a fixed word of the table.

    Examples
    --------
    >>> word("method", "fr")
    'méthode'
    """
    return say(WORDS[key], lang)


def status(name: str, lang: str) -> str:
    """Say how a row ended.

    Examples
    --------
    >>> status("failed", "fr"), status("not run", "en")
    ('échec', 'not run')
    """
    return say(STATUSES.get(name, NOT_RUN), lang)


def kind(name: str | None, lang: str) -> str:
    """Say what an interval is, in the language.

    Parameters
    ----------
    name : str or None
        As in the table: ``"95 % Student-t over 5 seeds"``, ``"range over 3 folds"``, or as in ``result.json``.
    lang : {"en", "fr"}
        An unknown kind stays as it is.

    Examples
    --------
    >>> kind("range over 3 folds", "fr"), kind("95 % Student-t over 5 seeds", "fr").replace(NARROW, "_")
    ('étendue sur 3 plis', 'Student à 95_% sur 5 graines')
    """
    found = re.fullmatch(r"(range|95 % Student-t) over (\d+) (seeds|folds)", name or "")
    if lang != "fr" or not found:
        return interval_kind(name, lang)
    what = "étendue" if found[1] == "range" else f"Student à 95{NARROW}%"
    return f"{what} sur {found[2]} {OVER[found[3]]}"
