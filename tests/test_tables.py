"""The tables of the READMEs and the documentation say what the saved results say."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from usecases.bench import table as bench_table

ROOT = Path(__file__).resolve().parents[1]
READMES = {"README.md": "en", "README.fr.md": "fr"}
PAGES = {"en": ("README.md", "docs/en/*.md"), "fr": ("README.fr.md", "docs/fr/*.md")}
SAVED = sorted(file.parent for file in (ROOT / "benchmarks" / "results").glob("*/*/*/table.json"))


def make_tables(root, *arguments):
    return subprocess.run(
        [sys.executable, str(root / "benchmarks" / "make_tables.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture
def copy(tmp_path):
    """A copy of the READMEs and of the benchmarks."""
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks")
    for name in READMES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_tables_are_made_from_the_saved_results():
    done = make_tables(ROOT, "--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lang", PAGES)
def test_every_suite_that_is_saved_stands_once_in_each_language(lang):
    files = [file for pattern in PAGES[lang] for file in ROOT.glob(pattern)]
    texts = [file.read_text(encoding="utf-8") for file in files]
    asked = [name for text in texts for name in re.findall(r"<!-- table:(\w+/\w+/\w+) -->", text)]
    assert sorted(asked) == ["/".join(folder.parts[-3:]) for folder in SAVED]
    assert asked


@pytest.mark.parametrize("folder", SAVED, ids=lambda folder: folder.name)
def test_a_saved_table_says_what_its_rows_say(folder):
    saved = bench_table.load_saved(folder)
    records = [
        json.loads(f.read_text(encoding="utf-8")) for f in folder.glob("*.json") if f.name != "table.json"
    ]
    lines = [line for line in saved["lines"] if "cost" in line]
    assert sum(line["n"] for line in lines) == len(records)
    for line in lines:
        own = [record for record in records if _is_of(record, line)]
        assert len(own) == line["n"]
        for name, figure in line["figures"].items():
            values = [record["metrics"][name]["value"] for record in own if name in record["metrics"]]
            assert figure["value"] == pytest.approx(sum(values) / len(values))


def _is_of(record, line):
    """Tell whether a result is of a line, from the words of its labels."""
    given = record["config"]["data"]
    data = [record["data"].get("subset"), given.get("instance"), *_words(given)]
    name, *asked = line["method"].split()
    return (
        record["method"] == name
        and all(word in data for word in line["data"].split()[1:])
        and all(word in _words(record["config"]["method"]) for word in asked)
    )


def _words(values):
    """Each key with its value; whole numbers also as a label may write them (10 for 10.0), true and false as Hydra does."""
    whole = [f"{k}={v:g}" for k, v in values.items() if isinstance(v, float) and v.is_integer()]
    plain = (f"{k}={str(v).lower() if isinstance(v, bool) else v}" for k, v in values.items())
    return [*plain, *whole]


def test_a_readme_that_differs_is_found_and_put_right(copy):
    readme = copy / "README.fr.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text.replace("lightgbm** | ", "lightgbm** | 0"), encoding="utf-8", newline="\n")
    found = make_tables(copy, "--check")
    assert found.returncode == 1
    assert "README.fr.md" in found.stderr
    assert make_tables(copy).returncode == 0
    assert readme.read_text(encoding="utf-8") == text


def test_an_edited_result_is_refused(copy):
    file = next((copy / "benchmarks" / "results").glob("*/*/*/rul-*.json"))
    file.write_text(file.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1', 1), encoding="utf-8")
    done = make_tables(copy, "--check")
    assert done.returncode == 2
    assert "SHA256SUMS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_that_was_never_saved_is_one_sentence(copy):
    readme = copy / "README.md"
    text = (
        readme.read_text(encoding="utf-8")
        + "\n<!-- table:predictive_maintenance/rul/nothing -->\n<!-- /table:predictive_maintenance/rul/nothing -->\n"
    )
    readme.write_text(text, encoding="utf-8")
    done = make_tables(copy, "--check")
    assert done.returncode == 2
    assert "no saved results" in done.stderr


def test_both_readmes_have_the_same_blocks():
    counts = [len(re.findall(r"```bash\n", (ROOT / name).read_text(encoding="utf-8"))) for name in READMES]
    assert counts[0] == counts[1] >= 3
