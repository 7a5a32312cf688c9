"""The fixed words of a report, each in English and French."""

from __future__ import annotations

from collections.abc import Mapping

from usecases.contract import Text
from usecases.formatting import typeset

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
    "gain_alone": Text(
        "Gain: loss of the other method minus loss of this run, unit by unit; above zero, this run did better. Fewer than five "
        "groups of test units: too few for an interval, and for a verdict.",
        "Gain : perte de l'autre méthode moins perte de cette exécution, unité par unité ; au-dessus de zéro, cette exécution a "
        "fait mieux. Moins de cinq groupes d'unités de test : trop peu pour un intervalle, et pour conclure.",
    ),
    "loss": Text("What is compared: {loss}.", "Ce qui est comparé : {loss}."),
    "share": Text(
        "Not the same work: “{label}” is {mine} for {method} and {theirs} for {other}; read the figures together.",
        "Le travail n'est pas le même : « {label} » vaut {mine} pour {method} et {theirs} pour {other} ; lisez ces chiffres "
        "ensemble.",
    ),
    "failed": Text("failed", "échec"),
    "zoom_in": Text(
        "zoom in (or Ctrl and wheel, or double click)", "agrandir (ou Ctrl et molette, ou double clic)"
    ),
    "zoom_out": Text("zoom out", "réduire"),
    "zoom_all": Text("show all", "tout montrer"),
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
        "and, when tracking is on, in MLflow, under the run named “{title}” whose tag usecases.run_id is {run_id}. To delete "
        "everything about this run, delete that folder and that MLflow run; MLflow keeps the files of a deleted run until "
        "mlflow gc is typed.",
        "Vos lignes sont restées sur cette machine. Elles ont été lues dans {path} ; cette exécution garde ses prédictions et "
        "ses chiffres dans {folder} et, si le suivi est actif, dans MLflow, sous l'exécution nommée « {title} » dont "
        "l'étiquette usecases.run_id vaut {run_id}. Pour tout effacer, supprimez ce dossier et cette exécution MLflow ; "
        "MLflow garde les fichiers d'une exécution supprimée jusqu'à la commande mlflow gc.",
    ),
    "beats": Text(
        "This run clearly beats {names} (the 95 % interval of the gain is above zero).",
        "Cette exécution fait nettement mieux que {names} (l'intervalle à 95 % du gain est au-dessus de zéro).",
    ),
    "equal_one": Text(
        "The difference with {names} is not clear: {names} does about as well, prefer the simpler of the two.",
        "L'écart avec {names} n'est pas net : {names} fait à peu près aussi bien, préférez la plus simple des deux méthodes.",
    ),
    "equal_many": Text(
        "The differences with {names} are not clear: they do about as well, prefer the simplest method.",
        "Les écarts avec {names} ne sont pas nets : elles font à peu près aussi bien, préférez la méthode la plus simple.",
    ),
    "worse_one": Text("{names} is better than this run.", "{names} fait mieux que cette exécution."),
    "worse_many": Text("{names} are better than this run.", "{names} font mieux que cette exécution."),
    "and": Text("and", "et"),
    "memory": Text("memory (MB)", "mémoire (Mo)"),
    "cores": Text("cores", "cœurs"),
    "changes": Text("with changes", "avec modifications"),
    "at": Text("at", "à"),
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

# Keys of a data description; a key that is not here is shown as it is.
KEYS = {
    "name": Text("name", "nom"),
    "kind": Text("kind of data", "nature des données"),
    "subset": Text("subset", "sous-ensemble"),
    "group_name": Text("groups", "groupes"),
    "protocol": Text("protocol", "protocole"),
    "cap": Text("cap of the labels", "plafond des étiquettes"),
    "time_unit": Text("time unit", "unité de temps"),
    "licence": Text("licence", "licence"),
    "commercial_use": Text("commercial use", "usage commercial"),
    "citation": Text("reference", "référence"),
    "source": Text("source", "source"),
    "fingerprint": Text("fingerprint (sha256)", "empreinte (sha256)"),
    "n_train_groups": Text("training machines", "machines d'apprentissage"),
    "n_train_units": Text("training lives", "vies d'apprentissage"),
    "n_train_rows": Text("training rows", "lignes d'apprentissage"),
    "n_failures": Text("failures", "défaillances"),
    "n_test_units": Text("test units", "unités de test"),
    "n_test_rows": Text("test rows", "lignes de test"),
    "n_machines": Text("machines", "machines"),
    "n_test_machines": Text("test machines", "machines de test"),
    "n_sites": Text("sites", "sites"),
    "n_lives": Text("lives", "vies"),
    "n_failed": Text("lives that ended by a failure", "vies finies par une défaillance"),
    "n_preventive": Text("preventive replacements", "remplacements préventifs"),
    "n_running": Text("still in service", "encore en service"),
    "n_rows": Text("rows", "lignes"),
    "n_sensors": Text("sensors", "capteurs"),
    "n_units": Text("units", "unités"),
    "censored_share": Text("share of censored lives", "part de vies censurées"),
    "missing_share": Text("share of missing values", "part de valeurs manquantes"),
    "generator_version": Text("version of the generator", "version du générateur"),
    "parameters": Text("parameters", "paramètres"),
    "parameter_hash": Text("fingerprint of the parameters", "empreinte des paramètres"),
    "preventive_interval": Text(
        "interval between preventive replacements (days)", "intervalle entre remplacements préventifs (jours)"
    ),
    "days": Text("simulated time (days)", "durée simulée (jours)"),
    "seed": Text("seed", "graine"),
    "file": Text("file", "fichier"),
    "dialect": Text("how the file is written", "écriture du fichier"),
    "ends": Text("ends of life", "fins de vie"),
    "asked": Text("remaining life asked for", "durée résiduelle demandée pour"),
    "time_origin": Text("origin of time", "origine des temps"),
    "cap_rule": Text("choice of the cap", "choix du plafond"),
    "n_settings": Text("recorded operating settings", "conditions de fonctionnement enregistrées"),
    "no_sensor_value": Text("units without sensor values", "unités sans valeur de capteur"),
    "left_out": Text("left out", "unités laissées de côté"),
    "left_out_columns": Text("left out columns", "colonnes laissées de côté"),
    "unit": Text("unit", "unité"),
    "column": Text("column", "colonne"),
    "reason": Text("reason", "motif"),
    "nature": Text("origin", "origine"),
    "fold": Text("fold", "pli"),
    "max_groups": Text(
        "limit on the number of training machines", "limite du nombre de machines d'apprentissage"
    ),
    "shuffle_target": Text("permutation check", "contrôle par permutation"),
    "vehicles_file": Text("file of vehicles", "fichier des véhicules"),
    "durations_file": Text("file of durations", "fichier des durées"),
    "n_orders": Text("orders", "commandes"),
    "n_pickups": Text("orders picked up on the way", "commandes retirées en route"),
    "n_instances": Text("instances", "instances"),
    "n_requests": Text("requests", "demandes"),
    "n_slots": Text("slots of a day", "créneaux d'une journée"),
    "n_scenarios": Text("simulated days", "journées simulées"),
    "law_assumed": Text("random times by assumption", "aléas supposés"),
    "arrivals": Text("orders come", "arrivée des commandes"),
    "service": Text("service", "service"),
    "by_day": Text("day by day", "jour par jour"),
    "known": Text("known to the method", "connu de la méthode"),
    "period_min": Text("time between decisions (min)", "temps entre deux décisions (min)"),
    "convention": Text("rounding", "arrondi"),
    "objective": Text("objective", "objectif"),
    "seeds": Text("seeds of the days", "graines des journées"),
    "sources": Text("where the parameters are explained", "où les paramètres sont expliqués"),
    "n_places": Text("places", "lieux"),
    "n_vehicles": Text("vehicles", "véhicules"),
    "n_days": Text("days", "jours"),
    "timezone": Text("time zone", "fuseau horaire"),
    "assumptions": Text("assumptions", "hypothèses"),
    "operating_conditions": Text("operating conditions", "conditions de fonctionnement"),
    "fault_modes": Text("fault modes", "modes de défaillance"),
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
    "default": "par défaut",
    "cycles": "cycles",
}

YES_NO = {True: Text("yes", "oui"), False: Text("no", "non")}

# Facts written in English only: a French page quotes them.
QUOTED = ("licence", "citation")

# The second of two facts is not shown when both are equal.
ALIKE = {
    "n_train_groups": "n_train_units",
    "n_train_units": "n_lives",
    "n_failures": "n_failed",
    "n_train_rows": "n_rows",
}

PHASES = {
    "load": Text("loading", "chargement"),
    "solve": Text("solving", "résolution"),
    "solve/fit": Text("of which learning", "dont apprentissage"),
    "solve/search": Text("of which search", "dont recherche"),
    "solve/quote": Text("of which quotes", "dont devis"),
    "solve/confirm": Text("of which acceptances", "dont acceptations"),
    "solve/decision": Text("of which decisions", "dont décisions"),
    "play": Text("playing", "déroulement"),
    "evaluate": Text("scoring", "évaluation"),
}

STATUSES = {
    "ok": Text("ok", "réussie"),
    "partial": Text("partial", "partielle"),
    "failed": Text("failed", "échec"),
    "interrupted": Text("interrupted", "interrompue"),
}


def say(text: Text | Mapping[str, str], lang: str) -> str:
    """Choose the language of a text and set it.

    Examples
    --------
    >>> say(Text("the age", "l'âge"), "fr")
    'l’âge'
    """
    return typeset(text[lang], lang)


def word(key: str, lang: str) -> str:
    """Choose a fixed word of the page.

    Examples
    --------
    >>> word("limits", "fr")
    'Limites'
    """
    return say(WORDS[key], lang)
