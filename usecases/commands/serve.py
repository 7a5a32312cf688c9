"""``usecases serve``: serve the model of a run over HTTP, with MLflow's scoring server."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from usecases import mlflow_model, models, servers
from usecases.commands import Say, command_parser
from usecases.errors import UserError

WORDS = {
    "en": {
        "ready": "ready: {address}/invocations answers with the model of {folder}",
        "ask": "ask it from another terminal:",
        "file": "or post a file with commas:  curl -s {address}/invocations -H 'Content-Type: text/csv' --data-binary @rows.csv",
        "stop": "Ctrl-C stops it",
        "open": "anybody who reaches this machine on port {port} can ask it, and nothing is encrypted",
    },
    "fr": {
        "ready": "prêt\u202f: {address}/invocations répond avec le modèle de {folder}",
        "ask": "pour l’interroger depuis un autre terminal\u202f:",
        "file": "ou un fichier à virgules\u202f:  curl -s {address}/invocations -H 'Content-Type: text/csv' --data-binary @lignes.csv",
        "stop": "Ctrl-C l’arrête",
        "open": "quiconque atteint cette machine sur le port {port} peut l’interroger, et rien n’est chiffré",
    },
}


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Serve until Ctrl-C.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases serve``.
    lang : {"en", "fr"}
        Language when ``--lang`` is not given.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0 after Ctrl-C.
    """
    parser = command_parser("serve", "Serve the model of a run over HTTP.", lang)
    parser.add_argument("run", metavar="RUN_DIR", help="the folder of a run")
    parser.add_argument("--port", type=int, default=5001, help="default 5001")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine only")
    arguments = parser.parse_args(list(rest))
    model = models.load(_folder(arguments.run))
    servers.need_port(arguments.host, arguments.port, f"usecases serve {_quoted(arguments.run)}")
    words, address = WORDS[arguments.lang], servers.address(arguments.host, arguments.port)
    if arguments.host not in servers.LOOPBACK:
        say(words["open"].format(port=arguments.port), file=sys.stderr)

    def ready() -> None:
        say(words["ready"].format(address=address, folder=model.folder.parent))
        say(words["ask"])
        for line in requests(model.example(), f"{address}/invocations"):
            say(f"  {line}")
        say(words["file"].format(address=address))
        say(words["stop"], flush=True)

    variables = servers.mlflow_environment()
    with tempfile.TemporaryDirectory(prefix="usecases-") as scratch:
        exported = Path(scratch) / "model"
        mlflow_model.export(model.folder, exported)
        command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(exported)]
        command += ["--env-manager", "local"]
        command += ["--host", arguments.host, "--port", str(arguments.port)]
        return servers.run_until_stopped(command, variables, health=f"{address}/ping", when_ready=ready)


def _folder(given: str) -> str:
    """Refuse what is no folder; services that a card names will be found here."""
    from usecases import catalogue

    named = given.partition("/")[0] in catalogue.entries()
    if named and not (Path(given) / "result.json").is_file():
        raise UserError(
            f"{given} is a use case and has no service of its own: give the folder of a run, `usecases serve RUN_DIR`"
        )
    return given


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


def requests(example: Any, address: str) -> list[str]:
    r"""Write the same request for curl and for PowerShell.

    Parameters
    ----------
    example : pandas.DataFrame or object
        A synthetic input; its first row is shown, in four digits.
    address : str
        Where to post.

    Returns
    -------
    list of str
        Two command lines.

    Examples
    --------
    >>> import pandas as pd
    >>> requests(pd.DataFrame({"x": [0.5]}), "http://127.0.0.1:5001/invocations")[0]
    'curl -s http://127.0.0.1:5001/invocations -H \'Content-Type: application/json\' -d \'{"dataframe_records": [{"x": 0.5}]}\''
    """
    from usecases import paths
    from usecases.served_model import plain_rows

    if hasattr(example, "columns"):
        (first,) = paths.plain(plain_rows(example[:1]).to_dict("records"))
        short = {
            key: float(f"{cell:.4g}") if isinstance(cell, float) else cell for key, cell in first.items()
        }
        body = json.dumps({"dataframe_records": [short]})
    else:
        body = json.dumps({"inputs": paths.plain(example)})
    quoted = body.replace("'", "\\u0027")
    return [
        f"curl -s {address} -H 'Content-Type: application/json' -d '{quoted}'",
        f"Invoke-RestMethod {address} -Method Post -ContentType application/json -Body '{quoted}'",
    ]
