"""The identity of RUL data: two results with the same fingerprint speak of the same data."""

from __future__ import annotations

import hashlib

import numpy as np

from predictive_maintenance.histories import RulData


def fingerprint(data: RulData) -> str:
    """Identify data by a sha256 of everything that a method or a score can depend on; not of the description.

    Parameters
    ----------
    data : RulData
        From any source.

    Returns
    -------
    str
        In hexadecimal, 64 characters.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> len(fingerprint(toy_data())), fingerprint(toy_data(9)) == fingerprint(toy_data(10))
    (64, False)
    """
    digest = hashlib.sha256()
    inputs = data.inputs
    for histories in (inputs.train, inputs.test):
        for array in (histories.unit, histories.time, histories.sensors, histories.settings):
            digest.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
        digest.update(
            repr((histories.sensor_names, histories.setting_names, histories.groups)).encode("utf-8")
        )
    digest.update(np.asarray(inputs.lives.end, dtype=np.float64).tobytes())
    digest.update(np.asarray(inputs.lives.failed, dtype=np.uint8).tobytes())
    digest.update(repr(inputs.cap).encode("ascii"))
    if data.rul is not None:
        digest.update(np.asarray(data.rul, dtype=np.float64).tobytes())
    return digest.hexdigest()
