"""C-MAPSS: turbofan engines that run to failure, simulated by NASA (a simulation, not data from the field).

Source: A. Saxena, K. Goebel, D. Simon, N. Eklund, "Damage Propagation Modeling for Aircraft Engine
Run-to-Failure Simulation", PHM 2008, doi:10.1109/PHM.2008.4711414; names and units of the sensors: its Table
2. Each file has 26 columns separated by spaces, without header: engine, cycle, three settings, 21 sensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from predictive_maintenance.data.protocol import apply_protocol, check_protocol
from predictive_maintenance.histories import Histories, Lives, RulData, RulInputs
from usecases.contract import Text
from usecases.errors import UserError, nearest

if TYPE_CHECKING:
    from usecases.registry import Dataset

N_SETTINGS = 3
# Symbol and unit of s1 to s21 (Saxena et al. 2008, Table 2); "1" is a pure number.
SENSORS = (
    ("T2", "°R"), ("T24", "°R"), ("T30", "°R"), ("T50", "°R"), ("P2", "psia"), ("P15", "psia"),
    ("P30", "psia"), ("Nf", "rpm"), ("Nc", "rpm"), ("epr", "1"), ("Ps30", "psia"), ("phi", "pps/psi"),
    ("NRf", "rpm"), ("NRc", "rpm"), ("BPR", "1"), ("farB", "1"), ("htBleed", "1"), ("Nf_dmd", "rpm"),
    ("PCNfR_dmd", "rpm"), ("W31", "lbm/s"), ("W32", "lbm/s"),
)  # fmt: skip
SENSOR_NAMES = tuple(f"s{place} ({symbol})" for place, (symbol, _) in enumerate(SENSORS, start=1))
SENSOR_UNITS = {name: unit for name, (_, unit) in zip(SENSOR_NAMES, SENSORS, strict=True)}
# What each symbol stands for (same table); LPC, HPC, LPT: low- and high-pressure compressor, low-pressure turbine.
MEANINGS = (
    Text("total temperature at the fan inlet", "température totale à l'entrée de la soufflante"),
    Text("total temperature at the LPC outlet", "température totale en sortie du compresseur basse pression"),
    Text("total temperature at the HPC outlet", "température totale en sortie du compresseur haute pression"),
    Text("total temperature at the LPT outlet", "température totale en sortie de la turbine basse pression"),
    Text("pressure at the fan inlet", "pression à l'entrée de la soufflante"),
    Text("total pressure in the bypass duct", "pression totale dans le flux secondaire"),
    Text("total pressure at the HPC outlet", "pression totale en sortie du compresseur haute pression"),
    Text("physical fan speed", "vitesse physique de la soufflante"),
    Text("physical core speed", "vitesse physique du corps haute pression"),
    Text("engine pressure ratio", "rapport de pression du moteur"),
    Text("static pressure at the HPC outlet", "pression statique en sortie du compresseur haute pression"),
    Text("ratio of fuel flow to Ps30", "rapport du débit de carburant à Ps30"),
    Text("corrected fan speed", "vitesse corrigée de la soufflante"),
    Text("corrected core speed", "vitesse corrigée du corps haute pression"),
    Text("bypass ratio", "taux de dilution"),
    Text("fuel-air ratio of the burner", "richesse de la chambre de combustion"),
    Text("bleed enthalpy", "enthalpie du prélèvement d'air"),
    Text("demanded fan speed", "vitesse demandée de la soufflante"),
    Text("demanded corrected fan speed", "vitesse corrigée demandée de la soufflante"),
    Text("HPT coolant bleed", "débit de refroidissement de la turbine haute pression"),
    Text("LPT coolant bleed", "débit de refroidissement de la turbine basse pression"),
)
SENSOR_LABELS = {
    name: Text(f"{text.en} ({symbol})", f"{text.fr} ({symbol})")
    for name, text, (symbol, _) in zip(SENSOR_NAMES, MEANINGS, SENSORS, strict=True)
}
SETTING_NAMES = tuple(f"setting{place}" for place in range(1, N_SETTINGS + 1))
N_COLUMNS = 2 + N_SETTINGS + len(SENSORS)
# Operating conditions and fault modes of each subset, from the readme of the dataset.
SUBSETS = {"FD001": (1, 1), "FD002": (6, 1), "FD003": (1, 2), "FD004": (6, 2)}

# How a new file is read: NASA's own text files, or a CSV with these titles; "s2" and "T24" do for "s2 (T24)".
READING = {
    "text_columns": ["unit", "time", *SETTING_NAMES, *SENSOR_NAMES],
    "aliases": {"unit": ["engine", "moteur"], "time": ["cycle"]}
    | {name: name.rstrip(")").split(" (") for name in SENSOR_NAMES},
}


@dataclass(frozen=True)
class Cmapss:
    """One subset of C-MAPSS with its official protocol, or a fold of its training engines.

    Parameters
    ----------
    subset : {"FD001", "FD002", "FD003", "FD004"}
        One or six operating conditions, one or two fault modes.
    cap : float
        Labels are capped at this remaining life (cycles).
    max_groups : int, optional
        Keep this many training engines, drawn with the seed.
    fold : int, optional
        0 to 4: this fold of the training engines becomes the test set, each engine cut at one random row; the
        official test set is then not read.
    shuffle_target : bool
        Permute the sensor rows of the training set: a control that must fail.

    Raises
    ------
    UserError
        When a value is not allowed.

    Examples
    --------
    >>> Cmapss(subset="FD002").cap
    125.0
    """

    subset: str = "FD001"
    cap: float = 125.0
    max_groups: int | None = None
    fold: int | None = None
    shuffle_target: bool = False

    def __post_init__(self) -> None:
        if self.subset not in SUBSETS:
            raise UserError(
                f"Unknown subset data.subset={self.subset}: {nearest(str(self.subset), SUBSETS)}."
            )
        check_protocol(cap=self.cap, max_groups=self.max_groups, fold=self.fold)

    def read(self, seed: int) -> RulData:
        """Fetch and read the files.

        Parameters
        ----------
        seed : int
            Draws the engines kept by `max_groups`, the cuts of a fold and the permutation of
            `shuffle_target`; without those, nothing depends on it.

        Returns
        -------
        RulData
            Training engines that all ran to failure, test engines cut before it, and the true remaining life
            of the latter (cycles, uncapped).

        Raises
        ------
        UserError
            When a file is absent and cannot be had, or is malformed.

        Examples
        --------
        >>> data = Cmapss(subset="FD001").read(seed=0)  # doctest: +SKIP
        """
        from usecases.data import fetch, find

        parts = ("train",) if self.fold is not None else ("train", "test", "RUL")
        paths = fetch("cmapss", [f"{part}_{self.subset}.txt" for part in parts])
        files = dict(zip(parts, paths.values(), strict=True))
        train = read_histories(files["train"], "train")
        lives = Lives(train.time[train.last_rows()], np.ones(train.n_units, dtype=bool))
        if self.fold is None:
            test = read_histories(files["test"], "test")
            rul = read_rul(files["RUL"], test.n_units)
        else:
            test, rul = train.select([]), None  # a fold of the training engines takes their place
        data = RulData(RulInputs(train, lives, test, float(self.cap)), rul, self._description(find("cmapss")))
        return apply_protocol(
            data, max_groups=self.max_groups, fold=self.fold, shuffle_target=self.shuffle_target, seed=seed
        )

    def _description(self, dataset: Dataset) -> dict:
        conditions, faults = SUBSETS[self.subset]
        protocol = {
            "en": "official: all training engines, official test engines",
            "fr": "officiel : tous les moteurs d’apprentissage, moteurs de test officiels",
        }
        if self.fold is not None:
            protocol = {
                "en": "fold of the training engines; the official test set is not used",
                "fr": "pli des moteurs d’apprentissage ; le jeu de test officiel n’est pas utilisé",
            }
        return {
            "name": "cmapss",
            "subset": self.subset,
            "group_name": "engines",
            "kind": dataset.kind,
            "nature": {
                "en": "a simulation of turbofan engines by NASA, not data from the field",
                "fr": "une simulation de turboréacteurs par la NASA, non des données de terrain",
            },
            "operating_conditions": conditions,
            "fault_modes": faults,
            "protocol": protocol,
            "cap": float(self.cap),
            "time_unit": "cycles",
            "licence": dataset.licence,
            "commercial_use": dataset.commercial_use,
            "citation": dataset.citation,
            "source": dataset.official.page if dataset.official else "",
        }


def read_histories(path: Path, label: str) -> Histories:
    r"""Read a ``train_*`` or ``test_*`` file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    label : str
        Put before the engine's number in its name, since train and test engines share their numbers.

    Returns
    -------
    Histories
        Settings of shape (n_rows, 3), sensors of shape (n_rows, 21).

    Raises
    ------
    UserError
        With file and row, when a row has not 26 numbers, or engines or cycles do not follow each other.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "train_FD001.txt"
    >>> _ = file.write_text("".join(f"1 {t} " + "0.5 " * 24 + "\n" for t in (1, 2)), encoding="utf-8")
    >>> read_histories(file, "train").unit_names, read_histories(file, "train").sensors.shape
    (('train 1',), (2, 21))
    """
    table = _read_numbers(path, N_COLUMNS)
    engine, cycle = table[:, 0], table[:, 1]
    step = np.diff(engine, prepend=0)
    wrong = (step != 0) & (step != 1)
    wrong[0] = engine[0] != 1
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UserError(
            f"{path}, row {row + 1}: engine {engine[row]:g} was read, engines numbered 1, 2, 3 ... in this "
            "order were expected: correct the file."
        )
    backwards = (np.diff(cycle, prepend=-np.inf) <= 0) & (step == 0)
    if backwards.any():
        row = int(np.argmax(backwards))
        raise UserError(
            f"{path}, row {row + 1}: cycle {cycle[row]:g} follows cycle {cycle[row - 1]:g} of the same "
            "engine, increasing cycles were expected: correct the file."
        )
    names = tuple(f"{label} {number}" for number in range(1, int(engine[-1]) + 1))
    return Histories(
        unit=engine.astype(np.int64) - 1,
        time=cycle.copy(),
        sensors=table[:, 2 + N_SETTINGS :].copy(),
        settings=table[:, 2 : 2 + N_SETTINGS].copy(),
        unit_names=names,
        groups=names,
        sensor_names=SENSOR_NAMES,
        setting_names=SETTING_NAMES,
        time_unit="cycles",
        sensor_units=SENSOR_UNITS,
        sensor_labels=SENSOR_LABELS,
        reading=READING,
    )


def read_rul(path: Path, n_units: int) -> np.ndarray:
    r"""Read a ``RUL_*`` file: true remaining life of each test engine after its last row.

    Parameters
    ----------
    path : pathlib.Path
        One number a row.
    n_units : int
        Number of test engines.

    Returns
    -------
    ndarray of float, shape (n_units,)
        Remaining life (cycles).

    Raises
    ------
    UserError
        When a row is not one number of at least 0, or the number of rows is not `n_units`.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "RUL_FD001.txt"
    >>> _ = file.write_text("112\n98\n", encoding="utf-8")
    >>> read_rul(file, 2)
    array([112.,  98.])
    """
    rul = _read_numbers(path, 1)[:, 0]
    if len(rul) != n_units:
        raise UserError(
            f"{path} has {len(rul)} rows, one for each of the {n_units} test engines was expected: fetch it "
            "again with 'usecases data fetch cmapss --again'."
        )
    if (rul < 0).any():
        row = int(np.argmax(rul < 0))
        raise UserError(
            f"{path}, row {row + 1}: {rul[row]:g} was read, a remaining life of at least 0 was "
            "expected: correct the file."
        )
    return rul


def _read_numbers(path: Path, n_columns: int) -> np.ndarray:
    """Read a table of finite numbers separated by spaces, shape (n_rows, n_columns)."""
    try:
        table = pd.read_csv(path, sep=r"\s+", header=None, dtype=np.float64, encoding="ascii").to_numpy()
        if table.shape[1] == n_columns and np.isfinite(table).all():
            return table
    except (ValueError, UnicodeDecodeError):  # pandas' parser errors are ValueErrors
        pass
    raise UserError(_first_fault(path, n_columns))


def _first_fault(path: Path, n_columns: int) -> str:
    """Find the row that makes a table unreadable; slow, only called when it is."""
    again = "fetch it again with 'usecases data fetch cmapss --again'"
    with path.open(encoding="latin-1") as lines:
        for row, line in enumerate(lines, start=1):
            cells = line.split()
            if cells and len(cells) != n_columns:
                return (
                    f"{path}, row {row}: {len(cells)} columns were read, {n_columns} were expected: {again}."
                )
            for column, cell in enumerate(cells, start=1):
                try:
                    finite = np.isfinite(float(cell))
                except ValueError:
                    finite = False
                if not finite:
                    where = f"{path}, row {row}, column {column}"
                    return f"{where}: {cell!r} was read, a number was expected: {again}."
    return f"{path} has no row, rows of {n_columns} numbers were expected: {again}."
