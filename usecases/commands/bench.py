"""``usecases bench``: run a suite: data x method x seed x fold, and make one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from usecases.errors import UserError

Say = Callable[..., None]


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command."""
    raise UserError("usecases bench is not there yet: type `usecases --help`")
