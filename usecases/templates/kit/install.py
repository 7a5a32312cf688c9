"""Install the kit on this machine without any network: an environment, the libraries, the data, the documentation.

    python install.py [FOLDER] [--lang en|fr] [--mirror-on-key]

Only the standard library is used. install.sh, install.cmd and install.ps1 find a suitable Python and start this file.
Typing it again repairs or updates what it installed; it never touches a folder that it did not make.
"""

import argparse
import hashlib
import json
import locale
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

KIT = Path(__file__).resolve().parent
MARK = "installed-from-kit.txt"
WORDS = {
    "en": {
        "half": "This kit is not complete (no kit.json): make it again with `usecases kit`.",
        "python": "This kit needs Python {wanted}, this is {given}: install Python {wanted}, then type the same command again.",
        "system": "This kit was made for {systems}, not for {given}: make one with --systems {given}.",
        "sums": "Checking the files of the kit...",
        "broken": "This file of the kit is damaged: {name}. Copy the kit again.",
        "foreign": "{folder} exists and is not an installation of this kit: give another folder.",
        "blocked": "{folder} cannot be written ({why}): give a folder of yours.",
        "venv": "No environment could be made in {folder}. On Debian and Ubuntu type: sudo apt install python{wanted}-venv",
        "pip": "Installing {number} libraries into {folder} (two to five minutes)...",
        "failed": "The libraries could not be installed; the last line above says why.",
        "copy": "Copying the data and the documentation...",
        "done": "Installed in {seconds} s. In a new terminal, type:",
        "first": "Then, for a first report in a minute:",
        "docs": "Documentation to open in a browser: {page}",
    },
    "fr": {
        "half": "Ce kit n’est pas complet (pas de kit.json) : le refaire avec `usecases kit`.",
        "python": "Ce kit demande Python {wanted}, celui-ci est {given} : installer Python {wanted}, puis retaper la même commande.",
        "system": "Ce kit a été fait pour {systems}, pas pour {given} : en faire un avec --systems {given}.",
        "sums": "Vérification des fichiers du kit…",
        "broken": "Ce fichier du kit est abîmé : {name}. Recopier le kit.",
        "foreign": "{folder} existe et n’est pas une installation de ce kit : donner un autre dossier.",
        "blocked": "{folder} ne peut pas être écrit ({why}) : donner un dossier à soi.",
        "venv": "Aucun environnement n’a pu être créé dans {folder}. Sous Debian et Ubuntu, taper : sudo apt install python{wanted}-venv",
        "pip": "Installation de {number} bibliothèques dans {folder} (deux à cinq minutes)…",
        "failed": "Les bibliothèques n’ont pas pu être installées ; la dernière ligne ci-dessus dit pourquoi.",
        "copy": "Copie des données et de la documentation…",
        "done": "Installé en {seconds} s. Dans un nouveau terminal, taper :",
        "first": "Puis, pour un premier rapport en une minute :",
        "docs": "Documentation à ouvrir dans un navigateur : {page}",
    },
}


def main(arguments=None):
    """Install; return 0, or 2 after saying in one sentence what is wrong."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    parser = argparse.ArgumentParser(prog="install", description="Install this kit without a network.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path.home() / "usecases", help="default: %(default)s"
    )
    parser.add_argument("--lang", choices=["en", "fr"], default=spoken())
    parser.add_argument(
        "--mirror-on-key", action="store_true", help="read the data from the key instead of copying them"
    )
    given = parser.parse_args(arguments)
    words = WORDS[given.lang]
    started = time.monotonic()
    try:
        kit = read_kit(words)
        folder = given.folder.expanduser().absolute()
        own_folder(folder, kit, words)
        python = environment(folder / "venv", kit, words)
        install(python, folder, kit, words)
        mirror = copy(folder, given.mirror_on_key, words)
        say_mirror(folder / "venv", mirror)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    code = subprocess.run(
        [str(python), "-m", "usecases.cli", "doctor"], cwd=folder, env=clean(mirror)
    ).returncode
    farewell(folder, words, given.lang, time.monotonic() - started)
    return code


class Refusal(Exception):
    """One sentence for the person at the keyboard."""


def spoken():
    """Language of this machine: USECASES_LANG, else its settings."""
    names = (
        os.environ.get("USECASES_LANG"),
        os.environ.get("LC_ALL"),
        os.environ.get("LANG"),
        locale.getlocale()[0],
    )
    name = next((name for name in names if name), "en")
    return "fr" if name.lower().startswith("fr") else "en"


def read_kit(words):
    """Read kit.json, check that it suits this machine, and every sum."""
    try:
        kit = json.loads((KIT / "kit.json").read_text(encoding="utf-8"))
        lines = (KIT / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise Refusal(words["half"]) from None
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if here != kit["python"]:
        raise Refusal(words["python"].format(wanted=kit["python"], given=here))
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    if system not in kit["systems"]:
        raise Refusal(words["system"].format(systems=", ".join(kit["systems"]), given=system))
    print(words["sums"], flush=True)
    for expected, name in (line.split("  ", 1) for line in lines):
        try:
            with (KIT / name).open("rb") as stream:
                right = hashlib.file_digest(stream, "sha256").hexdigest() == expected
        except OSError:
            right = False
        if not right:
            raise Refusal(words["broken"].format(name=name))
    return kit


def own_folder(folder, kit, words):
    """Take an empty folder, or one of an earlier installation."""
    try:
        if folder.exists() and (
            not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())
        ):
            raise Refusal(words["foreign"].format(folder=folder))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(f"usecases {kit['version']}\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(words["blocked"].format(folder=folder, why=error.strerror)) from None


def environment(folder, kit, words):
    """Make the virtual environment, or keep the one that is there."""
    done = subprocess.run([sys.executable, "-m", "venv", str(folder)], env=clean(None))
    if done.returncode:
        raise Refusal(words["venv"].format(folder=folder, wanted=kit["python"]))
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(python, folder, kit, words):
    """Let pip install from the wheels of the kit, and from nowhere else."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    print(words["pip"].format(number=len(kit["systems"][system]["wheels"]), folder=folder), flush=True)
    pip = [
        str(python),
        "-m",
        "pip",
        "--isolated",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-index",
    ]
    again = ["--force-reinstall", "--no-deps", f"usecases=={kit['version']}"]
    first = ["--upgrade", f"usecases[excel]=={kit['version']}", *kit["also"]]
    for wanted in (first, again):  # a kit made anew may hold the same version with other content
        done = subprocess.run(
            [*pip, "--find-links", str(KIT / "wheels"), *wanted], cwd=folder, env=clean(None)
        )
        if done.returncode:
            raise Refusal(words["failed"])


def copy(folder, stay, words):
    """Copy data and documentation, so that the key can go on to the next machine; return the mirror, if any."""
    print(words["copy"], flush=True)
    try:
        shutil.copytree(KIT / "docs", folder / "docs", dirs_exist_ok=True)
        if not (KIT / "mirror").is_dir() or stay:
            return KIT / "mirror" if stay else None
        shutil.copytree(KIT / "mirror", folder / "mirror", dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        why = getattr(error, "strerror", None) or "shutil.Error"
        raise Refusal(words["blocked"].format(folder=folder, why=why)) from None
    return folder / "mirror"


def clean(mirror):
    """Environment variables without what would lead Python or pip elsewhere."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PIP_", "PYTHONHOME", "VIRTUAL_ENV"))
    }
    return kept | ({"USECASES_MIRROR": str(mirror)} if mirror else {})


def say_mirror(venv, mirror):
    """Let each activation script of the environment set USECASES_MIRROR; a second time changes nothing."""
    if mirror is None:
        return
    quoted, doubled = str(mirror).replace("'", "'\\''"), str(mirror).replace("'", "''")
    if mirror == venv.parent / "mirror":  # without accents in the script: old PowerShells would misread them
        doubled = None
    aside = "(Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'mirror')"
    posix = f"export USECASES_MIRROR='{quoted}'"
    powershell = f"$env:USECASES_MIRROR = '{doubled}'" if doubled else f"$env:USECASES_MIRROR = {aside}"
    lines = {
        "bin/activate": posix,
        "bin/activate.fish": "set -gx USECASES_MIRROR '{}'".format(str(mirror).replace("'", "\\'")),
        "bin/Activate.ps1": powershell,
        "Scripts/activate": posix,
        "Scripts/activate.bat": f'set "USECASES_MIRROR={mirror}"',
        "Scripts/Activate.ps1": powershell,
    }
    for name, line in lines.items():
        script = venv / name
        if script.is_file() and line.encode("utf-8") not in (text := script.read_bytes()):
            ending = b"\r\n" if b"\r\n" in text else b"\n"
            head, label, tail = text.partition(b":END")  # where activate.bat gives the code page back
            added = ending + line.encode("utf-8") + ending
            script.write_bytes(head + added + label + tail if name.endswith(".bat") else text + added)


def farewell(folder, words, lang, seconds):
    """Say how to begin."""
    print()
    print(words["done"].format(seconds=round(seconds)))
    if os.name == "nt":
        allow = "Set-ExecutionPolicy -Scope Process Bypass -Force"  # else Windows runs no script, as it comes
        print(f'  cmd:         "{folder}\\venv\\Scripts\\activate.bat"')
        print(f'  PowerShell:  {allow}; & "{folder}\\venv\\Scripts\\Activate.ps1"')
    else:
        print(f'  . "{folder}/venv/bin/activate"')
    print(words["first"])
    print(f"  usecases run predictive_maintenance/rul budget=smoke lang={lang}")
    print(words["docs"].format(page=folder / "docs" / "index.html"))


if __name__ == "__main__":
    sys.exit(main())
