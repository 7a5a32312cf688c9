"""How much longer or shorter the legs of a day really take: a part that a courier's legs share, and a part of each leg.

Drawn in advance, for every courier and every pair of places, so that a policy changes nothing about it. What is left out when
legs are drawn independently of each other: C. Bomboi, C. Buchheim, J. Pruente, *4OR*, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delivery_optimization.data.city_truth import TravelLaw

Array = np.ndarray
STEP = 900.0  # s for which a courier's shared part stays the same


@dataclass(frozen=True, eq=False)
class TravelNoise:
    """Factors of mean 1 on the travel times of one day.

    Parameters
    ----------
    law : TravelLaw
        Variances, and how long a courier's shared part remembers itself.
    begins : float
        When the first step of the shared part begins (s).
    shared : ndarray of shape (n_couriers, n_steps)
        Standard normal; correlation ``exp(-lag / common_hours)`` along a row.
    own : tuple of ndarray of shape (n_places, n_places)
        Standard normal, for each travel table.

    Examples
    --------
    >>> from delivery_optimization.instance import SpeedProfile
    >>> law = TravelLaw((0.2,), 0.5, 2.0, SpeedProfile(np.zeros(1), np.ones(1)), 1.0)
    >>> noise = TravelNoise.drawn(law, 3, 2, (0.0, 3600.0), np.random.default_rng(0))
    >>> noise.factor(0, courier=1, time=1800.0, leg=(0, 2)) > 0
    True
    """

    law: TravelLaw
    begins: float
    shared: Array
    own: tuple[Array, ...]

    @classmethod
    def drawn(
        cls,
        law: TravelLaw,
        n_places: int,
        n_couriers: int,
        hours: tuple[float, float],
        rng: np.random.Generator,
    ) -> TravelNoise:
        """Draw the day.

        Parameters
        ----------
        law : TravelLaw
            Of the day.
        n_places, n_couriers : int
            How many.
        hours : tuple of float
            Between which couriers drive (s); before and after, the first and the last step go on.
        rng : numpy.random.Generator
            Of the data's seed and the day.

        Returns
        -------
        TravelNoise
        """
        own = tuple(rng.standard_normal((n_places, n_places)) for _ in law.cv)
        kept = np.exp(-STEP / (3600 * law.common_hours)) if law.common_hours > 0 else 0.0
        shared = rng.standard_normal((n_couriers, max(1, int(np.ceil((hours[1] - hours[0]) / STEP)))))
        for k in range(1, shared.shape[1]):
            shared[:, k] = kept * shared[:, k - 1] + np.sqrt(1 - kept**2) * shared[:, k]
        return cls(law, hours[0], shared, own)

    def factor(self, travel: int, courier: int, time: float, leg: tuple[int, int]) -> float:
        """Factor of a leg: log-normal of mean 1, of whose log-variance the courier's legs share `common_share`.

        Parameters
        ----------
        travel : int
            Number of the travel table.
        courier : int
            Who drives.
        time : float
            When the leg begins (s).
        leg : tuple of int
            Places from which and to which.
        """
        step = min(max(int((time - self.begins) / STEP), 0), self.shared.shape[1] - 1)
        common, each = self.law.log_sd(travel)
        log = common * self.shared[courier, step] + each * self.own[travel][leg]
        return float(np.exp(log - (common**2 + each**2) / 2))
