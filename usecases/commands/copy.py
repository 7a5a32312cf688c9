"""``usecases copy``: copy a use case into an installable project of your own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from usecases.errors import UserError

Say = Callable[..., None]


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command."""
    raise UserError("usecases copy is not there yet: type `usecases --help`")
