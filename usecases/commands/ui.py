"""``usecases ui``: open MLflow's pages on the right store."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from usecases import paths, servers, tracking
from usecases.commands import Say, command_parser
from usecases.errors import UserError

READY = {
    "en": "ready: open {address} in a browser; Ctrl-C stops it",
    "fr": "prêt\u202f: ouvrez {address} dans un navigateur\u202f; Ctrl-C l’arrête",
}


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Show the tracked runs until Ctrl-C.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases ui``.
    lang : {"en", "fr"}
        Language when ``--lang`` is not given.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0 after Ctrl-C.

    Raises
    ------
    UserError
        When no run was tracked yet, or the port is taken.
    """
    parser = command_parser("ui", "MLflow's pages on your runs, on this machine only.", lang)
    parser.add_argument("--port", type=int, default=5000, help="default 5000")
    arguments = parser.parse_args(list(rest))
    if not (paths.runs_folder() / "mlflow.db").is_file():
        raise UserError(
            f"no run was tracked yet in {paths.runs_folder()}: type `usecases run NAME` first, "
            "or set USECASES_RUNS to the folder of your runs"
        )
    servers.need_port("127.0.0.1", arguments.port, "usecases ui")
    address = servers.address("127.0.0.1", arguments.port)
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(arguments.port)]
    command += [
        "--backend-store-uri",
        tracking.store_uri(),
        "--default-artifact-root",
        tracking.artifact_root(),
    ]
    command += ["--workers", "1"]
    return servers.run_until_stopped(
        command,
        servers.mlflow_environment(tracking.store_uri()) | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        health=f"{address}/health",
        when_ready=lambda: say(READY[arguments.lang].format(address=address), flush=True),
    )
