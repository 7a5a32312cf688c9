"""The documentation: the same pages in both languages, and every command line in it is one that exists."""

import re
import shlex
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from usecases import catalogue, config, data, exercises, launcher
from usecases.bench import suites
from usecases.cli import COMMANDS, main
from usecases.formatting import NARROW

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    file.relative_to(DOCS).as_posix() for lang in ("en", "fr") for file in (DOCS / lang).glob("*.md")
)
OTHERS = ("list", "show", "run", "demo", "doctor")
QUICK = ("list", "show", "data list", "data template", "exercise list", "exercise show", "copy")
NAMES = {  # the names that readers of one page meet: a page that forgot one is of no use
    "own-method": ["method=custom", "median_life.MedianLife", "usecases bench", "usecases.configs"],
    "own-data": ["data template", "usecases feasibility", "usecases predict", "usecases serve", "mlflow gc"],
    "deliveries": [
        "delivery_optimization/routing",
        "delivery_optimization/robustness",
        "delivery_optimization/quote",
        "dynamic",
    ],
    "own-deliveries": ["data template", "data.durations", "mlflow gc"],
    "templates": ["usecases copy", "--as my_pumps", "usecases run my_pumps/rul"],
    "classroom": ["usecases kit", "sh install.sh", "install.cmd", "usecases exercise", "USECASES_MIRROR"],
}


def text_of(page):
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page):
    """Language and text of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL)


def headings(page):
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    return [line.partition(" ")[0] for line in prose.splitlines() if re.match(r"#+ ", line)]


def lines(language="bash"):
    """Every command line with its page."""
    for page in PAGES:
        for kind, body in blocks(page):
            if kind == language:
                yield from ((page, line) for line in body.splitlines() if line.strip())


def without_language(line):
    """The words of a command line, the same whatever the language of its page."""
    return [word for word in shlex.split(line.replace(" --lang fr", "")) if word != "lang=fr"]


UNIQUE = {tuple(without_language(line)): (page, line) for page, line in reversed([*lines()])}
COMMAND_LINES = [pytest.param(words, id=f"{page}: {line}") for words, (page, line) in UNIQUE.items()]


def test_both_languages_have_the_same_pages():
    assert {Path(p).name for p in PAGES if p.startswith("en/")} == {
        Path(p).name for p in PAGES if p.startswith("fr/")
    }
    assert {"en/index.md", "en/own-data.md"} <= set(PAGES)


@pytest.mark.parametrize("name", sorted({Path(page).name for page in PAGES}))
def test_pages_have_the_same_shape(name):
    english, french = f"en/{name}", f"fr/{name}"
    assert headings(english) == headings(french)
    assert [kind for kind, _ in blocks(english)] == [kind for kind, _ in blocks(french)]
    assert text_of(english).count("\n|") == text_of(french).count("\n|")
    commands = [
        [
            without_language(line)[:2]
            for kind, body in blocks(page)
            if kind == "bash"
            for line in body.splitlines()
        ]
        for page in (english, french)
    ]
    assert commands[0] == commands[1]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", text_of(page)):
        assert (DOCS / page).parent.joinpath(target).resolve().is_file(), target


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("fr/")])
def test_french_typography(page):
    prose = re.sub(
        r"^```.*?^```|`[^`]*`|\]\([^)]*\)|^\|[ :|-]+\|$", "", text_of(page), flags=re.MULTILINE | re.DOTALL
    )
    assert not re.findall(r"\w+'\w+", prose)
    assert not re.findall(r"\w [;:!?%»](?=\s|$)", prose)
    assert NARROW in prose


@pytest.mark.parametrize(
    ("page", "names"), [(f"{lang}/{k}.md", v) for lang in ("en", "fr") for k, v in NAMES.items()]
)
def test_what_a_reader_needs_is_there(page, names):
    assert not [name for name in names if name not in text_of(page)]


def test_every_page_is_reached_from_the_index():
    for lang in ("en", "fr"):
        index = text_of(f"{lang}/index.md")
        assert not [
            p
            for p in PAGES
            if p.startswith(f"{lang}/") and f"]({Path(p).name})" not in index and "index" not in p
        ]


def test_the_readmes_lead_to_the_documentation():
    for readme, lang in (("README.md", "en"), ("README.fr.md", "fr")):
        text = (ROOT / readme).read_text(encoding="utf-8")
        for page in ("index", *NAMES, "benchmarks"):
            assert f"](docs/{lang}/{page}.md)" in text, (readme, page)


# Commands


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the examples of the documentation, as a reader would have it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for example in (DOCS / "examples").glob("*.py"):
        shutil.copy(example, tmp_path)
    yield tmp_path
    for example in (DOCS / "examples").glob("*.py"):
        sys.modules.pop(example.stem, None)


def help_of(words, capsys):
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("words", COMMAND_LINES)
def test_a_command_line_exists(words, here, capsys):
    if words[0] != "usecases":
        assert words[0] in ("cd", "pip")
        return
    command, *rest = words[1:]
    assert command in (*COMMANDS, *OTHERS)
    if command == "run":
        assert {word for word in rest if word.startswith("-")} <= {"-m", "--help"}
        check_overrides(rest)
        return
    called = [command, rest[0]] if command in ("data", "exercise") else [command]
    shown = help_of(called, capsys)
    for flag in (word for word in rest if word.startswith("--")):
        assert flag in shown, f"{flag} is no option of usecases {' '.join(called)}"
    check_names(command, [word for word in rest if not word.startswith("-")])


def check_overrides(words):
    """Compose what was typed, the first of each sweep."""
    entry, task = catalogue.find_task(words[0])
    overrides = [word for word in words[1:] if "=" in word and not word.startswith("suite=")]
    first = launcher.jobs(config.quote_paths(overrides), True)[0]
    assert config.compose(entry.name, task["name"], first).package == entry.name


def check_names(command, words):
    """Names that a command would look up."""
    if command == "bench":
        named = [word.partition("=")[2] for word in words if word.startswith("suite=")]
        assert suites.load(words[0], named[0]).blocks
    if command in ("bench", "feasibility"):
        check_overrides(words)
    elif command == "exercise" and len(words) > 1:
        exercises.find(words[1])
    elif command == "data" and words[0] in ("fetch", "mirror"):
        assert set(words) & set(data.datasets())
    elif command in ("copy", "show"):
        assert catalogue.find(words[0])


@pytest.mark.parametrize("name", [page for page in PAGES if page.startswith("en/")])
def test_the_quick_commands_of_a_page_run(name, here, capsys):
    for page, line in lines():
        words = shlex.split(line)
        if page == name and words[0] == "usecases" and " ".join(words[1:3]).startswith(QUICK):
            assert main(words[1:]) == 0, line
    assert "Traceback" not in capsys.readouterr().err


def test_own_method_from_the_documentation_alone(here, mirror, capsys):
    """The commands of the page, at a budget for tests."""
    line, routing = [line for page, line in lines() if page == "en/own-method.md" and " run " in line]
    assert main([*shlex.split(line)[1:], "budget=smoke", "tracking=none", "data.n_machines=16"]) == 0
    assert "MedianLife" in capsys.readouterr().out
    assert main([*shlex.split(routing)[1:], "budget=smoke", "tracking=none"]) == 0
    assert "Sweep" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_own_data_from_the_documentation_alone(lang, here, capsys):
    """Every command of the page in its order, but the server."""
    folder = None
    for page, line in lines():
        if page != f"{lang}/own-data.md" or " serve " in line:
            continue
        words = shlex.split(line.replace("RUN_DIR", str(folder)))[1:]
        if words[0] == "predict":
            shutil.copy("machines.csv", words[2])
        assert main(words) == 0, line
        folder = next((here / "runs" / "predictive_maintenance-rul").glob("*/"), folder)
    answers = here / ("answers.csv" if lang == "en" else "reponses.csv")
    assert len(answers.read_text(encoding="utf-8-sig").splitlines()) == 25
    assert [*(here / "runs").glob("feasibility-*/*/feasibility.html")]


def test_the_wheel_of_the_documentation_is_the_one_that_is_tested():
    """The packaging test builds this very project."""
    sys.path.insert(0, str(ROOT / "tests"))
    try:
        import stranger_source
    finally:
        sys.path.pop(0)
    for lang in ("en", "fr"):
        [shown] = [body for kind, body in blocks(f"{lang}/own-method.md") if kind == "toml"]
        assert tomllib.loads(shown) == tomllib.loads(stranger_source.PROJECT)
        [yaml_shown] = [body for kind, body in blocks(f"{lang}/own-method.md") if kind == "yaml"]
        assert yaml_shown in stranger_source.FILES.values()


def test_suites_and_traps_of_the_tables_exist():
    for lang in ("en", "fr"):
        named = set(re.findall(r"^\| `(\w+)` \|", text_of(f"{lang}/benchmarks.md"), re.MULTILINE))
        known = {
            f.stem
            for folder in ("rul", "common")
            for f in (ROOT / "configs/predictive_maintenance" / folder / "suite").glob("*.yaml")
        }
        assert named <= known
        traps = set(re.findall(r"^\| `(trap_\w+)` \|", text_of(f"{lang}/classroom.md"), re.MULTILINE))
        assert traps == {f.stem for f in (ROOT / "configs").glob("*/*/experiment/trap_*.yaml")}
