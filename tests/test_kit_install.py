"""What a kit carries for the room: pages whose links work, and installers that refuse with one sentence."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest

from usecases import paths
from usecases.offline import pages, scripts, wheels

HERE = "{}.{}".format(*sys.version_info[:2])
SYSTEM = wheels.System(wheels.this_system(), HERE)


# Pages


class Addresses(HTMLParser):
    """All links, pictures and names of a page."""

    def __init__(self, page):
        super().__init__()
        self.targets, self.names = [], set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src"):
                self.targets.append(value)
            if name == "id":
                self.names.add(value)


def test_every_link_of_every_page_works_without_a_network(tmp_path):
    written = pages.write_pages(tmp_path / "docs")
    assert {"index.html", "README.html", "README.fr.html"} <= {page.name for page in written}
    for page in written:
        for target in Addresses(page).targets:
            parts = urlsplit(target)
            assert (parts.scheme, parts.netloc) == ("", ""), f"{page}: {target}"
            aimed = page.parent / unquote(parts.path) if parts.path else page
            assert aimed.is_file(), f"{page}: {target}"
            if parts.fragment:
                assert unquote(parts.fragment) in Addresses(aimed).names, f"{page}: {target}"
    readme = (tmp_path / "docs" / "README.fr.html").read_text(encoding="utf-8")
    assert "<table>" in readme
    assert '<html lang="fr">' in readme
    assert "<!-- table" not in readme
    first = next(target for target in Addresses(written[0]).targets if target.startswith("fr/"))
    assert first == "fr/index.html", "the page that says what is where comes first"


def test_links_out_of_the_pages_become_text():
    given = {
        "docs/en/a.md": Path(),
        "docs/en/b c.md": Path(),
        "docs/gallery/p.png": Path(),
        "README.md": Path(),
    }
    source = (
        "[b](b%20c.md#x) [code](../../usecases/runner.py) [`net`](https://example.org/x) "
        "![p](../gallery/p.png) ![q](q.png) [home](../../README.md) [here](#h) <script>x</script>"
    )
    html = pages.render(source, "docs/en/a.md", given)
    assert '<a href="b%20c.html#x">b</a> code <code>net</code> (https://example.org/x)' in html
    assert (
        '<img src="../gallery/p.png" alt="p"> q <a href="../README.html">home</a> <a href="#h">here</a>'
        in html.replace(" />", ">")
    )
    assert "<script" not in html


# Scripts


@pytest.fixture
def folder(tmp_path):
    """A kit with no wheels in it."""
    made = tmp_path / "clé"
    made.mkdir()
    scripts.write_scripts(made, [SYSTEM], ["toy"])
    (made / "docs").mkdir()
    (made / "docs" / "index.html").write_text("page", encoding="utf-8")
    (made / "mirror" / "toy").mkdir(parents=True)
    (made / "mirror" / "toy" / "a.txt").write_bytes(b"1")
    (made / "SHA256SUMS").write_text(
        f"{paths.sha256(made / 'mirror/toy/a.txt')}  mirror/toy/a.txt\n", encoding="utf-8"
    )
    content = {"version": "0.1.0", "python": HERE, "systems": {SYSTEM.name: {"wheels": []}}, "also": []}
    (made / "kit.json").write_text(json.dumps(content), encoding="utf-8")
    return made


@pytest.fixture
def installer(folder):
    """The kit's `install.py` as a module; pip, venv and doctor are noted, not run."""
    spec = importlib.util.spec_from_file_location("kit_installer", folder / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    calls = []

    def run(typed, **options):
        calls.append((list(map(str, typed)), options["env"]))
        return SimpleNamespace(returncode=0)

    module.subprocess = SimpleNamespace(run=run)
    module.calls = calls
    return module


def test_scripts_are_filled_in_and_read_by_their_programs(folder):
    for name in scripts.SCRIPTS:
        body = (folder / name).read_bytes()
        assert b"@" not in body.replace(b"$@", b"").replace(b"@args", b"").replace(b"@options", b"").replace(
            b"@(", b""
        ).replace(b"@echo", b""), name
        assert (b"\r\n" in body) == (not name.endswith((".sh", ".py"))), name
        assert body.startswith(b"\xef\xbb\xbf") == name.endswith((".txt", ".ps1")), name
    assert HERE.encode() in (folder / "install.ps1").read_bytes()
    for name in ("README.txt", "LISEZMOI.txt"):  # where a company forbids scripts
        assert f"py -{HERE} install.py" in (folder / name).read_text(encoding="utf-8-sig")
    if shutil.which("sh"):
        subprocess.run(["sh", "-n", str(folder / "install.sh")], check=True)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_install_sh_finds_python_or_says_that_there_is_none(folder, tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    for tool in ("dirname",):
        (empty / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(
        [shutil.which("sh"), str(folder / "install.sh")],
        capture_output=True,
        text=True,
        env={"PATH": str(empty)},
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Python {HERE} was not found" in done.stderr
    (empty / "python3").symlink_to(sys.executable)
    done = subprocess.run(
        [shutil.which("sh"), str(folder / "install.sh"), "--help"],
        capture_output=True,
        text=True,
        env={"PATH": str(empty)},
    )
    assert "--mirror-on-key" in done.stdout


def test_installation_goes_through_pip_without_index_and_the_data_are_found(
    folder, installer, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org")
    target = tmp_path / "la salle d'été"
    scripts = target / "venv" / ("Scripts" if os.name == "nt" else "bin")
    scripts.mkdir(parents=True)
    (target / installer.MARK).touch()
    (scripts / "activate").write_text("# made by venv\n", encoding="utf-8")
    (scripts / "Activate.ps1").write_text("# made by venv\n", encoding="utf-8")
    assert installer.main([str(target), "--lang", "fr"]) == 0
    assert installer.main([str(target), "--lang", "fr"]) == 0, "a second time repairs"
    pip = [(typed, env) for typed, env in installer.calls if "install" in typed]
    assert all("--no-index" in typed and str(folder / "wheels") in typed for typed, _ in pip)
    assert not any("PIP_INDEX_URL" in env for _, env in pip)
    assert installer.calls[-1][0][-1] == "doctor"
    assert installer.calls[-1][1]["USECASES_MIRROR"] == str(target / "mirror")
    assert (target / "mirror" / "toy" / "a.txt").read_bytes() == b"1"
    assert (target / "docs" / "index.html").is_file()
    assert (scripts / "activate").read_text(encoding="utf-8").count("USECASES_MIRROR") == 1
    assert "PSScriptRoot" in (scripts / "Activate.ps1").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert "usecases run predictive_maintenance/rul budget=smoke lang=fr" in said
    if shutil.which("sh") and os.name != "nt":
        shell = f'. "{scripts}/activate"; printf %s "$USECASES_MIRROR"'
        done = subprocess.run(
            ["sh", "-c", shell], capture_output=True, text=True, encoding="utf-8", check=True
        )
        assert done.stdout == str(target / "mirror"), "accents, spaces and apostrophes pass"


def test_activate_bat_sets_the_mirror_before_the_code_page_is_given_back(installer, tmp_path):
    script = tmp_path / "venv" / "Scripts" / "activate.bat"
    script.parent.mkdir(parents=True)
    script.write_bytes(b"chcp 65001\r\n:END\r\nchcp 850\r\n")
    for _ in range(2):
        installer.say_mirror(tmp_path / "venv", tmp_path / "mirror")
    lines = script.read_bytes().decode("utf-8").split("\r\n")
    assert lines.count(f'set "USECASES_MIRROR={tmp_path / "mirror"}"') == 1
    assert lines.index(f'set "USECASES_MIRROR={tmp_path / "mirror"}"') < lines.index(":END")


def test_what_windows_is_told_to_type_runs_though_scripts_are_off(installer, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(installer.os, "name", "nt")
    installer.farewell(tmp_path, installer.WORDS["fr"], "fr", 1.0)
    monkeypatch.undo()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "Activate.ps1" in line]
    assert line.index("Set-ExecutionPolicy -Scope Process Bypass") < line.index("; & ")


def test_with_the_mirror_on_the_key_nothing_is_copied(folder, installer, tmp_path):
    assert installer.main([str(tmp_path / "room"), "--mirror-on-key"]) == 0
    assert not (tmp_path / "room" / "mirror").exists()
    assert installer.calls[-1][1]["USECASES_MIRROR"] == str(folder / "mirror")


def edit(folder, **changes):
    content = json.loads((folder / "kit.json").read_text(encoding="utf-8"))
    (folder / "kit.json").write_text(json.dumps(content | changes), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda kit: (kit / "kit.json").unlink(), "not complete"),
        (lambda kit: (kit / "kit.json").write_text("{", encoding="utf-8"), "not complete"),
        (lambda kit: edit(kit, python="3.99"), "needs Python 3.99"),
        (lambda kit: edit(kit, systems={"beos": {"wheels": []}}), "made for beos, not for"),
        (lambda kit: (kit / "mirror/toy/a.txt").write_bytes(b"2"), "is damaged: mirror/toy/a.txt"),
        (lambda kit: (kit / "mirror/toy/a.txt").unlink(), "is damaged: mirror/toy/a.txt"),
    ],
)
def test_a_kit_that_does_not_suit_installs_nothing(folder, installer, tmp_path, capsys, spoil, said):
    spoil(folder)
    assert installer.main([str(tmp_path / "room"), "--lang", "en"]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "room").exists()
    assert installer.calls == []


def test_a_folder_with_something_else_is_left_alone(installer, tmp_path, capsys):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.odt").touch()
    (tmp_path / "file").touch()
    for folder in ("theirs", "file"):
        assert installer.main([str(tmp_path / folder), "--lang", "fr"]) == 2
        assert "n’est pas une installation de ce kit" in capsys.readouterr().err
    assert installer.main([str(tmp_path / "file" / "below"), "--lang", "en"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert installer.calls == []


def test_failures_of_venv_and_pip_say_what_to_do(installer, tmp_path, capsys):
    for step, said in (("venv", "sudo apt install"), ("--no-index", "could not be installed")):
        installer.subprocess.run = lambda typed, step=step, **_: SimpleNamespace(
            returncode=int(step in typed)
        )
        assert installer.main([str(tmp_path / "room"), "--lang", "en"]) == 2
        assert said in capsys.readouterr().err
