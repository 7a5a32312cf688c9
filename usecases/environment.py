"""What a result must say of the machine that made it, and the few switches a run sets before any work."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from usecases.errors import UserError

REPORTED = (
    "usecases", "numpy", "scipy", "pandas", "scikit-learn", "lightgbm", "torch", "ortools", "mlflow", "hydra-core",
)  # fmt: skip
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def one_thread() -> None:
    """Keep numerical libraries to one thread each, unless the user's environment says otherwise.

    Parallel work is done over folds, seeds and rows; two threads of one small convolution on two busy
    cores were 13 times slower than one. To have an effect it must run before numpy is imported.
    """
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide results, without importing them."""
    found = {"python": platform.python_version()}
    for name in REPORTED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def describe() -> dict[str, Any]:
    """Machine, cores, memory and thread settings."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
        "threads": {name: os.environ.get(name) for name in THREAD_VARIABLES},
    }


def git_state(folder: Path | None = None) -> dict[str, Any]:
    """Commit of the library's checkout and whether it has uncommitted changes; nulls when installed from a wheel."""
    folder = folder or Path(__file__).resolve().parent.parent
    if not (folder / ".git").exists():
        return {"commit": None, "dirty": None}

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain", "-uno"))}
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "dirty": None}


def peak_memory_mb() -> float | None:
    """Peak resident memory so far (MB) of this process, or of the largest of its workers that ended; None where unknown."""
    try:
        import resource
    except ImportError:  # Windows
        try:
            import psutil
        except ImportError:
            return None
        return round(psutil.Process().memory_info().peak_wset / 1e6, 1)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)


def resolve_device(device: str) -> str:
    """Turn ``auto`` into ``cuda`` or ``cpu``; imports torch.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda"}
        What was asked.

    Raises
    ------
    UserError
        When ``cuda`` is asked and torch sees no GPU.
    """
    if device == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise UserError(
            f"device=cuda was asked, but torch {torch.__version__} sees no GPU: type device=cpu, "
            "or install a CUDA build of torch (https://pytorch.org) and check the driver with nvidia-smi"
        )
    return "cpu"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None
