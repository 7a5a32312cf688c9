"""Servers of other programs (MLflow's) that run until Ctrl-C: a port that is free, a start that is waited for, a clean end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from usecases.errors import UserError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE_S = 120  # to start; a slow disk reads torch and mlflow for a long time
GRACE_S = 10  # to end


def need_port(host: str, port: int, retry: str) -> None:
    """Refuse an address where nothing can listen, before anything is started.

    Parameters
    ----------
    host : str
        Name or address of this machine.
    port : int
        From 1 to 65535.
    retry : str
        What to type again; ``--port`` and a free port are added.

    Raises
    ------
    UserError
        When the port is taken or not allowed, or the host is not this machine.

    Examples
    --------
    >>> need_port("127.0.0.1", free_port(), "usecases ui")
    """
    if not 0 < port < 65536:
        raise UserError(
            f"--port {port} was given, but ports go from 1 to 65535: type `{retry} --port {free_port()}`"
        )
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if (
                os.name == "posix"
            ):  # a port that was just given up is free; elsewhere the flag means something else
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise UserError(f"--host {host} is not known ({error.strerror}): type --host 127.0.0.1") from error
    except (OverflowError, UnicodeError) as error:
        raise UserError(f"--host {host} is not an address: type --host 127.0.0.1") from error
    except PermissionError as error:
        raise UserError(
            f"port {port} needs the rights of an administrator: type `{retry} --port {free_port()}`"
        ) from error
    except OSError as error:
        if _is_here(host):
            told = f"port {port} is already used by another program"
            raise UserError(f"{told}: type `{retry} --port {free_port()}`") from error
        raise UserError(
            f"--host {host} is not this machine ({error.strerror}): type --host 127.0.0.1"
        ) from error


def _is_here(host: str) -> bool:
    """Whether some port of that address can be listened on."""
    with suppress(OSError):
        family, kind, _, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.bind(address)
        return True
    return False


def free_port(host: str = "127.0.0.1") -> int:
    """Find a port on which nobody listens.

    Examples
    --------
    >>> 0 < free_port() < 65536
    True
    """
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def address(host: str, port: int) -> str:
    """Write the address to open; what listens everywhere is reached as 127.0.0.1 from here.

    Examples
    --------
    >>> address("0.0.0.0", 5001), address("::1", 5001)
    ('http://127.0.0.1:5001', 'http://[::1]:5001')
    """
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def mlflow_environment(store: str | None = None) -> dict[str, str]:
    """Build the environment for a program of MLflow: offline, quiet, and with this Python's programs found first.

    Parameters
    ----------
    store : str, optional
        Address of the tracking store.
    """
    from usecases import tracking

    variables = dict(os.environ)
    tracking.be_quiet(variables)
    programs = [str(Path(sys.executable).parent), sysconfig.get_path("scripts")]
    variables["PATH"] = os.pathsep.join(dict.fromkeys([*programs, variables.get("PATH", "")]))
    variables["UVICORN_LOG_LEVEL"] = "warning"
    variables["PYTHONIOENCODING"] = "utf-8"
    if store:
        variables["MLFLOW_TRACKING_URI"] = store
    return variables


def run_until_stopped(
    command: Sequence[str], variables: Mapping[str, str], *, health: str, when_ready: Callable[[], Any]
) -> int:
    """Run a server until Ctrl-C (or SIGTERM), and leave no process behind.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    variables : mapping of str to str
        Its environment.
    health : str
        Address that answers once the server is ready.
    when_ready : callable
        Called then, once.

    Returns
    -------
    int
        0 after Ctrl-C.

    Raises
    ------
    UserError
        When the server does not start, or ends by itself; with the last line of what it said.
    """
    with _termination_as_interrupt(), tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=dict(variables), stdout=said, stderr=said, **_own_group())
        try:
            if _answers(process, health):
                when_ready()
            process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(process)
        said.seek(0)
        lines = [line for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        last = lines[-1].strip()[:300] if lines else f"exit code {process.returncode}"
        raise UserError(f"the server did not run ({last}): type `usecases doctor`, and look at the versions")


def _answers(process: subprocess.Popen[bytes], health: str) -> bool:
    """Wait until the server answers; False when it ended before."""
    from urllib.request import ProxyHandler, build_opener

    opener = build_opener(ProxyHandler({}))  # a company's proxy has nothing to say about this machine
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError):
            opener.open(health, timeout=5).close()
            return True
        time.sleep(0.1)
    if process.poll() is None:
        raise UserError(f"the server did not answer at {health} within {PATIENCE_S} s: try again")
    return False


def _own_group() -> dict[str, Any]:
    """Start a process as the head of a group, so that it can be stopped with its children."""
    if os.name == "posix":
        return {"start_new_session": True}
    return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process with its children: asked first, then forced."""
    if os.name == "posix":
        for force in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, force)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
                if not _group_lives(process.pid):
                    return
    else:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)


def _group_lives(group: int) -> bool:
    """Whether a process of the group is left, after some patience."""
    end = time.monotonic() + GRACE_S
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return False
        time.sleep(0.05)
    return True


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM (a service manager, a test) and a closed terminal end a server as cleanly as Ctrl-C does."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    found = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP", "SIGBREAK")]
    before = {}
    with suppress(ValueError):  # not the main thread: nobody can send us a signal
        for number in found:
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # what nohup asks for
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
