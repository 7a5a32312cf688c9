"""``usecases exercise``: list, show and check the exercises of the course."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from usecases.errors import UserError

Say = Callable[..., None]


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command."""
    raise UserError("usecases exercise is not there yet: type `usecases --help`")
