"""``usecases feasibility``: ask whether the data can answer, before any project."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from usecases.errors import UserError

Say = Callable[..., None]


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command."""
    raise UserError("usecases feasibility is not there yet: type `usecases --help`")
