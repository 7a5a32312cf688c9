"""Where independent work runs: the cores of this machine, or a Dask cluster; through joblib in both cases.

Every unit of work carries its own seed, so the figures do not depend on where it ran.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from usecases.errors import UserError
from usecases.schemas import ExecutorNode

PATIENCE_S = 5  # for a scheduler to answer


@contextmanager
def using(executor: ExecutorNode) -> Iterator[None]:
    """Let ``joblib.Parallel`` inside the block use what the configuration says; each library keeps one thread.

    Parameters
    ----------
    executor : ExecutorNode
        ``executor=local`` or ``executor=dask executor.address=...``.

    Raises
    ------
    UserError
        When the cluster does not answer, or Dask is not installed.

    Examples
    --------
    >>> from joblib import Parallel, delayed
    >>> with using(ExecutorNode(n_jobs=2)):
    ...     Parallel()(delayed(abs)(value) for value in (-1, -2))
    [1, 2]
    """
    import joblib

    if executor.name == "dask":
        with connected(executor.address) as client, joblib.parallel_config(backend="dask", client=client):
            yield
    else:
        with joblib.parallel_config(backend=executor.backend, n_jobs=executor.n_jobs):
            yield


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Connect to a Dask scheduler for the block.

    Parameters
    ----------
    address : str or None
        Such as ``tcp://host:8786``.

    Raises
    ------
    UserError
        When there is no such scheduler, it has no worker, or Dask is not installed.
    """
    if not address:
        raise UserError(
            "executor=dask needs the address of a scheduler: type executor.address=tcp://HOST:8786, or executor=local"
        )
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "executor=dask needs Dask, which is not installed: type pip install usecases[cluster], or executor=local"
        ) from error
    logging.getLogger("distributed").setLevel(
        logging.CRITICAL
    )  # what goes wrong is said below, in one sentence
    try:
        _knock(address)
        client = Client(address, timeout=PATIENCE_S, set_as_default=False)
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except Exception as error:  # each transport has its own
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UserError(
            f"the Dask cluster at executor.address={address} does not answer ({reason}): start its scheduler and workers, "
            "correct the address, or type executor=local"
        ) from error
    try:
        yield client
    finally:
        client.close()


def _knock(address: str) -> None:
    """Open a connection and close it: a client of Dask that finds nobody goes on complaining after its error."""
    place = urlsplit(address if "://" in address else f"tcp://{address}")
    if place.scheme not in ("tcp", "tls") or place.hostname is None or place.port is None:
        raise ValueError("tcp://HOST:PORT was expected")
    socket.create_connection((place.hostname, place.port), timeout=PATIENCE_S).close()
