"""The one exception that means "the user can put this right"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """A mistake that the user can correct, told in one sentence.

    The message says what was given, what was expected and what to type next. The command line prints
    it without a traceback (``--debug`` shows one).

    Parameters
    ----------
    message : str
        One sentence, in English, without a final line break.
    """


class TooFewError(UserError):
    """The data are right, but there are too few of them: `usecases feasibility` answers "more data"."""


def nearest(given: str, allowed: Iterable[str]) -> str:
    """Say which allowed names exist, the nearest first.

    Parameters
    ----------
    given : str
        The name that was typed.
    allowed : iterable of str
        The names that would have been accepted.

    Returns
    -------
    str
        A phrase such as ``"did you mean 'ridge'? allowed: lightgbm, ridge"``.

    Examples
    --------
    >>> nearest("rigde", ["ridge", "lightgbm"])
    "did you mean 'ridge'? allowed: lightgbm, ridge"
    >>> nearest("x", [])
    'none is available'
    """
    names = sorted(set(allowed))
    if not names:
        return "none is available"
    listed = "allowed: " + ", ".join(names)
    lower = {name.lower(): name for name in names}
    close = get_close_matches(given.lower(), lower, n=1, cutoff=0.6)
    return f"did you mean '{lower[close[0]]}'? {listed}" if close else listed
