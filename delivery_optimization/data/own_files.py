"""Which of a person's files holds what: a folder of a day, a spreadsheet, or a file in a form that others define."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from delivery_optimization.data.describe import convention
from delivery_optimization.data.routing_data import RoutingData
from usecases.errors import UserError
from usecases.tabular import fold_case
from usecases.textfile import existing_file, shown

NAMES = {  # case and accents do not matter
    "orders": ("orders", "commandes"),
    "vehicles": ("vehicles", "vehicules"),
    "durations": ("durations", "durees"),
}
ENDINGS = {"orders": (".csv", ".xlsx"), "vehicles": (".csv", ".xlsx"), "durations": (".json", ".csv")}


@dataclass(frozen=True)
class Files:
    """The files of one source.

    Parameters
    ----------
    orders : pathlib.Path
        Spreadsheet of orders, or a file in a known form.
    vehicles, durations : pathlib.Path, optional
        None where there is none.
    """

    orders: Path
    vehicles: Path | None = None
    durations: Path | None = None


def find_files(path: str, vehicles: str | None = None, durations: str | None = None) -> Files:
    """Find the files: those named, and in a folder those that have the usual names.

    Parameters
    ----------
    path : str
        A file of orders, or a folder.
    vehicles, durations : str, optional
        Files that were named; they come before those of the folder.

    Returns
    -------
    Files

    Raises
    ------
    UserError
        If a file is absent, or a folder holds no orders.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "commandes.csv").touch()
    >>> find_files(str(folder)).orders.name, find_files(str(folder)).vehicles
    ('commandes.csv', None)
    """
    named = {"vehicles": vehicles, "durations": durations}
    found: dict[str, Path | None] = {
        key: None if given is None else existing_file(given) for key, given in named.items()
    }
    place = Path(path)
    with suppress(RuntimeError):  # ~day, where day is nobody: the name itself
        place = place.expanduser()
    try:
        folder = place.is_dir()
    except (OSError, ValueError):
        folder = False
    if not folder:
        return Files(existing_file(path), found["vehicles"], found["durations"])
    inside = {fold_case(file.name): file for file in sorted(place.iterdir()) if file.is_file()}

    def usual(what: str) -> Path | None:
        return next((inside[n + e] for n in NAMES[what] for e in ENDINGS[what] if n + e in inside), None)

    orders = usual("orders")
    if orders is None:
        held = f"it holds {', '.join(shown(name) for name in list(inside)[:5])}" if inside else "it is empty"
        raise UserError(
            f"{shown(place)} is a folder without orders.csv or commandes.csv ({held}): name the file of orders so, or give its path"
        )
    return Files(orders, found["vehicles"] or usual("vehicles"), found["durations"] or usual("durations"))


def is_known_form(path: Path) -> bool:
    r"""Whether a file is written in the form of Solomon, VRPLIB or VROOM, by its first lines.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    bool

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "r101.txt"
    >>> _ = file.write_text("R101\n\nVEHICLE\nNUMBER     CAPACITY\n", encoding="utf-8")
    >>> is_known_form(file)
    True
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(4000).decode("latin-1").lstrip("ï»¿ \t\r\n")
    except OSError:
        return False
    if head.startswith("{"):
        return True
    vrplib = re.search(r"^(NAME|COMMENT|TYPE|DIMENSION)\s*:", head, re.MULTILINE) is not None
    solomon = re.search(r"^\s*VEHICLE\s*$", head, re.MULTILINE) is not None and "CAPACITY" in head
    return vrplib or solomon


def read_known_form(path: Path) -> RoutingData:
    """Read a Solomon, VRPLIB or VROOM file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    RoutingData
        Without a best known cost.
    """
    from delivery_optimization.data.formats import read_any

    instance = read_any(path)
    return RoutingData(
        (instance,),
        description={
            "name": "own",
            "kind": "own",
            "licence": {"en": "yours", "fr": "la vôtre"},
            "file": path.name,
            "convention": convention(instance.convention.name),
            "n_orders": instance.n_orders,
            "n_vehicles": int(sum(vehicle.number for vehicle in instance.vehicles)),
        },
    )
