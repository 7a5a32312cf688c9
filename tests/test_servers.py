"""Servers end as cleanly as they start: no orphan, no traceback, and a free port is proposed where one is taken."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from usecases import cli, config, runner, servers
from usecases.errors import UserError

OPEN = build_opener(ProxyHandler({})).open
TOYS = next(path for path in sys.path if path.endswith("toys"))
posix = pytest.mark.skipif(os.name != "posix", reason="process groups")


@pytest.fixture
def taken():
    """A port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def run_folder(tmp_path):
    return runner.execute(config.compose("toy_cases", "average", ["method=linear"])).folder


def start(tmp_path, *arguments):
    """A command of ours in a process and a group of its own, as from a terminal."""
    environment = os.environ | {"PYTHONPATH": TOYS}
    return subprocess.Popen(
        [sys.executable, "-m", "usecases.cli", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment, cwd=tmp_path,
    )  # fmt: skip


def children(process):
    """Identities of all processes below one."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listed.splitlines()[1:])}
    below, front = set(), {process.pid}
    while front:
        front = {pid for pid, parent in parents.items() if parent in front}
        below |= front
    return below


def alive(pids):
    return [pid for pid in pids if _state(pid) not in (None, "Z")]


def _state(pid):
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return done.stdout.strip()[:1] or None


@posix
@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(getattr(signal, "SIGHUP", 1), marks=pytest.mark.slow),
    ],
)
def test_serve_says_what_to_ask_answers_it_and_stops_cleanly(run_folder, tmp_path, stop):
    """The run was not tracked: `usecases serve` needs only its folder."""
    port = servers.free_port()
    process = start(tmp_path, "serve", run_folder, "--port", port)
    try:
        said = [process.stdout.readline() for _ in range(6)]
        assert said[0].startswith(f"ready: http://127.0.0.1:{port}/invocations"), process.stderr.read()
        body = re.search(r"-d '(.*)'", said[2])[1]
        address = f"http://127.0.0.1:{port}/invocations"
        request = Request(address, body.encode(), {"Content-Type": "application/json"})
        assert b'"prediction": 0.0' in OPEN(request, timeout=30).read()
        below = children(process)
        assert below
        process.send_signal(stop)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
        assert not alive(below)
        servers.need_port("127.0.0.1", port, "")
    finally:
        process.kill()


@posix
@pytest.mark.slow
def test_ui_shows_the_runs_of_this_folder_and_stops_cleanly(tracked_runs, tmp_path):
    runner.execute(config.compose("toy_cases", "average", ["tracking=mlflow", "baselines=[]"]))
    port = servers.free_port()
    process = start(tmp_path, "ui", "--port", port, "--lang", "fr")
    try:
        assert process.stdout.readline().startswith(f"prêt\u202f: ouvrez http://127.0.0.1:{port}"), (
            process.stderr.read()
        )
        search = f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/search"
        request = Request(search, b'{"max_results": 10}', {"Content-Type": "application/json"})
        assert b'"toy_cases/average"' in OPEN(request, timeout=30).read()
        assert b"MLflow" in OPEN(f"http://127.0.0.1:{port}/", timeout=30).read()
        below = children(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
        assert not alive(below)
    finally:
        process.kill()


@pytest.mark.parametrize("command", ["serve", "ui"])
def test_port_in_use_is_one_sentence_with_a_free_port(command, run_folder, tracked_runs, taken, capsys):
    given = [command, str(run_folder)] if command == "serve" else [command]
    assert cli.main([*given, "--port", str(taken)]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert f"port {taken} is already used" in sentence
    proposed = int(re.search(r"--port (\d+)", sentence)[1])
    servers.need_port("127.0.0.1", proposed, "")


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", 0, "1 to 65535"),
        ("127.0.0.1", 99999, "1 to 65535"),
        ("127.0.0.1", -1, "1 to 65535"),
        ("no such host", 5001, "not known"),
        ("203.0.113.7", 5001, "not this machine"),
        ("a" * 300, 5001, "--host 127.0.0.1"),
        ("é..x", 5001, "--host 127.0.0.1"),
    ],
)
def test_address_that_nobody_can_listen_on(host, port, words):
    with pytest.raises(UserError, match=re.escape(words)):
        servers.need_port(host, port, "usecases ui")


def test_no_run_was_tracked_yet(tmp_path, capsys):
    assert cli.main(["ui"]) == 2
    assert "no run was tracked yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("toy_cases/average", "has no service of its own"),
        ("nowhere", "does not exist"),
        ("a" * 300, "cannot be opened"),
    ],
)
def test_what_cannot_be_served(given, words, capsys):
    assert cli.main(["serve", given]) == 2
    assert words in capsys.readouterr().err


@posix
def test_server_that_does_not_start_says_its_last_line(tmp_path):
    began = time.monotonic()
    program = [sys.executable, "-c", "import sys; print('first'); sys.exit('the model is broken')"]
    with pytest.raises(UserError, match="the model is broken"):
        servers.run_until_stopped(program, os.environ, health="http://127.0.0.1:9/", when_ready=pytest.fail)
    assert time.monotonic() - began < 20
