"""Gather the wheels that `pip install --no-index` needs on other machines, for several systems at once.

pip chooses and downloads each wheel; which ones are needed is read from the wheels themselves. (`pip download
--platform win_amd64` alone is not enough: it evaluates conditions such as ``sys_platform == "win32"`` for the machine it
runs on, and would leave out what only Windows needs.)
"""

from __future__ import annotations

import logging
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

from usecases.errors import UserError, nearest
from usecases.offline.mirror_words import megabytes
from usecases.offline.pip_calls import NoWheelError, UnreachableError
from usecases.offline.pip_calls import download as _download

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.tags import Tag

logger = logging.getLogger(__name__)

TORCH_CPU = "https://download.pytorch.org/whl/cpu"
LARGEST_TORCH = 600_000_000
SYSTEMS = ("linux", "windows", "macos")
GLIBC, MACOS = 28, 14  # no library asks for more: Debian 10, Ubuntu 20.04; and macOS 14 on Apple silicon
MARKERS = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    "macos": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
}  # fmt: skip


@dataclass(frozen=True)
class System:
    """What wheels are gathered for.

    Parameters
    ----------
    name : {"linux", "windows", "macos"}
        Linux and Windows on x86-64, macOS on Apple silicon.
    python : str
        Minor version, such as ``"3.11"``.
    """

    name: str
    python: str

    @property
    def platforms(self) -> tuple[str, ...]:
        """Platform tags, the best first."""
        from packaging.tags import mac_platforms

        if self.name == "windows":
            return ("win_amd64",)
        if self.name == "macos":
            return tuple(mac_platforms((MACOS, 0), "arm64"))
        older = (f"manylinux{year}_x86_64" for year in ("2014", "2010", "1"))
        return (*(f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)), *older, "linux_x86_64")

    @property
    def environment(self) -> dict[str, str]:
        """What the conditions in a wheel's requirements are evaluated with."""
        return MARKERS[self.name] | {
            "python_version": self.python,
            "python_full_version": f"{self.python}.9",
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.9",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
        }

    def tags(self) -> frozenset[Tag]:
        """Wheel tags that this system installs."""
        from packaging.tags import compatible_tags, cpython_tags

        major, minor = map(int, self.python.split("."))
        interpreter = f"cp{major}{minor}"
        return frozenset(
            [
                *cpython_tags((major, minor), platforms=self.platforms),
                *compatible_tags((major, minor), interpreter, self.platforms),
            ]
        )


@dataclass
class Wheels:
    """A folder of wheels, and what each asks for.

    Parameters
    ----------
    folder : pathlib.Path
        Where they lie.
    pins : dict of str to str
        Canonical name to the version wanted; what is chosen for one system is pinned for the next.
    """

    folder: Path
    pins: dict[str, str] = field(default_factory=dict)

    def find(self, requirement: Requirement, system: System) -> Path | None:
        """Find the wheel that answers a requirement on a system.

        Parameters
        ----------
        requirement : packaging.requirements.Requirement
            Its conditions are not looked at.
        system : System
            Where it would be installed.
        """
        from packaging.utils import canonicalize_name, parse_wheel_filename

        name, tags = canonicalize_name(requirement.name), system.tags()
        start = name.replace("-", "_")
        for path in sorted(self.folder.glob("*.whl"), reverse=True):
            if not path.name.lower().replace(".", "_").replace("-", "_").startswith(f"{start}_"):
                continue
            found, version, _, offered = parse_wheel_filename(path.name)
            wanted = self.pins.get(name)
            fits = tags & offered and requirement.specifier.contains(version, prereleases=True)
            if found == name and fits and wanted in (None, version.public):
                return path
        return None

    def needed(self, roots: Iterable[str], system: System) -> tuple[dict[str, Path], list[Requirement]]:
        """Follow the requirements from wheel to wheel.

        Parameters
        ----------
        roots : iterable of str
            Requirements to start from, such as ``"usecases[excel]"``.
        system : System
            Where they would be installed.

        Returns
        -------
        wheels : dict of str to pathlib.Path
            Canonical name to wheel.
        absent : list of packaging.requirements.Requirement
            What no wheel of the folder answers.

        Raises
        ------
        UserError
            When CUDA libraries are asked for.
        """
        from packaging.requirements import Requirement
        from packaging.utils import canonicalize_name

        todo = [Requirement(root) for root in roots]
        found: dict[str, Path] = {}
        absent: dict[str, Requirement] = {}
        seen: set[tuple[str, str]] = set()
        while todo:
            requirement = todo.pop()
            name = canonicalize_name(requirement.name)
            _refuse_cuda(name)
            path = self.find(requirement, system)
            if path is None:
                absent.setdefault(name, requirement)
                continue
            found[name] = path
            new = {"", *requirement.extras} - {extra for known, extra in seen if known == name}
            seen |= {(name, extra) for extra in new}
            if new:
                todo += list(_asked(path, new, system.environment))
        return dict(sorted(found.items())), list(absent.values())


def this_system() -> str:
    """Name the system that this Python runs on.

    Raises
    ------
    UserError
        When no kit can be made for machines of this kind.

    Examples
    --------
    >>> this_system() in SYSTEMS
    True
    """
    names = {"win32": "windows", "darwin": "macos"}
    name = names.get(sys.platform, "linux" if sys.platform.startswith("linux") else "")
    if not name:
        raise UserError(
            f"No kit is made for {sys.platform}: name systems with --systems {','.join(SYSTEMS)}."
        )
    return name


def parse_systems(names: Sequence[str], python: str) -> list[System]:
    """Check what was typed after ``--systems`` and ``--python``.

    Raises
    ------
    UserError
        When a system is unknown or the version of Python is not supported.

    Examples
    --------
    >>> [system.name for system in parse_systems(["linux", "windows"], "3.11")]
    ['linux', 'windows']
    """
    if not re.fullmatch(r"3\.\d{2}", python) or int(python[2:]) < 11:
        raise UserError(
            f"--python {python} was given: give a minor version from 3.11 on, as in --python 3.11."
        )
    for name in names:
        if name not in SYSTEMS:
            raise UserError(f"Unknown system {name!r}: {nearest(name, SYSTEMS)}.")
    return [System(name, python) for name in dict.fromkeys(names)]


def gather(
    wheels: Wheels, roots: Sequence[str], system: System, *, check: Callable[[], None] = lambda: None
) -> dict[str, Path]:
    """Download until every requirement of every wheel is answered.

    Parameters
    ----------
    wheels : Wheels
        The folder, which exists; wheels that are there are kept.
    roots : sequence of str
        Requirements to start from.
    system : System
        Where they will be installed.
    check : callable, optional
        Called after each round: may refuse by raising, for example beyond a size.

    Returns
    -------
    dict of str to pathlib.Path
        Canonical name to wheel, the complete set.

    Raises
    ------
    UserError
        When something cannot be had, or would bring CUDA libraries.
    """
    from packaging.utils import canonicalize_name, parse_wheel_filename

    tried: set[str] = set()
    while True:
        found, absent = wheels.needed(roots, system)
        for name, path in found.items():
            wheels.pins.setdefault(name, parse_wheel_filename(path.name)[1].public)
            if name == "torch" and path.stat().st_size > LARGEST_TORCH:
                raise _too_heavy(f"{path.name} is {megabytes(path.stat().st_size)}")
        check()
        if not absent:
            return found
        wanted = sorted(_pinned(requirement, wheels.pins, system) for requirement in absent)
        again = [item for item in wanted if item in tried]
        if again:
            raise UserError(
                f"The index gave no wheel of {again[0]} that {system.name} can install: take this system out of --systems."
            )
        tried |= set(wanted)
        torch = [item for item in wanted if canonicalize_name(item.partition("=")[0]) == "torch"]
        if torch:
            _download_torch(wheels.folder, torch[0], system)
        _download(wheels.folder, [item for item in wanted if item not in torch], system)


def _asked(path: Path, extras: Iterable[str], environment: Mapping[str, str]) -> Iterable[Requirement]:
    """Read from a wheel what it asks for, with these extras."""
    from packaging.requirements import Requirement

    try:
        with zipfile.ZipFile(path) as archive:
            (name,) = [
                n for n in archive.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1
            ]
            header = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path} is no whole wheel ({error}): delete it, then type the same command again."
        ) from error
    for line in header.get_all("Requires-Dist", []):
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras):
            yield requirement


def _pinned(requirement: Requirement, pins: Mapping[str, str], system: System) -> str:
    """Write what pip is asked for: the pinned version, on Linux the CPU build of torch."""
    from packaging.utils import canonicalize_name

    name = canonicalize_name(requirement.name)
    if name not in pins:
        return f"{name}{requirement.specifier}"
    if not requirement.specifier.contains(pins[name], prereleases=True):
        raise UserError(
            f"{requirement} is asked for, but version {pins[name]} of it is here: type 'pip check', correct it, then again."
        )
    return f"{name}=={pins[name]}" + ("+cpu" if name == "torch" and system.name == "linux" else "")


def _refuse_cuda(name: str) -> None:
    if name.startswith("nvidia-") or name in ("triton", "cuda-bindings", "cuda-toolkit"):
        raise _too_heavy(f"torch asks for {name}")


def _too_heavy(what: str) -> UserError:
    return UserError(
        f"{what}, a CUDA build of two gigabytes, which no room needs: type 'pip download torch --no-deps --dest FOLDER "
        f"--index-url {TORCH_CPU}', replace torch in the wheels folder of the kit by what came, then type the same command again."
    )


def _download_torch(folder: Path, item: str, system: System) -> None:
    """Take torch from where pip looks anyway, else from PyTorch's index of CPU builds."""
    try:
        _download(folder, [item], system)
    except NoWheelError:
        if system.name != "linux":
            raise
        logger.info("%s is not where pip looks; trying %s", item, TORCH_CPU)
        try:
            _download(folder, [item], system, "--extra-index-url", TORCH_CPU)
        except (NoWheelError, UnreachableError) as error:
            raise UserError(
                f"The CPU build of torch ({item}) cannot be had here: on a machine that reaches {TORCH_CPU}, type 'pip download "
                f'"{item}" --no-deps --index-url {TORCH_CPU}\', put the file into {folder}, then type the same command again.'
            ) from error
