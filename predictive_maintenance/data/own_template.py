"""The template of the data source ``own``: an example file to fill, in English or French, and what its columns mean.

It must stay what `predictive_maintenance.data.own` reads: a test reads both files back.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from usecases.contract import Text

TEMPLATE_HELP = Text(
    en="""\
unit              name of the machine, or of one of its lives if it has several (then name the machine: data.group=COLUMN)
time              date of the row (2024-12-31 or 31/12/2024, with or without 08:30), or age as a number (cycles, hours, days)
end               on the unit's last row: failure, preventive (replaced before) or running (its remaining life is asked)
load_percent      an operating condition; data.settings=[load_percent] says so, otherwise it is one more sensor
vibration_mm_s, temperature_c, current_a
                  sensors; every other column of numbers is one, an empty cell is a missing value
Replace the rows by yours and keep the titles. At least 6 units must end by a failure; without the column `end` every
unit is taken to have run to failure. The figures of the template are invented.""",
    fr="""\
unité             nom de la machine, ou de l’une de ses vies si elle en a plusieurs (nommer alors la machine : data.group=COLONNE)
date              date de la ligne (31/12/2024 ou 2024-12-31, avec ou sans 08:30), ou âge en nombre (cycles, heures, jours)
fin               sur la dernière ligne de l’unité : défaillance, préventif (remplacée avant la défaillance) ou en service
                  (sa durée de vie résiduelle est demandée)
charge_pourcent   une condition de fonctionnement ; data.settings=[charge_pourcent] le dit, sinon c’est un capteur de plus
vibration_mm_s, température_c, courant_a
                  des capteurs ; toute autre colonne de nombres en est un, une cellule vide est une valeur manquante
Remplacez les lignes par les vôtres et gardez les titres. Il faut au moins 6 unités finissant par une défaillance ; sans la
colonne « fin », chaque unité est réputée avoir fonctionné jusqu’à la défaillance. Les valeurs du modèle sont inventées.""",
)

_TITLES = Text(
    en="unit time end load_percent vibration_mm_s temperature_c current_a",
    fr="unité date fin charge_pourcent vibration_mm_s température_c courant_a",
)
_TEMPLATE_ENDS = {
    "failure": Text("failure", "défaillance"),
    "preventive": Text("preventive", "préventif"),
    "running": Text("running", "en service"),
}


def write_template(path: Path, lang: str = "en") -> None:
    """Write an example file that runs as it is: 24 invented machines, daily rows, three sensors, one setting.

    The French file is what a French spreadsheet saves (semicolons, decimal comma, dd/mm/yyyy, UTF-8 with a mark); both
    hold the same values.

    Parameters
    ----------
    path : pathlib.Path
        Where to write; an existing file is overwritten.
    lang : {"en", "fr"}
        Language of titles and words.

    Raises
    ------
    OSError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "template.csv"
    >>> write_template(file)
    >>> file.read_text(encoding="utf-8").splitlines()[0]
    'unit,time,end,load_percent,vibration_mm_s,temperature_c,current_a'
    """
    rng = np.random.default_rng(2021)
    ends = rng.permutation(np.repeat(["failure", "preventive", "running"], [16, 4, 4]))
    parts = [_invented_life(rng, f"P{number:02d}", str(end), lang) for number, end in enumerate(ends, 1)]
    frame = pd.concat(parts, ignore_index=True)
    french = lang == "fr"
    frame.to_csv(
        path,
        index=False,
        header=_TITLES[lang].split(),
        sep=";" if french else ",",
        decimal="," if french else ".",
        encoding="utf-8-sig" if french else "utf-8",
        date_format="%d/%m/%Y" if french else "%Y-%m-%d",
        lineterminator="\n",
    )


def _invented_life(rng: np.random.Generator, name: str, end: str, lang: str) -> pd.DataFrame:
    """Daily rows of one machine: slow wear that ends fast, seen through load and noise."""
    life = 40 + 70 * rng.weibull(3.0)
    days = math.ceil(life * (1.0 if end == "failure" else rng.uniform(0.45, 0.9)))
    age = np.arange(days)
    wear = np.minimum(age / life, 1.0) ** 3
    load = np.clip(75 + 12 * np.sin(2 * np.pi * age / 7) + rng.normal(0, 4, days), 40, 100)
    vibration = (1.8 + rng.normal(0, 0.1)) * (1 + 1.6 * wear) * rng.lognormal(0, 0.06, days)
    temperature = 42 + 0.22 * load + 11 * wear + rng.normal(0, 0.9, days)
    current = 6 + 0.11 * load + 1.1 * wear + rng.normal(0, 0.25, days)
    sensors = np.column_stack([vibration, temperature, current]).round(2)
    sensors[rng.random(sensors.shape) < 0.004] = np.nan
    start = pd.Timestamp("2024-01-08") + pd.Timedelta(days=int(rng.integers(0, 90)))
    frame = pd.DataFrame({"unit": name, "time": start + pd.to_timedelta(age, unit="D"), "end": ""})
    frame.loc[days - 1, "end"] = _TEMPLATE_ENDS[end][lang]
    frame["load"] = load.round(1)
    return pd.concat([frame, pd.DataFrame(sensors, columns=["vibration", "temperature", "current"])], axis=1)
