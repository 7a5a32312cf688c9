"""``usecases serve``: serve the model of a run over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from usecases.errors import UserError

Say = Callable[..., None]


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command."""
    raise UserError("usecases serve is not there yet: type `usecases --help`")
