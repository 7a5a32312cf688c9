"""Suites: their files, their sweeps, what the command line changes, and an own method beside the others."""

import pytest

from usecases.bench import plan as bench_plan
from usecases.bench import suite_rows, suites
from usecases.errors import UserError

MINE = """\
class Shifted:
    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, x, y):
        return {"intercept": y.mean() + self.shift, "slope": 0.0}


class Empty:
    pass
"""


def labels(spec, name=None, *given):
    plan = bench_plan.prepare(suites.load(spec, name), given)
    return [(row.task, row.data_label, row.method, row.seed, row.fold) for row in plan.rows]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module of the user's own in the current folder, whatever Python imported before."""
    import sys

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place])
    (tmp_path / "my_module.py").write_text(MINE, encoding="utf-8")
    yield tmp_path
    for name in ("my_module", "my_other"):
        sys.modules.pop(name, None)


def test_rows_are_all_combinations_grouped_by_data():
    assert labels("toy_cases/average", "noise") == [
        ("average", "line noise=0.1", "mean", 0, None),
        ("average", "line noise=0.1", "linear", 0, None),
        ("average", "line noise=0.5", "mean", 0, None),
        ("average", "line noise=0.5", "linear", 0, None),
    ]


def test_a_task_without_a_suite_has_all_its_methods():
    assert [row[2] for row in labels("toy_cases/average")] == ["linear", "mean"]


def test_rows_of_a_package_name_their_task():
    assert [row[0] for row in labels("toy_cases", "all")] == ["average", "knapsack", "knapsack"]
    assert [row[:2] for row in labels("toy_cases/knapsack", "all")] == [("knapsack", "random n_items=8")] * 2


def test_a_package_without_a_suite_has_all_its_tasks():
    assert {row[0] for row in labels("toy_cases")} == {"average", "knapsack", "newsvendor"}


def test_an_axis_typed_takes_the_place_of_the_suite_s():
    found = labels("toy_cases/average", "noise", "seed=3,4", "method=mean", "data.fold=0,1", "data.noise=0.2")
    assert sorted(found) == [
        ("average", "line noise=0.2", "mean", seed, fold) for seed in (3, 4) for fold in (0, 1)
    ]


def test_a_data_source_typed_takes_its_details_with_it():
    suite = suites.load("predictive_maintenance/rul", "cmapss")
    jobs = suite_rows.spread(suite, ["data=fleet", "method=ridge"])
    assert [job.overrides for job in jobs] == [("data=fleet", "method=ridge", "seed=0")]


def test_budgets_tell_rows_apart():
    found = labels("toy_cases/average", None, "budget=smoke,full", "method=mean")
    assert [row[1] for row in found] == ["line smoke", "line full"]


def test_rows_that_look_alike_are_named_in_full(mine):
    """Two classes of one name in two modules: as one line they would be taken for two runs of one method."""
    (mine / "my_other.py").write_text((mine / "my_module.py").read_text(encoding="utf-8"), encoding="utf-8")
    given = ("method=custom", "method._target_=my_module.Shifted,my_other.Shifted")
    assert [row[2] for row in labels("toy_cases/average", None, *given)][2:] == [
        "my_module.Shifted",
        "my_other.Shifted",
    ]


def test_an_own_method_joins_the_others(mine):
    found = labels(
        "toy_cases/average", None, "method=custom", "method._target_=my_module.Shifted", "method.shift=2"
    )
    assert [row[2] for row in found] == ["linear", "mean", "Shifted shift=2"]


def test_an_own_method_from_an_installed_module():
    found = labels("toy_cases/average", None, "method=custom", "method._target_=toy_cases.learning.Linear")
    assert [row[2] for row in found] == ["linear", "mean", "Linear"]


def test_an_own_method_beside_chosen_ones(mine):
    found = labels(
        "toy_cases/average",
        "noise",
        "method=mean,custom",
        "method._target_=my_module.Shifted",
        "method.shift=1,2",
    )
    assert [row[2] for row in found] == ["mean", "Shifted shift=1", "Shifted shift=2"] * 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["method=custom"], "method=custom needs a class"),
        (["method=custom", "method._target_=my_module"], "MODULE.CLASS was expected"),
        (["method=custom", "method._target_=no_such.Shifted"], "there is no module 'no_such'"),
        (["method=custom", "method._target_=my_module.Shfted"], "did you mean 'Shifted'"),
        (["method=custom", "method._target_=my_module.Empty"], "has no fit"),
        (["method=custom", "method._target_=my_module.Shifted", "method.shfit=2"], "unexpected keyword argument 'shfit'"),
        (["method._target_=my_module.Shifted"], "type method=custom before it"),
        (["method=linaer"], "block 1, row data=line data.noise=0.1 method=linaer seed=0: unknown method 'linaer'"),
        (["data.n_groups=2"], "at least 4 people are needed"),
        (["seed=-1"], "a whole number from 0 on was expected"),
        (["lang=en,fr"], "the same for all rows"),
        (["baselines=[custom]"], "unknown method 'custom' in baselines"),
        (["metod=mean"], "unknown key 'metod'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_before_any_row_runs(mine, given, said):
    with pytest.raises(UserError) as error:
        labels("toy_cases/average", "noise", *given)
    assert said in str(error.value)
    assert not (mine / "runs").exists()


def test_a_module_that_does_not_import(mine):
    (mine / "my_module.py").write_text("def broken(:\n", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be imported \\(SyntaxError"):
        labels("toy_cases/average", None, "method=custom", "method._target_=my_module.Shifted")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs title"),
        ("- a list", "needs title"),
        ("title: {en: a, fr: b}\nrows: [", "cannot be read"),
        ("title: x\nrows: [{sweep: [data=line]}]", "title"),
        ("title: {en: a, fr: b}\nrows: [{sweep: []}]", "block 1 needs sweep"),
        ("title: {en: a, fr: b}\nrows: [{sweep: [data]}]", "'data' is no override"),
        (
            "title: {en: a, fr: b}\nrows: [{sweep: [data=line], taks: x}]",
            "unknown key suite bad, block 1.taks",
        ),
        ("title: {en: a, fr: b}\ntimd: true\nrows: [{sweep: [data=line]}]", "did you mean 'timed'"),
        ("title: {en: a, fr: b}\nrows: [{sweep: [data=line], task: avrage}]", "did you mean 'average'"),
        ("title: {en: a, fr: b}\nrows: [{sweep: [data=random], task: knapsack}]", "has no row of average"),
        ("title: {en: caf\xe9, fr: b}", "cannot be read"),
    ],
)
def test_a_file_that_is_no_suite(tmp_path, monkeypatch, text, said):
    file = tmp_path / "bad.yaml"
    file.write_bytes(text.encode("latin-1"))
    monkeypatch.setattr(suites, "_files", lambda spec: {"bad": file})
    with pytest.raises(UserError) as error:
        suites.load("toy_cases/average", "bad")
    assert said in str(error.value)


def test_a_suite_is_no_run():
    from usecases import launcher

    with pytest.raises(UserError, match="type usecases bench toy_cases/average suite=noise"):
        launcher.run("toy_cases/average", ["suite=noise"], say=print)


def test_unknown_suites_and_names():
    with pytest.raises(UserError, match="did you mean 'noise'"):
        suites.load("toy_cases/average", "nois")
    with pytest.raises(UserError, match="Unknown task"):
        suites.load("toy_cases/avrage")
    with pytest.raises(UserError, match="nothing of it can be run"):
        suites.load("greenhouse")


RUL = "predictive_maintenance/rul"


@pytest.mark.parametrize(
    ("spec", "name"),
    [(RUL, "cmapss"), (RUL, "fleet"), (RUL, "smoke"), ("predictive_maintenance", "all")],
)
def test_our_suites_are_suites(spec, name):
    suite = suites.load(spec, name)
    assert name in suites.names(spec)
    assert suite.title["fr"] != suite.title["en"]
    assert suite_rows.spread(suite)


def test_the_cmapss_suite_has_every_method_on_three_subsets():
    from usecases import config

    jobs = suite_rows.spread(suites.load("predictive_maintenance/rul", "cmapss"))
    methods = {text.partition("=")[2] for job in jobs for text in job.overrides if text.startswith("method=")}
    assert methods >= set(config.methods("predictive_maintenance", "rul"))
    assert len(jobs) == 3 * len(methods)
