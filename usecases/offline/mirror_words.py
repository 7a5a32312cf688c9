"""What `usecases data mirror` writes beside the files of a dataset, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from usecases.contract import Text
from usecases.formatting import NARROW, number, typeset
from usecases.registry import Dataset

USE = {
    "yes": Text("allowed by the licence", "autorisé par la licence"),
    "no": Text("NOT allowed", "NON autorisé"),
    "unclear": Text(
        "unclear: ask the publisher before you do", "pas clair : à demander à l’éditeur avant tout"
    ),
}
KINDS = {
    "generated": Text("generated", "générées"),
    "simulated": Text("simulated", "simulées"),
    "testbed": Text("measured on a test bench", "mesurées sur un banc d’essai"),
    "field": Text("measured in the field", "mesurées sur le terrain"),
}
KIND, PUBLISHED, LICENCE, COMMERCIAL, CITE, USED_BY = (
    Text("Kind of data", "Nature des données"),
    Text("Published at", "Publié à l’adresse"),
    Text("Licence, as the publisher states it", "Licence, telle que l’éditeur l’énonce"),
    Text("Commercial use", "Usage commercial"),
    Text("To cite", "À citer"),
    Text("Used by", "Utilisé par"),
)
NO_ADDRESS = Text("no public address in this form", "pas d’adresse publique sous cette forme")
SUMS = Text(
    "Files and their sha256 (in this folder: `sha256sum -c` reads these lines)",
    "Fichiers et leur somme sha256 (dans ce dossier : `sha256sum -c` lit ces lignes)",
)
UNVERIFIED = Text(
    "No sum is registered for these, so nobody could check them",
    "Aucune somme n’est enregistrée pour ceux-ci : personne n’a pu les vérifier",
)
READ_BY = Text(
    "`usecases` reads this folder when USECASES_MIRROR names the folder above it.",
    "`usecases` lit ce dossier quand USECASES_MIRROR désigne le dossier qui le contient.",
)
STATES = {
    "copied": Text("copied", "copié"),
    "kept": Text("already there", "déjà là"),
    "missing": Text("NOT THERE", "ABSENT"),
}
AT_HAND = Text(
    "{size} on this machine, {absent} file(s) to download",
    "{size} sur cette machine, {absent} fichier(s) à télécharger",
)
ON_KEY = Text(
    "files on the key: {present} of {total}, {size}", "fichiers sur la clé : {present} sur {total}, {size}"
)
TYPE_THERE = Text(
    "On the machine without internet, type (Linux, macOS; then Windows PowerShell, with the key's drive):",
    "Sur la machine sans internet, taper (Linux, macOS ; puis Windows PowerShell, avec la lettre de la clé) :",
)
CHOOSE = Text(
    "Nothing was written: name datasets, as in usecases data mirror {folder} cmapss, or type --all",
    "Rien n’a été écrit : nommer des jeux de données, par exemple usecases data mirror {folder} cmapss, ou taper --all",
)


def megabytes(n_bytes: float, lang: str = "en") -> str:
    """Write a size for people, in decimal units.

    Examples
    --------
    >>> megabytes(27_400_000), megabytes(3), megabytes(1_240_000_000)
    ('27.4 MB', '3 B', '1.24 GB')
    >>> megabytes(27_400_000, "fr").replace(NARROW, " ")
    '27,4 Mo'
    """
    names = ("o", "ko", "Mo", "Go") if lang == "fr" else ("B", "kB", "MB", "GB")
    power = 0 if n_bytes < 1e3 else 1 if n_bytes < 1e6 else 2 if n_bytes < 1e9 else 3
    value = int(n_bytes) if power == 0 else n_bytes / 1e3**power
    space = NARROW if lang == "fr" else " "
    return f"{number(value, lang, (0, 1, 1, 2)[power])}{space}{names[power]}"


def source_text(dataset: Dataset, sums: Mapping[str, str], lang: str) -> str:
    """Write where a dataset comes from, what its licence allows, and the sums of its files.

    Parameters
    ----------
    dataset : Dataset
        The entry of the registry.
    sums : mapping of str to str
        File on the key to its sha256.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    str
        Markdown that reads well as plain text.

    Examples
    --------
    >>> from usecases.registry import find
    >>> source_text(find("cmapss"), {"readme.txt": "4f52"}, "fr").splitlines()[0]
    '# C-MAPSS, dégradation simulée de turboréacteurs (NASA)'
    """
    colon = " : " if lang == "fr" else ": "
    where = dataset.official.page if dataset.official else NO_ADDRESS[lang]
    facts = [
        (KIND, KINDS[dataset.kind][lang]),
        (PUBLISHED, where),
        (LICENCE, dataset.licence),
        (COMMERCIAL, USE[dataset.commercial_use][lang]),
        (CITE, " ".join(dataset.citation.split())),
        (USED_BY, dataset.package or "–"),
    ]
    lines = [f"# {dataset.title[lang]}", ""]
    lines += [f"- {label[lang]}{colon}{value}" for label, value in facts]
    lines += ["", f"{SUMS[lang]}{colon.rstrip()}", "", "```"]
    lines += [f"{value}  {file}" for file, value in sums.items()]
    lines += ["```", ""]
    unverified = [file for file in sums if dataset.files.get(file) is None]
    if unverified:
        lines += [f"{UNVERIFIED[lang]}{colon}{', '.join(unverified)}.", ""]
    return typeset("\n".join([*lines, READ_BY[lang], ""]), lang)
