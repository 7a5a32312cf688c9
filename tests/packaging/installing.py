"""Build distributions and install them into fresh environments, without a network."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build(source, out, *kinds):
    """Build without isolation: nothing is fetched."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *kinds, str(source)],
        check=True,
    )


class Installed:
    """A fresh environment that sees the libraries of this one, but not its editable install."""

    def __init__(self, folder, *wheels):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = scripts / "python"
        if wheels:
            self.install(*wheels)
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        done = subprocess.run([str(self.python), "-c", code], capture_output=True, text=True, check=True)
        self.packages = Path(done.stdout.strip())
        (self.packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        self.command = scripts / "usecases"

    def install(self, *what):
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(self.python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
        ]
        subprocess.run([*pip, "--no-build-isolation", *map(str, what)], check=True)

    def python_run(self, *arguments, cwd, timeout=300):
        """Run Python itself, as somebody who knows nothing of this checkout."""
        return subprocess.run(
            [str(self.python), *arguments],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=clean(),
            timeout=timeout,
        )

    def run(self, *arguments, cwd, **env):
        return subprocess.run(
            [str(self.command), *arguments],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=clean() | env,
            timeout=300,
        )


def clean():
    """The environment of somebody who knows nothing of this checkout."""
    ours = ("PYTHONPATH", "USECASES_RUNS", "USECASES_DATA")
    return {key: value for key, value in os.environ.items() if key not in ours}
