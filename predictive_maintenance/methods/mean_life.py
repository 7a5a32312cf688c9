"""The trivial method: every unit lives as long as the average failed one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from predictive_maintenance.histories import Histories, Lives
from usecases import paths
from usecases.contract import Budget, Progress
from usecases.errors import UserError


@dataclass(frozen=True)
class MeanLifeModel:
    """Mean life of the failed training units, minus the age.

    Parameters
    ----------
    mean_life : float
        Mean age at failure, in time units.
    cap : float
        Longest predicted remaining life.
    """

    mean_life: float
    cap: float

    def predict(self, histories: Histories, rows: np.ndarray | None = None) -> np.ndarray:
        """Remaining life at some rows (each unit's last by default), from the age alone; shape (n_asked,)."""
        rows = histories.last_rows() if rows is None else np.asarray(rows)
        return np.clip(self.mean_life - histories.time[rows], 0.0, self.cap)

    def save(self, folder: Path) -> None:
        """Write it as ``mean_life.json``."""
        paths.write_json(folder / "mean_life.json", asdict(self))

    @classmethod
    def load(cls, folder: Path) -> MeanLifeModel:
        """Read what `save` wrote."""
        return cls(**json.loads((folder / "mean_life.json").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class MeanLife:
    """Predicts the mean age at failure of the training units minus the present age, between 0 and the cap.

    Censored lives are left out, which makes it pessimistic where machines are replaced early: that is what the
    rule of thumb in a workshop does. It looks at no sensor.

    Examples
    --------
    >>> h = Histories(np.array([0, 0, 1]), np.array([1.0, 30.0, 1.0]), np.ones((3, 1)), np.empty((3, 0)),
    ...               ("A", "B"), ("A", "B"), ("s",))
    >>> lives = Lives(np.array([30.0, 40.0]), np.array([True, True]))
    >>> model = MeanLife().fit(h, lives, cap=20.0, seed=0, budget=Budget(), device="cpu", progress=lambda i, **_: i)
    >>> model.predict(h).tolist()
    [5.0, 20.0]
    """

    def fit(
        self,
        train: Histories,
        lives: Lives,
        *,
        cap: float,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> MeanLifeModel:
        """Average the lives that ended with a failure.

        Raises
        ------
        UserError
            When none did.
        """
        failed = np.asarray(lives.end, dtype=float)[np.asarray(lives.failed, dtype=bool)]
        if not len(failed):
            raise UserError(
                f"none of the {train.n_units} training lives ended with a failure and at least one must: "
                "add failed units to the training data"
            )
        return MeanLifeModel(float(failed.mean()), float(cap))
