"""The wheel and the sdist of this repository, built once."""

import shutil
import subprocess

import pytest
from installing import ROOT, build


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A clean copy of the tracked files, and what is built from it."""
    source = tmp_path_factory.mktemp("source") / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("dist")
    build(source, out, "--wheel", "--sdist")
    shutil.rmtree(source)
    return out


@pytest.fixture(scope="session")
def wheel(built):
    (found,) = built.glob("*.whl")
    return found
