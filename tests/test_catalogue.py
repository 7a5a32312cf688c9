"""The catalogue: where use cases are found, what is said when they are not, and what it costs."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from usecases.catalogue import CHECKOUT, DOCUMENTED, Entry, entries, find, find_task, load_task
from usecases.errors import UserError

PACKAGES = {"predictive_maintenance", "vision_inspection", "delivery_optimization", "configurator"}
CASES = {"greenhouse", "logistics_twin", "driver_vigilance"}
HEAVY = {"torch", "mlflow", "lightgbm", "sklearn", "ortools", "pandas", "numpy", "jsonschema", "hydra"}
CARD = """\
name: {name}
status: {status}
title: {{fr: Un autre cas, en: Another case}}
summary: {{fr: Une phrase., en: One sentence.}}
tasks: {tasks}
"""


def write_card(folder: Path, name: str, status: str = "implemented", tasks: str = "[{name: one}]") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    card = CARD.format(name=name, status=status, tasks=tasks)
    (folder / "card.yaml").write_text(card, encoding="utf-8")


def declare(site: Path, lines: str) -> None:
    """Put a distribution with entry points into a folder, as an installer would."""
    info = site / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[usecases.packages]\n{lines}\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """Return a folder on sys.path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_the_seven_cases_are_found():
    known = entries()
    assert set(known) >= PACKAGES | CASES
    assert {name for name, entry in known.items() if entry.origin == "documented"} == CASES
    assert all(known[name].folder == (CHECKOUT / name).resolve() for name in PACKAGES)
    assert all(known[name].folder is None for name in CASES)


def test_no_package_is_imported_to_be_listed_and_it_is_quick():
    """Quick: at most four times what importing the parser and the finder of packages costs, on whatever machine.

    That was 0.15 processor seconds where this was written.
    """
    code = (
        "import sys, time; start = time.process_time(); {}; cost = time.process_time() - start; "
        "import json; print(json.dumps([sorted(known), cost, sorted(sys.modules)]))"
    )
    listing = "from usecases.catalogue import entries; known = entries()"
    needed = "import dataclasses, importlib.metadata, logging, yaml; known = []"

    def run(what):
        ran = subprocess.run([sys.executable, "-c", code.format(what)], check=True, capture_output=True)
        return json.loads(ran.stdout)

    pairs = [(run(listing), run(needed)) for _ in range(3)]
    names, _, modules = pairs[0][0]
    assert set(names) >= PACKAGES | CASES
    assert not (HEAVY | PACKAGES) & set(modules)
    listed, least = (min(pair[k][1] for pair in pairs) for k in (0, 1))
    assert listed < 4 * least


def test_a_stranger_s_package_is_found_without_being_imported(site):
    write_card(site / "their_code", "pumps")
    (site / "their_code" / "__init__.py").write_text("raise RuntimeError('imported')\n", encoding="utf-8")
    declare(site, "pumps = their_code")
    entry = entries()["pumps"]
    assert entry.origin == "entry point"
    assert entry.folder == (site / "their_code").resolve()
    assert find_task("pumps/one")[1] == {"name": "one"}
    assert "their_code" not in sys.modules


def test_a_stranger_s_package_may_be_inside_another_one_or_have_no_init(site):
    write_card(site / "acme" / "ovens", "ovens")
    declare(site, "ovens = acme.ovens")
    assert entries()["ovens"].folder == (site / "acme" / "ovens").resolve()


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("name: [", "is not valid YAML"),
        ("just a sentence", "a mapping of headings was expected"),
        ("name: pumps\nstatus: implemented\n", "title: missing heading"),
        (None, "has no card.yaml"),
    ],
)
def test_a_broken_stranger_does_not_break_the_list(site, caplog, card, said):
    package = site / "their_code"
    package.mkdir()
    (package / "__init__.py").touch()
    if card is not None:
        (package / "card.yaml").write_text(card, encoding="utf-8")
    write_card(site / "good_code", "good")
    declare(site, "pumps = their_code\ngood = good_code\nlost = no_such_code\nodd = .\n")
    with caplog.at_level(logging.WARNING, logger="usecases.catalogue"):
        known = entries()
    assert set(known) >= PACKAGES | CASES | {"good"}
    assert not {"pumps", "lost", "odd"} & set(known)
    assert any("pumps" in record.message and said in record.message for record in caplog.records)
    assert any("lost" in record.message and "no_such_code" in record.message for record in caplog.records)


def test_a_package_hides_a_documented_case_of_its_name(site):
    write_card(site / "greenhouse_code", "greenhouse")
    declare(site, "greenhouse = greenhouse_code")
    assert entries()["greenhouse"].origin == "entry point"


def test_folders_of_a_checkout_are_found_where_no_entry_point_names_them(tmp_path, monkeypatch):
    monkeypatch.setattr("usecases.catalogue.entry_points", lambda group: ())
    write_card(tmp_path / "ovens", "ovens", "planned", "[]")
    (tmp_path / "docs").mkdir()
    known = entries(tmp_path, None)
    assert [(entry.name, entry.folder, entry.origin) for entry in known.values()] == [
        ("ovens", tmp_path / "ovens", "checkout")
    ]
    assert entries(None, None) == {}


def test_other_people_s_files_beside_an_installation_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("usecases.catalogue.entry_points", lambda group: ())
    write_card(tmp_path / "site-packages" / "card_game", "card_game")
    assert entries(tmp_path / "site-packages", None) == {}


def test_a_bare_checkout_lists_its_packages_without_being_installed(tmp_path):
    root = tmp_path / "clone é"
    keep = shutil.ignore_patterns("__pycache__", "tasks", "methods", "data")
    shutil.copytree(CHECKOUT / "usecases", root / "usecases", ignore=keep)
    for name in PACKAGES:
        (root / name).mkdir()
        shutil.copy(CHECKOUT / name / "card.yaml", root / name)
    import yaml

    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; from usecases.catalogue import entries; "
        "print(*(f'{entry.name}:{entry.origin}' for entry in entries().values()))"
    )
    library = tmp_path / "library"  # PyYAML alone: -S leaves site-packages, and so our entry points, out
    shutil.copytree(Path(yaml.__file__).parent, library / "yaml")
    command = [sys.executable, "-S", "-P", "-E", "-c", code, str(root), str(library)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    expected = {f"{name}:checkout" for name in PACKAGES} | {f"{name}:documented" for name in CASES}
    assert set(run.stdout.split()) == expected


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: find("predictive_maintenence"), "did you mean 'predictive_maintenance'?"),
        (lambda: find(""), "Unknown use case ''"),
        (lambda: find_task("green-house"), "did you mean 'greenhouse'?"),
        (lambda: find_task("greenhouse"), "is documented, not implemented"),
        (lambda: find_task("greenhouse/pick"), "is documented, not implemented"),
        (lambda: find_task("configurator/session"), "has no task yet"),
        (lambda: find_task("predictive_maintenance/rull"), "did you mean 'rul'?"),
        (lambda: find_task("predictive_maintenance/rul/more"), "Unknown task 'rul/more'"),
    ],
)
def test_what_is_unknown_gives_one_sentence_with_the_nearest_name(call, said):
    with pytest.raises(UserError) as caught:
        call()
    message = str(caught.value)
    assert said in message
    assert "usecases " in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "spec", ["predictive_maintenance", "predictive_maintenance/", "predictive_maintenance/rul"]
)
def test_without_a_task_the_first_of_the_card_is_meant(spec):
    entry, task = find_task(spec)
    assert (entry.name, task["name"]) == ("predictive_maintenance", "rul")
    assert task["adapter"] == "predictive_maintenance.tasks.rul:Rul"
    assert task["trivial"] == "mean_life"


@pytest.fixture
def adapter(site):
    """Write an adapter module and give back a function that loads its class."""
    (site / "their_task.py").write_text(
        "class Fine:\n    pass\n\nclass Faulty:\n    def __init__(self):\n        self.nothing.more\n",
        encoding="utf-8",
    )
    (site / "needs_more.py").write_text("import a_library_nobody_has\n", encoding="utf-8")
    (site / "wrong_import.py").write_text("from json import no_such_name\n", encoding="utf-8")
    (site / "buggy.py").write_text("1 / 0\n", encoding="utf-8")
    entry = Entry("pumps", site, {}, "entry point")
    yield lambda address: load_task(entry, {"name": "one", "adapter": address})
    for module in ("their_task", "needs_more", "wrong_import", "buggy"):
        sys.modules.pop(module, None)


def test_an_adapter_is_imported_and_made(adapter):
    assert type(adapter("their_task:Fine")).__name__ == "Fine"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("no_such_module.deep:Task", "no module 'no_such_module'"),
        ("their_task.deep:Task", "no module 'their_task.deep'"),
        ("their_task:Fin", "did you mean 'Fine'?"),
        ("needs_more:Task", "'pip install a_library_nobody_has'"),
        ("wrong_import:Task", "no_such_name"),
        ("their_task", "'module:Class'"),
        ("", "'module:Class'"),
    ],
)
def test_an_adapter_that_is_not_there_gives_one_sentence(adapter, address, said):
    with pytest.raises(UserError) as caught:
        adapter(address)
    assert said in str(caught.value)
    assert "pumps/one" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "error"), [("their_task:Faulty", AttributeError), ("buggy:Task", ZeroDivisionError)]
)
def test_a_fault_inside_an_adapter_is_not_hidden(adapter, address, error):
    with pytest.raises(error):
        adapter(address)


def test_documented_cards_stand_in_their_folder():
    assert {file.stem for file in DOCUMENTED.glob("*.yaml")} == CASES
