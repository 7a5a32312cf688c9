"""A real kit for this system, installed in a fresh environment of a machine that knows no network name."""

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from usecases.errors import UserError
from usecases.offline import kit, own_wheel, pip_calls, wheels

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

BLOCKED = """\
import socket


def refuse(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "no network names in this room")


socket.getaddrinfo = socket.gethostbyname = socket.gethostbyname_ex = refuse
"""
DEAD = {f"{scheme}_{word}": "http://127.0.0.1:9" for scheme in ("http", "https") for word in ("proxy",)}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """Run a command where no name is known: in a network namespace of its own if that is allowed, else Python is told to refuse."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "sitecustomize.py").write_text(BLOCKED, encoding="utf-8")
    alone = ["unshare", "-n"]
    try:
        allowed = subprocess.run([*alone, "true"], capture_output=True).returncode == 0
    except OSError:
        allowed = False
    kept = (
        "PATH",
        "HOME",
        "TMPDIR",
        "TEMP",
        "SYSTEMROOT",
        "LANG",
        "LC_ALL",
        "OMP_NUM_THREADS",
        "MLFLOW_DISABLE_TELEMETRY",
    )
    clean = {key: os.environ[key] for key in kept if key in os.environ}
    # an index that would be taken if pip were allowed to look at one
    clean |= DEAD | {
        "PYTHONPATH": str(folder),
        "PIP_INDEX_URL": "https://example.invalid/simple",
        "PYTHONIOENCODING": "utf-8",
    }

    def run(*typed, cwd=folder, **more):
        typed = [*(alone if allowed else []), *map(str, typed)]
        done = subprocess.run(
            typed, capture_output=True, text=True, encoding="utf-8", env=clean | more, cwd=cwd, timeout=600
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    run.folder = folder
    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The kit, with the public data if they are at hand."""
    folder = tmp_path_factory.mktemp("key") / "kit, clé"
    at_hand = os.environ.get("USECASES_MIRROR")
    datasets = ["cmapss"] if at_hand and Path(at_hand, "cmapss").is_dir() else ["none"]
    environment = {
        **os.environ,
        "USECASES_OFFLINE": "1",
    }  # datasets come from the mirror; pip goes where it always goes
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "usecases.cli", "kit", str(folder), "--datasets", *datasets],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=800,
    )  # fmt: skip
    if re.search("index cannot be reached|CPU build of torch .* cannot be had", done.stderr):
        pytest.skip(done.stderr.strip())
    assert done.returncode == (0 if datasets == ["none"] else 3), (
        done.stdout + done.stderr
    )  # FD004 is in no mirror
    print(f"kit made in {time.monotonic() - started:.0f} s")
    return folder


def test_room_without_network_names_installs_the_kit_and_runs(made, room, record_property):
    with pytest.raises(AssertionError, match=r"gaierror|resolution|not known|no network"):
        room(sys.executable, "-c", "import socket; socket.getaddrinfo('pypi.org', 443)")
    content = json.loads((made / "kit.json").read_text(encoding="utf-8"))
    assert content["bytes"] <= 2_000_000_000
    assert not [
        path.name for path in (made / "wheels").iterdir() if path.name.startswith(("nvidia", "triton"))
    ]
    target = room.folder / "salle d'été"
    started = time.monotonic()
    installer = ["cmd", "/c", made / "install.cmd"] if os.name == "nt" else ["sh", made / "install.sh"]
    said = room(*installer, target, "--lang", "fr")
    seconds = time.monotonic() - started
    record_property("install_s", seconds)
    record_property("kit_bytes", content["bytes"])
    print(
        f"installed in {seconds:.0f} s; the kit has {content['bytes'] / 1e6:.0f} MB, {len(list(made.glob('wheels/*')))} wheels"
    )
    assert "ok  usecases" in said, "doctor was run"
    assert "problem" not in said
    scripts = target / "venv" / ("Scripts" if os.name == "nt" else "bin")
    command = scripts / "usecases"
    work = room.folder / "travail"
    work.mkdir()
    room(command, "run", "predictive_maintenance/rul", "budget=smoke", "tracking=none", cwd=work)
    (result,) = work.glob("runs/*/*/result.json")
    assert json.loads(result.read_text(encoding="utf-8"))["status"] == "ok"
    if content["datasets"]:
        mirror = {"USECASES_MIRROR": str(target / "mirror"), "USECASES_DATA": str(work / "empty")}
        assert "wrong" not in room(command, "data", "verify", "cmapss", cwd=work, **mirror)
        room(
            command,
            "run",
            "predictive_maintenance/rul",
            "data=cmapss",
            "method=mean_life",
            "tracking=none",
            cwd=work,
            **mirror,
        )


def test_the_installed_wheel_packed_again_equals_the_built_one(made, tmp_path):
    (built,) = made.glob("wheels/usecases-*.whl")
    site = tmp_path / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--target",
        str(site),
        str(built),
    ]
    subprocess.run(pip, check=True)
    again = own_wheel.pack_again("usecases", tmp_path, site)
    assert again.name == built.name
    with zipfile.ZipFile(built) as one, zipfile.ZipFile(again) as two:
        assert {i.filename: i.CRC for i in one.infolist() if not i.filename.endswith("RECORD")} == {
            i.filename: i.CRC for i in two.infolist() if not i.filename.endswith("RECORD")
        }
    (tmp_path / "other").mkdir()
    subprocess.run([*pip[:-2], str(tmp_path / "other"), str(again)], check=True)


def test_the_set_of_wheels_is_closed(made):
    here = wheels.Wheels(made / "wheels")
    system = wheels.System(wheels.this_system(), "{}.{}".format(*sys.version_info[:2]))
    found, absent = here.needed(["usecases[excel]", *kit.ALSO], system)
    assert absent == []
    assert {path.name for path in found.values()} == {path.name for path in (made / "wheels").iterdir()}
    (made / "wheels" / found["numpy"].name).rename(made / "wheels" / "hidden")
    try:
        assert [requirement.name for requirement in here.needed(["usecases"], system)[1]] == ["numpy"]
    finally:
        (made / "wheels" / "hidden").rename(found["numpy"])


def test_an_unreachable_index_is_one_sentence(tmp_path, monkeypatch):
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(UserError, match="index cannot be reached"):
        pip_calls.download(tmp_path, ["colorama==0.4.6"], wheels.System("linux", "3.11"))
