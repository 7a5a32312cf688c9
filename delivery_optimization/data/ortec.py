"""Real delivery days of ORTEC's customers, from the EURO Meets NeurIPS 2022 competition (CC BY-NC 4.0: not for commercial use).

Source: W. Kool, L. Bliek, D. Numeroso, et al., "The EURO Meets NeurIPS 2022 Vehicle Routing Competition", 2022;
https://github.com/ortec/euro-neurips-vrp-2022-quickstart. Asymmetric driving times in whole seconds; the cost is the driving
time, waiting and service are free, and so is the number of vehicles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from delivery_optimization.data import best_known
from delivery_optimization.data.describe import convention, objective
from delivery_optimization.data.routing_data import RoutingData
from delivery_optimization.data.vrplib_files import read_vrplib
from delivery_optimization.instance import Instance
from usecases.errors import UserError, nearest

# in the order of the published tables: from the smallest to the largest
NAMES = (
    "ORTEC-VRPTW-ASYM-cc05bba4-d1-n200-k15",
    "ORTEC-VRPTW-ASYM-2322c8ce-d1-n222-k30",
    "ORTEC-VRPTW-ASYM-a161ee71-d1-n250-k25",
    "ORTEC-VRPTW-ASYM-57977bd6-d1-n281-k17",
    "ORTEC-VRPTW-ASYM-18f115bd-d1-n312-k18",
    "ORTEC-VRPTW-ASYM-a9f9af05-d1-n338-k25",
    "ORTEC-VRPTW-ASYM-72419b57-d1-n383-k27",
    "ORTEC-VRPTW-ASYM-a9f1170f-d1-n441-k30",
)
SHORT = {name.split("-")[5]: name for name in NAMES}  # n200 ... n441


@dataclass(frozen=True)
class Ortec:
    """ORTEC's static instances.

    Parameters
    ----------
    instance : str
        ``n200`` (or its whole name), several as ``n200+n250+n281``, or ``all``.

    Raises
    ------
    UserError
        If there is no such instance.
    """

    instance: str = "all"

    def __post_init__(self) -> None:
        for name in str(self.instance).split("+"):
            if name not in ("all", *SHORT, *NAMES):
                raise UserError(
                    f"Unknown instance data.instance={name}: {nearest(name, ('all', *SHORT, *NAMES))}."
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Whole names of the chosen instances."""
        if self.instance == "all":
            return NAMES
        return tuple(SHORT.get(name, name) for name in str(self.instance).split("+"))

    def read(self, seed: int) -> RoutingData:
        """Fetch and read the files; the seed changes nothing."""
        from usecases import data

        files = data.fetch("ortec2022", [f"{name}.txt" for name in self.names])
        instances = tuple(read_ortec(files[f"{name}.txt"]) for name in self.names)
        return RoutingData(
            instances,
            tuple(best_known.ortec_static(name).cost for name in self.names),
            description={
                "name": f"ortec2022 {self.instance}",
                "kind": "field",
                "licence": "CC BY-NC 4.0",
                "convention": convention("integer"),
                "objective": objective("driving_time"),
                "n_instances": len(instances),
                "n_orders": sum(instance.n_orders for instance in instances),
            },
        )


def read_ortec(path: Path) -> Instance:
    """Read one instance; the fleet is unlimited, as in the competition.

    Parameters
    ----------
    path : Path
        VRPLIB file with an explicit matrix.

    Returns
    -------
    Instance
        Cost is driving time in seconds.

    Examples
    --------
    >>> import tempfile
    >>> from delivery_optimization.data.vrplib_files import write_vrplib
    >>> from delivery_optimization.examples import small
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_vrplib(Path(folder) / "a.txt", small())
    ...     read_ortec(Path(folder) / "a.txt").cost_unit
    's'
    """
    instance = read_vrplib(path)
    return replace(
        instance,
        vehicles=(replace(instance.vehicles[0], number=max(instance.n_orders, 1)),),
        time_unit="s",
        distance_unit="s",
        cost_unit="s",
    )
