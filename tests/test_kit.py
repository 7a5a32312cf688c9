"""`usecases kit`: which wheels, in which order things are written, what is refused. No pip and no network here."""

import json
import logging
import subprocess
import sys
import zipfile
from importlib import metadata
from types import SimpleNamespace

import pytest
from file_server import dataset
from packaging.requirements import Requirement

from usecases import catalogue, copied_project, paths
from usecases.commands import kit as command
from usecases.errors import UserError
from usecases.formatting import NARROW
from usecases.offline import kit, mirror, own_wheel, pip_calls, wheels

LINUX, WINDOWS, MACOS = (wheels.System(name, "3.11") for name in ("linux", "windows", "macos"))
ANY = "py3-none-any"


def put_wheel(folder, name, version="1.0", tag=ANY, requires=(), size=0):
    """Write a wheel that holds nothing but what it asks for."""
    info = f"{name}-{version}.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        lines = [f"Requires-Dist: {line}" for line in requires]
        archive.writestr(
            f"{info}/METADATA", "\n".join(["Metadata-Version: 2.1", f"Name: {name}", *lines, "", "text"])
        )
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr("body", bytes(size))
    return path


# Which wheels


def test_conditions_are_those_of_the_other_system(tmp_path):
    put_wheel(
        tmp_path, "tool", requires=['colorama; sys_platform == "win32"', 'uvloop; platform_system == "Linux"']
    )
    for system, absent in ((LINUX, ["uvloop"]), (WINDOWS, ["colorama"]), (MACOS, [])):
        _, asked = wheels.Wheels(tmp_path).needed(["tool"], system)
        assert [requirement.name for requirement in asked] == absent


def test_extras_are_followed_even_when_asked_for_later(tmp_path):
    put_wheel(tmp_path, "tool", requires=["web", 'excel-reader; extra == "excel"'])
    put_wheel(tmp_path, "web", requires=["tool[excel]"])
    found, absent = wheels.Wheels(tmp_path).needed(["tool"], LINUX)
    assert set(found) == {"tool", "web"}
    assert [requirement.name for requirement in absent] == ["excel-reader"]


@pytest.mark.parametrize(
    ("tag", "fits"),
    [
        (ANY, {"linux", "windows", "macos"}),
        ("py2.py3-none-any", {"linux", "windows", "macos"}),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", {"linux"}),
        ("cp311-cp311-manylinux_2_28_x86_64", {"linux"}),
        ("cp311-cp311-manylinux_2_34_x86_64", set()),
        ("cp39-abi3-win_amd64", {"windows"}),
        ("cp312-cp312-win_amd64", set()),
        ("cp311-cp311-macosx_12_0_arm64", {"macos"}),
        ("cp311-cp311-macosx_10_9_universal2", {"macos"}),
        ("cp311-cp311-macosx_10_9_x86_64", set()),
    ],
)
def test_wheels_are_those_that_the_system_installs(tmp_path, tag, fits):
    put_wheel(tmp_path, "some_tool", tag=tag)
    here = wheels.Wheels(tmp_path)
    assert {s.name for s in (LINUX, WINDOWS, MACOS) if here.needed(["some-tool"], s)[0]} == fits


def test_a_pinned_version_is_the_only_one_that_answers(tmp_path):
    put_wheel(tmp_path, "tool", "1.0")
    put_wheel(tmp_path, "tool", "2.0")
    assert "tool-1.0" in wheels.Wheels(tmp_path, {"tool": "1.0"}).needed(["tool"], LINUX)[0]["tool"].name
    assert wheels.Wheels(tmp_path, {"tool": "1.5"}).needed(["tool"], LINUX)[1]


def test_cuda_is_refused_with_what_to_type(tmp_path):
    put_wheel(tmp_path, "torch", requires=['nvidia-cublas-cu12; platform_system == "Linux"'])
    with pytest.raises(UserError, match=r"pip download torch .*whl/cpu"):
        wheels.Wheels(tmp_path).needed(["torch"], LINUX)
    assert wheels.Wheels(tmp_path).needed(["torch"], WINDOWS)[1] == []


@pytest.fixture
def index(tmp_path, monkeypatch):
    """An index of wheels in a folder, in the place of pip; it notes what was asked."""
    pool, asked = tmp_path / "index", []

    def download(folder, items, system, *options):
        for item in items:
            asked.append(item)
            name = item.partition("=")[0].partition(">")[0].replace("-", "_")
            for path in pool.glob(f"{name}-*.whl"):
                (folder / path.name).write_bytes(path.read_bytes())

    monkeypatch.setattr(wheels, "_download", download)
    (tmp_path / "wheels").mkdir()
    return SimpleNamespace(pool=pool, asked=asked, folder=tmp_path / "wheels")


def test_gathering_goes_from_wheel_to_wheel_until_nothing_is_absent(index):
    put_wheel(index.pool, "a", requires=["b-b>=1"])
    put_wheel(index.pool, "b_b", "1.2", requires=["c"])
    put_wheel(index.pool, "c", "3.0")
    here = wheels.Wheels(index.folder, {"c": "3.0"})
    assert set(wheels.gather(here, ["a"], LINUX)) == {"a", "b-b", "c"}
    assert index.asked == ["a", "b-b>=1", "c==3.0"]
    assert here.pins == {"a": "1.0", "b-b": "1.2", "c": "3.0"}, "the next system gets the same versions"
    wheels.gather(here, ["a"], WINDOWS)
    assert len(index.asked) == 3, "what is there is not downloaded again"


def test_what_the_index_does_not_have_for_a_system_is_one_sentence(index):
    put_wheel(index.pool, "a", tag="cp311-cp311-win_amd64")
    with pytest.raises(UserError, match=r"no wheel of a that macos can install"):
        wheels.gather(wheels.Wheels(index.folder), ["a"], MACOS)


def test_a_pin_that_breaks_a_requirement_is_said(index):
    put_wheel(index.pool, "a", requires=["c>=4"])
    with pytest.raises(UserError, match=r"c>=4 is asked for, but version 3\.0"):
        wheels.gather(wheels.Wheels(index.folder, {"c": "3.0"}), ["a"], LINUX)


def test_torch_on_linux_is_the_cpu_build_even_from_another_index(index, monkeypatch):
    put_wheel(index.pool, "torch", "2.13.0+cpu", "cp311-cp311-manylinux_2_28_x86_64")
    usual, tries = wheels._download, []

    def without_torch(folder, items, system, *options):
        tries.append((list(items), options))
        if "torch==2.13.0+cpu" in items and not options:
            raise pip_calls.NoWheelError("no")
        usual(folder, items, system, *options)

    monkeypatch.setattr(wheels, "_download", without_torch)
    wheels.gather(wheels.Wheels(index.folder, {"torch": "2.13.0"}), ["torch"], LINUX)
    assert tries[1] == (["torch==2.13.0+cpu"], ("--extra-index-url", wheels.TORCH_CPU))
    monkeypatch.setattr(wheels, "_download", lambda *_: (_ for _ in ()).throw(pip_calls.NoWheelError("no")))
    (index.folder / "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").unlink()
    with pytest.raises(UserError, match=r'type .pip download "torch==2\.13\.0\+cpu"'):
        wheels.gather(wheels.Wheels(index.folder, {"torch": "2.13.0"}), ["torch"], LINUX)


def test_a_full_key_or_no_network_is_not_taken_for_a_missing_torch(index, monkeypatch):
    for error in (UserError("is full"), pip_calls.UnreachableError("cannot be reached")):
        monkeypatch.setattr(wheels, "_download", lambda *_, error=error: (_ for _ in ()).throw(error))
        with pytest.raises(UserError, match=str(error)):
            wheels.gather(wheels.Wheels(index.folder, {"torch": "2.13.0"}), ["torch"], LINUX)


def test_what_has_neither_wheel_nor_pure_source_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(
        pip_calls, "_pip", lambda *_, **__: "ERROR: No matching distribution found for src==1"
    )
    with pytest.raises(UserError, match=r"no wheel of src==1 for windows, nor a pure Python source"):
        pip_calls.download(tmp_path, ["src==1"], WINDOWS)


def test_a_torch_of_over_600_mb_is_refused(index, monkeypatch):
    monkeypatch.setattr(wheels, "LARGEST_TORCH", 1000)
    put_wheel(index.folder, "torch", "2.13.0", "cp311-cp311-win_amd64", size=2000)
    with pytest.raises(UserError, match="CUDA build"):
        wheels.gather(wheels.Wheels(index.folder), ["torch"], WINDOWS)


def test_half_a_wheel_is_named(tmp_path):
    put_wheel(tmp_path, "a").write_bytes(b"half")
    with pytest.raises(UserError, match="is no whole wheel"):
        wheels.Wheels(tmp_path).needed(["a"], LINUX)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("WARNING: Retrying after ... NewConnectionError\nERROR: No matching distribution found for a==1", "index cannot be reached"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "is full"),
        ("Looking\nERROR: Hash mismatch.", r"\(Hash mismatch\)"),
        ("", "it said nothing"),
    ],
)  # fmt: skip
def test_what_pip_says_becomes_one_sentence(tmp_path, output, said):
    with pytest.raises(UserError, match=said) as caught:
        raise pip_calls._failed(output, tmp_path)
    assert "\n" not in str(caught.value)


def test_what_exists_only_as_source_is_built(tmp_path, monkeypatch):
    typed = []

    def pip(folder, verb, *arguments, pure=False):
        typed.append((verb, arguments[-1], pure))
        if verb == "download" and "src==1" in arguments:
            return "ERROR: No matching distribution found for src==1"
        return None

    monkeypatch.setattr(pip_calls, "_pip", pip)
    pip_calls.download(tmp_path, ["src==1", "bin==2"], WINDOWS)
    assert typed == [("download", "bin==2", False), ("download", "bin==2", False), ("wheel", "src==1", True)]


# The wheel of usecases itself


def installed(tmp_path):
    """A wheel, and what pip leaves of it in a folder."""
    wheel = own_wheel._write
    content = {
        "mine/__init__.py": b"x = 1\n", "mine/card.yaml": "é".encode(), "other/__init__.py": b"",
        "mine-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n",
        "mine-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n",
        "mine-1.0.dist-info/entry_points.txt": b"[console_scripts]\nmine = mine:main\n",
    }  # fmt: skip
    first, site = tmp_path / "mine-1.0-py2.py3-none-any.whl", tmp_path / "site"
    wheel(first, content, "mine-1.0.dist-info/RECORD")
    with zipfile.ZipFile(first) as archive:
        archive.extractall(site)
    (site / "mine" / "__pycache__").mkdir()
    (site / "mine" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    (site / "mine-1.0.dist-info" / "INSTALLER").write_bytes(b"pip\n")
    record = site / "mine-1.0.dist-info" / "RECORD"
    extra = "../../bin/mine,sha256=x,10\nmine/__pycache__/__init__.cpython-311.pyc,,\nmine-1.0.dist-info/INSTALLER,,\n"
    record.write_text(record.read_text(encoding="utf-8") + extra, encoding="utf-8")
    return first, site


def test_an_installed_wheel_packed_again_is_the_same_wheel(tmp_path):
    first, site = installed(tmp_path)
    (tmp_path / "out").mkdir()
    again = own_wheel.pack_again("mine", tmp_path / "out", site)
    assert again.name == first.name
    assert again.read_bytes() == first.read_bytes()


def test_an_edited_installation_is_not_packed(tmp_path):
    _, site = installed(tmp_path)
    (site / "mine" / "card.yaml").write_bytes(b"edited")
    with pytest.raises(UserError, match=r"card\.yaml was edited after it was installed"):
        own_wheel.pack_again("mine", tmp_path, site)
    with pytest.raises(UserError, match="are not recorded here"):
        own_wheel.pack_again("nothing", tmp_path, site)


# The kit as a whole


@pytest.fixture
def kitchen(tmp_path, monkeypatch):
    """Everything that `make` calls, without pip: one tiny wheel, one tiny dataset in the cache."""
    monkeypatch.delenv("USECASES_MIRROR", raising=False)
    monkeypatch.setenv("USECASES_DATA", str(tmp_path / "cache"))
    (tmp_path / "cache" / "toy").mkdir(parents=True)
    (tmp_path / "cache" / "toy" / "a.txt").write_bytes(b"1")
    entries = {"toy": dataset({"a.txt": b"1"}), "gone": dataset({"g.txt": b"2"}, name="gone")}
    monkeypatch.setattr(kit, "datasets", lambda: entries)
    monkeypatch.setattr(kit.pages, "sources", lambda: {})
    monkeypatch.setattr(own_wheel, "own_wheel", lambda folder: put_wheel(folder, "usecases", "0.1.0"))

    def gather(here, roots, system, *, check):
        path = put_wheel(here.folder, "usecases", "0.1.0", size=3000)
        check()
        return {"usecases": path}

    monkeypatch.setattr(kit, "gather", gather)
    return tmp_path / "kit"


def test_a_kit_says_what_it_holds_and_its_sums_are_right(kitchen):
    made = kit.make(kitchen, [LINUX, WINDOWS], ["toy"])
    content = json.loads((kitchen / "kit.json").read_text(encoding="utf-8"))
    assert content == made.content
    assert content["systems"]["windows"]["wheels"] == ["usecases-0.1.0-py3-none-any.whl"]
    assert (content["python"], content["datasets"]["toy"]["missing"]) == ("3.11", [])
    lines = (kitchen / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {line[66:] for line in lines}
    there = {path.relative_to(kitchen).as_posix() for path in kitchen.rglob("*") if path.is_file()}
    assert listed == there - {"kit.json", "SHA256SUMS"}
    assert made.size == sum((kitchen / name).stat().st_size for name in listed)
    assert (kitchen / "mirror" / "toy" / "a.txt").read_bytes() == b"1"


def test_a_kit_holds_what_a_copied_project_is_built_and_tested_with():
    """Without internet, `pip install --no-index --find-links KIT/wheels -e ".[test]"` of the copy must find everything."""
    entry = catalogue.find("predictive_maintenance")
    asked = [*copied_project.requirements(paths.own_tests(entry.name), entry), "hatchling", "pytest"]
    ours = [line for line in metadata.requires("usecases") if "extra ==" not in line]
    held = {Requirement(line).name for line in [*ours, *kit.ALSO, "usecases"]}
    assert {Requirement(line).name for line in asked} <= held


def test_without_datasets_there_is_no_mirror_and_with_all_the_missing_are_said(kitchen):
    assert kit.make(kitchen, [LINUX], []).content["datasets"] == {}
    assert not (kitchen / "mirror").exists()
    assert set(kit.make(kitchen, [LINUX]).missing) == {"gone/g.txt"}


def test_what_is_stopped_is_no_kit_and_goes_on_later(kitchen, monkeypatch):
    kit.make(kitchen, [LINUX], ["toy"])
    with monkeypatch.context() as patch:
        patch.setattr(mirror, "fill", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            kit.make(kitchen, [LINUX], ["toy"])
    assert not (kitchen / "kit.json").exists()
    assert (kitchen / kit.UNFINISHED).is_file()
    kit.make(kitchen, [LINUX], ["toy"])
    assert (kitchen / "kit.json").is_file()
    assert not (kitchen / kit.UNFINISHED).exists()


def test_too_large_is_refused_and_is_no_kit(kitchen):
    with pytest.raises(
        UserError, match=r"larger than 2\.0 kB \(3\.\d kB already; its largest file is usecases-0\.1\.0"
    ):
        kit.make(kitchen, [LINUX], [], largest=2000)
    assert not (kitchen / "kit.json").exists()


def test_wheels_of_an_earlier_version_go_and_broken_ones_are_fetched_again(kitchen, caplog):
    kit.make(kitchen, [LINUX], [])
    put_wheel(kitchen / "wheels", "old")
    (kitchen / "wheels" / "bad-1.0-py3-none-any.whl").write_bytes(b"half")
    (kitchen / "wheels" / ".partial-x").mkdir()
    with caplog.at_level(logging.WARNING):
        kit.make(kitchen, [LINUX], [])
    assert "bad-1.0-py3-none-any.whl is not whole" in caplog.text
    assert [path.name for path in (kitchen / "wheels").iterdir()] == ["usecases-0.1.0-py3-none-any.whl"]


def test_folders_that_are_not_taken(kitchen, tmp_path):
    kitchen.mkdir()
    (kitchen / "holiday.jpg").touch()
    with pytest.raises(UserError, match=r"holds something else \(holiday\.jpg\)"):
        kit.make(kitchen, [LINUX], [])
    with pytest.raises(UserError, match="is the key plugged in"):
        kit.make(tmp_path / "nowhere" / "kit", [LINUX], [])
    with pytest.raises(UserError, match="did you mean 'toy'"):
        kit.make(tmp_path / "kit2", [LINUX], ["toyy"])
    assert not (tmp_path / "kit2").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system")
def test_a_full_key_and_a_read_only_key_are_one_sentence(kitchen, monkeypatch):
    kitchen.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(kitchen)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a file system is not allowed here")
    try:
        monkeypatch.setattr(own_wheel, "own_wheel", lambda folder: put_wheel(folder, "big", size=100_000))
        with pytest.raises(UserError, match="is full"):
            kit.make(kitchen, [LINUX], [])
        assert not (kitchen / "kit.json").exists()
        subprocess.run(["mount", "-o", "remount,ro", str(kitchen)], check=True)
        with pytest.raises(UserError, match="cannot be written"):
            kit.make(kitchen, [LINUX], [])
    finally:
        subprocess.run(["umount", str(kitchen)], check=True)


def test_without_pip_it_says_how_to_get_it(kitchen, monkeypatch):
    monkeypatch.setattr(kit.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UserError, match="python -m ensurepip"):
        kit.make(kitchen, [LINUX], [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--systems", "linux,windos"], "did you mean 'windows'"),
        (["--python", "3.10"], "from 3.11 on"),
        (["--python", "3"], "from 3.11 on"),
    ],
)
def test_command_refuses_what_it_cannot_do(kitchen, arguments, said):
    with pytest.raises(UserError, match=said):
        command.run([str(kitchen), *arguments], "en", say=lambda _: None)


def test_command_in_both_languages(kitchen):
    lines = []
    assert (
        command.run(
            [str(kitchen), "--datasets", "none", "--systems", "linux,windows"], "fr", say=lines.append
        )
        == 0
    )
    assert "Le kit est complet" in "\n".join(lines)
    narrow = [line.replace(NARROW, " ") for line in lines]
    assert any(line.startswith("wheels pour windows : 1, 3,") for line in narrow)
    assert "jeux de données : –, 0 o" in narrow
    assert lines[-1].strip() == r"install.cmd C:\usecases"
    assert command.run([str(kitchen), "--datasets", "toy,gone"], "en", say=lines.append) == 3
    assert "Not in the kit: gone/g.txt" in lines
