"""Make the tables of the READMEs from the committed result files: ``python benchmarks/make_tables.py [--check]``."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from usecases.formatting import number

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

COLUMNS = (
    ("data", "données"),
    ("method", "méthode"),
    ("RMSE, capped [95 %]", "RMSE, plafonnée [95 %]"),
    ("RMSE, raw", "RMSE, brute"),
    ("floor, raw", "plancher, brut"),
    ("RMSE, end of life", "RMSE, fin de vie"),
    ("CV RMSE", "RMSE en VC"),
    ("NASA score", "score NASA"),
    ("late > 10", "retard > 10"),
    ("90 % interval: coverage, width", "intervalle à 90 % : couverture, largeur"),
    ("fit, CPU s", "apprentissage, s CPU"),
    ("memory, MB", "mémoire, Mo"),
)
HEADINGS = {"en": [english for english, _ in COLUMNS], "fr": [french for _, french in COLUMNS]}
CAPTION = {
    "en": "Remaining useful life; RMSE in cycles (C-MAPSS) or days (fleet). CV: training engines set aside in turn. "
    "End of life: at most 50 cycles or 36 days left. Seed 0, one thread.",
    "fr": "Durée de vie résiduelle ; RMSE en cycles (C-MAPSS) ou en jours (fleet). VC : moteurs d'apprentissage mis de côté "
    "tour à tour. Fin de vie : au plus 50 cycles ou 36 jours restants. Graine 0, un fil d'exécution.",
}
START, END = "<!-- table:rul -->\n", "<!-- /table:rul -->"
CENSORED = {"en": "censored", "fr": "censurées"}


def records(task: str) -> list[dict[str, Any]]:
    """Read the committed result files of a task, refusing one that was edited."""
    folder = HERE / "results" / task
    sums = dict(
        reversed(line.split("  "))
        for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    found = []
    for file in sorted(folder.glob("*.json")):
        if hashlib.sha256(file.read_bytes()).hexdigest() != sums.get(file.name):
            raise SystemExit(f"{file} is not the file that was saved (SHA256SUMS)")
        found.append(json.loads(file.read_text(encoding="utf-8")))
    return found


def row(record: dict[str, Any], lang: str) -> list[str]:
    """Set one run as a row."""

    def value(name: str, digits: int = 2) -> str:
        return number(record["metrics"][name]["value"], lang, digits)

    low, high = record["metrics"]["rmse_capped"]["interval"]
    data = record["data"]
    what = (
        data.get("subset") or f"{data['name']}, {record['config']['data']['censored']:.0%} {CENSORED[lang]}"
    )
    floor = next(iter(record["bounds"].values()))["rmse_raw"]["value"]
    return [
        what,
        record["method"],
        f"{value('rmse_capped')} [{number(low, lang, 1)} ; {number(high, lang, 1)}]",
        value("rmse_raw"),
        number(floor, lang),
        value("rmse_low_rul"),
        value("rmse_held_out"),
        value("nasa_score", 0),
        f"{value('late_10_share', 1)} %",
        f"{value('coverage_90', 1)} %, {value('width_90', 1)}",
        number(record["timings"]["solve/fit"]["cpu_s"], lang, 1),
        number(record["peak_memory_mb"], lang, 0),
    ]


def table(lang: str) -> str:
    """Make the table of the RUL task in Markdown."""
    order = {name: place for place, name in enumerate(["mean_life", "weibull", "ridge", "tcn", "lightgbm"])}
    rows = sorted(
        (row(r, lang) for r in records("rul")), key=lambda cells: (cells[0], order.get(cells[1], 9))
    )
    lines = [
        "| " + " | ".join(HEADINGS[lang]) + " |",
        "|" + " --- |" * 2 + " ---: |" * (len(HEADINGS[lang]) - 2),
    ]
    lines += ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([*lines, "", f"*{CAPTION[lang]}*"])


def main() -> int:
    """Write the tables; with ``--check`` only say whether they are up to date."""
    stale = []
    for lang, name in (("en", "README.md"), ("fr", "README.fr.md")):
        file = ROOT / name
        text = file.read_text(encoding="utf-8")
        before, _, rest = text.partition(START)
        made = before + START + table(lang) + "\n" + END + rest.partition(END)[2]
        if made != text:
            stale.append(name)
            if "--check" not in sys.argv:
                file.write_text(made, encoding="utf-8", newline="\n")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"out of date: {', '.join(stale)}; type: python benchmarks/make_tables.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
