"""The tables of the READMEs say what the committed result files say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_tables_are_made_from_the_committed_results():
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "make_tables.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_an_edited_result_is_refused(tmp_path):
    import shutil

    copy = tmp_path / "benchmarks"
    shutil.copytree(ROOT / "benchmarks", copy)
    for name in ("README.md", "README.fr.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    file = next((copy / "results" / "rul").glob("*.json"))
    file.write_text(file.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1', 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(copy / "make_tables.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "SHA256SUMS" in done.stderr


def test_both_readmes_have_the_same_blocks():
    import re

    counts = [
        len(re.findall(r"```bash\n", (ROOT / name).read_text(encoding="utf-8")))
        for name in ("README.md", "README.fr.md")
    ]
    assert counts[0] == counts[1] >= 3
