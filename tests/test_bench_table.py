"""The table of a suite: means and intervals, paired differences, failures, published values, saved and read again."""

import csv
import io
import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats as scipy_stats

from usecases import config, paths, stats
from usecases.bench import compare as bench_compare
from usecases.bench import lines as bench_lines
from usecases.bench import page as bench_page
from usecases.bench import published
from usecases.bench import table as bench_table
from usecases.bench import words as bench_words
from usecases.bench.suites import Row, Suite
from usecases.contract import Text
from usecases.errors import UserError

COMPOSED = cache(config.compose)
ENGINES = [f"e{n}" for n in range(30)]


@pytest.fixture(autouse=True)
def _compose_once(monkeypatch):
    """Compose the configuration of a task once for all tests."""
    monkeypatch.setattr(bench_table.config, "compose", COMPOSED)


def metric(value, interval=None, higher=False, unit="cycles"):
    return {
        "value": value,
        "unit": unit,
        "higher_is_better": higher,
        "interval": interval,
        "interval_kind": interval and "95 % bootstrap over engines",
        "label": {"en": "Root mean square error", "fr": "Erreur quadratique moyenne"},
    }


@pytest.fixture
def make_row(tmp_path):
    """Make a row as a suite leaves it: a run folder with result.json, losses.csv and sums."""

    def make(
        method, seed=0, fold=None, value=10.0, *, losses=None, groups=ENGINES, fingerprint="same", task="rul",
        data="cmapss FD001", status="ok", error=None, headline="rmse_capped", higher=False, interval=None,
        dirty=False, cpu=2.0, memory=100.0, fit=None, more=None, bounds=None, kind=None, unit="cycles",
    ):  # fmt: skip
        key = f"{len(list(tmp_path.glob('rows/*'))):016x}"
        folder = tmp_path / "rows" / key
        folder.mkdir(parents=True)
        ok = status in ("ok", "partial")
        record = {
            "schema": 1, "use_case": "predictive_maintenance", "task": task, "status": status, "error": error,
            "reproducible": True, "method": method.partition(" ")[0], "seed": seed, "fold": fold,
            "data": {"name": "cmapss", "subset": data.rpartition(" ")[2], "fingerprint": fingerprint, "kind": kind},
            "metrics": {headline: metric(value, interval, higher)} | (more or {}) if ok else {},
            "bounds": bounds or {}, "names": {}, "budget": "laptop", "device": "cpu",
            "timings": {"solve": {"cpu_s": cpu, "wall_s": cpu + 1}} | ({"solve/fit": {"cpu_s": fit, "wall_s": 1}} if fit else {}),
            "peak_memory_mb": memory, "versions": {"usecases": "0.1.0"}, "git": {"commit": "abc", "dirty": dirty},
            "environment": {"platform": "Linux", "processor": "x86", "cores": 2},
        }  # fmt: skip
        paths.write_json(folder / "result.json", record)
        if losses is not None and ok:
            lines = [f"{group},{float(loss)!r}" for group, loss in zip(groups, losses, strict=True)]
            paths.write_text(folder / "losses.csv", "\n".join([f"group,loss [{unit}]", *lines, ""]))
        paths.write_sums(folder)
        return Row(key, task, data, method, seed, fold, (), folder, record)

    return make


def suite(package="predictive_maintenance", task="rul", metrics=(), timed=True, **more):
    title = Text("Three | subsets", "Trois sous-ensembles")
    return Suite("cmapss", package, task, title, (), timed, metrics, **more)


def table(rows, **options):
    return bench_table.make(rows, suite(**options), "usecases bench predictive_maintenance/rul suite=cmapss")


def measured(made):
    return {line["method"]: line for line in made["lines"] if "cost" in line}


def test_five_seeds_get_a_student_interval(make_row):
    values = [9.6, 9.4, 9.5, 9.7, 9.3]
    line = measured(table([make_row("ridge", seed, value=v) for seed, v in enumerate(values)]))["ridge"]
    figure = line["figures"]["rmse_capped"]
    expected = scipy_stats.t.interval(0.95, 4, loc=np.mean(values), scale=scipy_stats.sem(values))
    assert figure["value"] == pytest.approx(9.5)
    assert figure["interval"] == pytest.approx(expected)
    assert figure["interval_kind"] == "95 % Student-t over 5 seeds"
    assert (line["n"], line["n_measured"], figure["n"]) == (5, 5, 5)


def test_two_to_four_seeds_get_a_range_that_is_called_a_range(make_row):
    made = table([make_row("ridge", seed, value=v) for seed, v in enumerate([9.0, 11.0, 10.0])])
    figure = measured(made)["ridge"]["figures"]["rmse_capped"]
    assert figure["interval"] == [9.0, 11.0]
    assert figure["interval_kind"] == "range over 3 seeds"
    assert "range over 3 seeds" in bench_table.text(made, "en", 120)
    assert "étendue sur 3 graines" in bench_table.text(made, "fr", 120)


def test_one_row_keeps_the_interval_of_its_run(make_row):
    figure = measured(table([make_row("ridge", interval=[8.0, 12.0])]))["ridge"]["figures"]["rmse_capped"]
    assert figure["interval"] == [8.0, 12.0]
    assert figure["interval_kind"] == "95 % bootstrap over engines"


def test_seeds_and_folds_are_not_taken_for_independent_rows():
    grid = {(s, f): 10 + s + 10 * f for s in range(5) for f in range(3)}
    found = bench_lines.summary([(s, f, {"value": v}) for (s, f), v in grid.items()])
    by_seed = [np.mean([grid[s, f] for f in range(3)]) for s in range(5)]
    expected = scipy_stats.t.interval(0.95, 4, loc=np.mean(by_seed), scale=scipy_stats.sem(by_seed))
    assert found["interval"] == pytest.approx(expected)
    assert found["n"] == 15
    few_seeds = bench_lines.summary([(s, f, {"value": v}) for (s, f), v in grid.items() if s < 2])
    assert few_seeds["interval_kind"] == "range over 3 folds"
    five_folds = bench_lines.summary([(0, f, {"value": float(f)}) for f in range(5)])
    assert five_folds["interval_kind"] == "95 % Student-t over 5 folds"


def test_what_was_not_measured_is_not_counted():
    found = bench_lines.summary([(0, None, {"value": None}), (1, None, {"value": 3.0}), (2, None, None)])
    assert (found["value"], found["n"]) == (3.0, 1)
    assert bench_lines.summary([(0, None, {"value": None})])["value"] is None


def test_pairs_by_hand(make_row):
    rng = np.random.default_rng(1)
    theirs = {seed: rng.uniform(5, 15, 30) for seed in (0, 1)}
    ours = {seed: losses - rng.uniform(0, 2, 30) for seed, losses in theirs.items()}
    rows = [make_row("ridge", s, losses=theirs[s]) for s in (1, 0)]
    rows += [make_row("mine", s, losses=ours[s], value=9.0) for s in (0, 1)]
    found = measured(table(rows))["mine"]["difference"]
    by_hand = np.concatenate([theirs[0] - ours[0], theirs[1] - ours[1]])
    low, high = stats.bootstrap_by_group(np.mean, by_hand, ENGINES * 2, seed=0)
    assert found["with"] == "ridge"
    assert found["value"] == pytest.approx(by_hand.mean())
    assert found["interval"] == pytest.approx([low, high])
    assert (found["n"], found["unit"], found["verdict"]) == (60, "cycles", "better")


def test_only_common_seeds_are_paired(make_row):
    rows = [make_row("ridge", 0, losses=[3.0] * 30), make_row("ridge", 1, losses=[99.0] * 30)]
    rows += [make_row("mine", 0, losses=[1.0] * 30), make_row("mine", 2, losses=[50.0] * 30)]
    found = measured(table(rows))["mine"]["difference"]
    assert (found["value"], found["n"]) == (2.0, 30)


@pytest.mark.parametrize(("gain", "verdict"), [(1.0, "better"), (-1.0, "worse"), (0.0, "unclear")])
def test_verdicts(make_row, gain, verdict):
    noise = np.tile([-0.3, 0.3], 15)
    rows = [make_row("ridge", losses=np.full(30, 5.0)), make_row("mine", losses=5.0 - gain + noise)]
    assert measured(table(rows))["mine"]["difference"]["verdict"] == verdict


@pytest.mark.parametrize("n", [1, 4])
def test_few_groups_have_a_verdict_of_their_own_without_advice(make_row, n):
    few = {"groups": [f"d{k}" for k in range(n)], "unit": "EUR"}
    rows = [
        make_row("ridge", losses=[986.0] * n, **few),
        make_row("mine", value=8.0, losses=[836.0] * n, **few),
    ]
    made = table(rows)
    assert measured(made)["mine"]["difference"]["verdict"] == "few"
    english, french = (bench_table.page(made, lang) for lang in ("en", "fr"))
    assert (
        "Gain over ridge, the best baseline: 150.0 EUR, over fewer than five groups of test units: too few for a verdict."
        in english
    )
    assert ">no interval: fewer than five groups<" in english
    assert "moins de cinq groupes" in french
    for page in (english, french):
        for wrong in (
            "prefer the simpler",
            "préférez",
            "EUR )",
            "EUR\u202f)",
            "not measured ;",
            "non mesuré ;",
        ):
            assert wrong not in page
    assert "150.0 ?" in bench_table.text(made, "en", 120)
    assert "?: fewer than five groups" in bench_table.text(made, "en", 120)


@pytest.mark.parametrize(
    ("kind", "prints", "folds", "many"),
    [
        ("generated", "abcde", (None,) * 5, True),  # each seed is a city of its own
        ("generated", "aaaaa", (None,) * 5, False),  # the same data under every seed
        ("generated", "abcde", range(5), False),  # folds of the same data
        ("own", "abcde", (None,) * 5, False),  # splits of a person's own rows
    ],
)
def test_a_group_is_resampled_with_all_its_seeds_unless_each_seed_has_its_own_data(
    make_row, kind, prints, folds, many
):
    rows = [
        make_row(method, seed, fold, losses=[loss + seed], groups=["d0"], fingerprint=print_, kind=kind)
        for method, loss in (("ridge", 5.0), ("mine", 3.0))
        for seed, (fold, print_) in enumerate(zip(folds, prints, strict=True))
    ]
    found = bench_compare.difference(rows[5:], rows[:5])
    assert (found["value"], found["n"]) == (2.0, 5)
    assert found["verdict"] == ("better" if many else "few")


def test_french_elides_before_a_vowel_and_takeaways_are_sentences(make_row):
    noise = np.tile([-3.0, 3.0], 15)
    rows = [
        make_row("insertion", value=12.0, losses=np.full(30, 5.0), cpu=0.5),
        make_row("exact", value=9.0, losses=5.0 + noise, cpu=20.0),
    ]
    made = table(rows, baselines=("insertion",))
    assert measured(made)["exact"]["difference"]["verdict"] == "unclear"
    english, french = (bench_page.takeaways(made, lang) for lang in ("en", "fr"))
    assert len(english) >= 3
    assert "départagée d’insertion" in french[1]
    assert "A run of exact takes 20.0 s of processor time, one of insertion 0.5 s." in english
    assert "Une exécution d’exact prend 20,0 s de processeur, une d’insertion 0,5 s." in french


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"fingerprint": "other"}, "data"),
        ({"fingerprint": ""}, "data"),
        ({"groups": ENGINES[::-1]}, "units"),
        ({"losses": None}, "losses"),
        ({"losses": [float("nan")] * 30}, "losses"),
        ({"seed": 7}, "runs"),
    ],
)
def test_what_cannot_be_paired_is_not_and_says_why(make_row, changes, refused):
    rows = [make_row("ridge", losses=[3.0] * 30), make_row("weibull", value=20.0, losses=[4.0] * 30)]
    rows.append(make_row("mine", **({"losses": [1.0] * 30} | changes)))
    made = table(rows)
    found = measured(made)["mine"]["difference"]
    assert found["refused"] == refused
    assert "value" not in found
    for lang in ("en", "fr"):
        reason = bench_words.say(bench_compare.REFUSALS[refused], lang)
        assert (
            f"cmapss FD001 mine{': ' if lang == 'en' else chr(0x202F) + ': '}{reason}"
            in bench_table.markdown(made, lang)
        )


def test_the_best_baseline_is_the_reference(make_row):
    values = {"mean_life": 30.0, "weibull": 12.0, "ridge": 14.0, "mine": 9.0}
    rows = [make_row(m, value=v, losses=[v] * 30) for m, v in values.items()]
    rows.append(make_row("mean_life", data="cmapss FD003", value=40.0, losses=[40.0] * 30))
    rows.append(make_row("mine", data="cmapss FD003", value=41.0, losses=[41.0] * 30))
    lines = {(line["data"], line["method"]): line for line in table(rows)["lines"] if "cost" in line}
    assert lines["cmapss FD001", "mine"]["difference"]["with"] == "weibull"
    assert lines["cmapss FD001", "ridge"]["difference"]["value"] == -2.0
    assert lines["cmapss FD001", "weibull"]["difference"] is None
    assert lines["cmapss FD001", "weibull"]["is_reference"]
    assert lines["cmapss FD003", "mine"]["difference"]["with"] == "mean_life"
    assert lines["cmapss FD001", "mean_life"]["kind"] == "trivial"
    assert lines["cmapss FD001", "ridge"]["kind"] == "baseline"


def test_a_suite_may_choose_its_headline_and_its_baselines(make_row):
    other = {"mine": 5.0, "tcn": 7.0, "ridge": 1.0}
    rows = [
        make_row(m, value=10 - v, losses=[v] * 30, more={"width_90": metric(v)}) for m, v in other.items()
    ]
    made = table(rows, headline="width_90", baselines=("tcn",))
    assert [line["method"] for line in made["lines"] if "cost" in line] == ["ridge", "mine", "tcn"]
    assert measured(made)["mine"]["difference"]["with"] == "tcn"
    assert measured(made)["ridge"]["kind"] == "method"


def test_a_failed_baseline_is_no_reference(make_row):
    rows = [
        make_row("ridge", status="failed", error="boom"),
        make_row("mean_life", value=30.0, losses=[3.0] * 30),
    ]
    assert (
        measured(table([*rows, make_row("mine", losses=[1.0] * 30)]))["mine"]["difference"]["with"]
        == "mean_life"
    )


def test_without_a_baseline_nothing_is_compared(make_row):
    made = table([make_row("mine", losses=[1.0] * 30), make_row("other", losses=[2.0] * 30)])
    assert [line["difference"] for line in measured(made).values()] == [None, None]
    assert "gain" not in bench_table.markdown(made, "en")


def test_higher_is_better_is_respected(make_row):
    options = {"task": "knapsack", "headline": "value", "higher": True, "data": "random"}
    rows = [make_row("greedy", value=50.0, losses=[2.0] * 30, **options)]
    rows.append(make_row("exact", value=60.0, losses=[1.0] * 30, **options))
    made = table(rows, package="toy_cases", task="knapsack")
    assert [line["method"] for line in made["lines"]] == ["exact", "greedy"]
    assert measured(made)["exact"]["difference"]["verdict"] == "better"
    assert "exact comes first" in bench_table.page(made, "en")


def test_best_comes_first_and_data_keep_the_order_of_the_suite(make_row):
    rows = [
        make_row(m, data=d, value=v)
        for d in ("z", "a")
        for m, v in [("mean_life", 3.0), ("b", 2.0), ("c", 1.0)]
    ]
    lines = [(line["data"], line["method"]) for line in table(rows)["lines"]]
    assert lines == [(d, m) for d in ("z", "a") for m in ("c", "b", "mean_life")]


def test_failures_are_shown_never_dropped(make_row):
    error = "ValueError: a | bar\nand a second line"
    rows = [make_row("mine", 0), make_row("mine", 1, status="failed", error=error)]
    rows += [make_row("ridge", 0, status="interrupted", error="stopped")]
    rows.append(Row("9" * 16, "rul", "cmapss FD001", "tcn", 0, None, (), rows[0].folder))
    made = table(rows)
    lines = measured(made)
    assert (lines["mine"]["n"], lines["mine"]["n_measured"]) == (2, 1)
    assert lines["tcn"]["failures"][0]["status"] == "not run"
    markdown, page = bench_table.markdown(made, "en"), bench_table.page(made, "fr")
    assert "| mine, seed 1 | *failed: ValueError: a \\| bar and a second line* |" in markdown
    assert "| ridge | *interrupted: stopped*" in markdown
    assert "not run: this row has not run" in bench_table.text(made, "en", 100)
    assert "échec\u202f: ValueError: a | bar and a second line" in page
    assert "Exécutions en échec\u202f: 3 sur 4" in page
    assert "1/2" in markdown
    row = next(r for r in csv.DictReader(io.StringIO(bench_table.csv_text(made))) if r["method"] == "mine")
    assert row["errors"] == "seed 1: failed: ValueError: a | bar and a second line"


def test_a_suite_of_failures_only_still_makes_a_table(make_row):
    made = table([make_row("ridge", status="failed", error="boom")])
    for lang in ("en", "fr"):
        assert "boom" in bench_table.text(made, lang, 60)
        assert "boom" in bench_table.page(made, lang)
        assert "boom" in bench_table.markdown(made, lang)


def test_costs_are_means_and_the_largest_memory(make_row):
    rows = [
        make_row("ridge", s, cpu=c, memory=m, fit=f) for s, (c, m, f) in enumerate([(2, 100, 1), (4, 300, 2)])
    ]
    cost = measured(table(rows))["ridge"]["cost"]
    assert cost == {"solve_cpu_s": 3.0, "solve_wall_s": 4.0, "fit_cpu_s": 1.5, "peak_memory_mb": 300.0}
    assert "fit, CPU s" in bench_table.markdown(table(rows), "en")
    mixed = bench_table.markdown(table([*rows, make_row("mine")]), "en")
    assert "fit, CPU s" not in mixed, "one convention for all lines"
    assert "| CPU s |" in mixed


def test_bounds_are_rows_of_their_own(make_row):
    bounds = {"perfect": {"rmse_raw": metric(3.74)}}
    more = {"rmse_raw": metric(11.0)}
    made = table([make_row(m, more=more, bounds=bounds) for m in ("ridge", "mine")], metrics=("rmse_raw",))
    lines = [line for line in made["lines"] if line["kind"] == "bound"]
    assert [line["method"] for line in lines] == ["perfect"]
    assert lines[0]["figures"]["rmse_raw"]["value"] == 3.74
    assert "3.74" in bench_table.markdown(made, "en")


def test_a_bound_of_each_method_is_a_row_for_each_and_a_constant_has_no_interval(make_row):
    def bounds(own):
        return {"hindsight": {"rmse_capped": metric(own)}, "published": {"rmse_capped": metric(9.0)}}

    rows = [
        make_row(m, seed, bounds=bounds(own + seed))
        for m, own in (("ridge", 5.0), ("mine", 3.0))
        for seed in range(5)
    ]
    lines = {
        line["method"]: line["figures"]["rmse_capped"]
        for line in table(rows)["lines"]
        if line["kind"] == "bound"
    }
    assert {name: figure["value"] for name, figure in lines.items()} == {
        "hindsight (ridge)": 7.0,
        "hindsight (mine)": 5.0,
        "published": 9.0,
    }
    assert lines["published"]["interval"] is None
    assert lines["hindsight (mine)"]["interval"] is not None


@pytest.mark.parametrize(("theirs", "said"), [(40.0, True), (80.2, False)])
def test_less_work_is_told_beside_the_gain(make_row, theirs, said):
    rows = []
    for method, value, accepted in (("ridge", 10.0, theirs), ("mine", 8.0, 80.0)):
        more = {"accepted": metric(accepted)}
        row = make_row(method, value=value, losses=np.full(30, value), more=more)
        rows.append(replace(row, record=row.record | {"share": "accepted"}))
    made = table(rows)
    assert ("Not the same work" in bench_table.page(made, "en")) is said
    assert (
        "n&#39;est pas une économie" in bench_table.page(made, "fr")
        or "n’est pas une économie" in bench_table.page(made, "fr")
    ) is said


def test_published_values_stand_below_with_flags_and_recalled_ones_are_hidden(make_row):
    made = table([make_row("ridge"), make_row("ridge", data="cmapss FD009")])
    papers = [line for line in made["lines"] if line["kind"] == "published"]
    assert {line["data"] for line in papers} == {"cmapss FD001"}
    assert made["lines"][0]["kind"] == "baseline"
    values = published.load("predictive_maintenance", "rul")
    recalled = [value.method for value in values if value.checked == "recalled"]
    for lang, leaks, read in (
        ("en", "leaks", "read in the work itself"),
        ("fr", "fuite", "lu dans le travail lui-même"),
    ):
        made_for_terminal = bench_table.text(made, lang, 200)
        for text in (
            made_for_terminal,
            bench_table.markdown(made, lang),
            bench_table.markdown(made, lang, papers="table"),
            bench_table.page(made, lang),
        ):
            assert "FFVE (2024)" in text
            assert leaks in text
            for source in (read, "LLerDagu/RUL-FFVE"):  # the terminal leaves them to larger pages
                assert (source in text) == (text is not made_for_terminal)
            assert not [name for name in recalled if name in text]
    rows = list(csv.DictReader(io.StringIO(bench_table.csv_text(made))))
    flags = {row["method"]: (row["protocol"], row["checked"]) for row in rows if row["kind"] == "published"}
    assert flags["AMNL"] == ("test-selected", "read")


def test_the_value_to_reach_is_never_a_leaking_one(make_row):
    page = bench_table.page(table([make_row("ridge")]), "en")
    sentence = re.search(r"Best published value found without a known leak: .*?\(([^;]*);", page)
    assert sentence
    assert sentence[1] == "DKAMFormer (2025)"


def test_french_typography(make_row):
    rows = [
        make_row("ridge", value=12.5, interval=[11.0, 14.0], losses=[3.0] * 30),
        make_row("mine", losses=[1.5] * 30),
    ]
    made = table(rows)
    page = bench_table.page(made, "fr")
    visible = re.sub(
        r"<style>.*?</style>|<pre>.*?</pre>|<details>.*?</details>|<td>[^<]*</td>", "", page, flags=re.S
    )
    visible = re.sub(r"<footer>.*", "", visible, flags=re.S)
    assert "12,50" in visible
    assert not re.search(r"\d\.\d", visible)
    assert "Ce qu’il faut retenir" in visible
    assert not re.search(r"[^\u202f\s] [;!?%»]", re.sub(r"\[[^\]]*\]", "", visible))
    assert "bootstrap à 95\u202f% sur les moteurs" in visible


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_page_is_self_contained_and_takeaways_come_first(make_row, lang):
    rows = [make_row("ridge", losses=[3.0] * 30), make_row("mine", value=8.0, losses=[1.5] * 30)]
    page = bench_table.page(table(rows), lang)
    assert f'<html lang="{lang}">' in page
    assert not re.findall(r'(?:src|href)="', page)
    assert "<script" not in page
    assert "http" not in page
    order = ["takeaways", "results", "how_to_read", "papers", "failures", "reproduce", "machine"]
    places = [page.index(f">{bench_words.word(key, lang)}<") for key in order]
    assert places == sorted(places)
    assert "usecases bench predictive_maintenance/rul suite=cmapss" in page
    told = (
        "clearly better than ridge" if lang == "en" else "L’écart avec ridge, la meilleure référence, est net"
    )
    assert told in page


def test_hostile_names_are_escaped(make_row):
    name = '<script>alert(1)</script>|*x*"'
    made = table([make_row(name, data=f"own {name}"), make_row("ridge", data=f"own {name}")])
    assert "<script" not in bench_table.page(made, "en")
    markdown = bench_table.markdown(made, "en")
    assert "<script" not in markdown
    cells = [len(re.split(r"(?<!\\)\|", line)) for line in markdown.splitlines() if line.startswith("|")]
    assert len(set(cells)) == 1


def test_terminal_keeps_to_its_width_and_names_what_it_leaves_out(make_row):
    more = {f"other_{n}": metric(n + 0.5) for n in range(8)}
    rows = [make_row("ridge", more=more, interval=[9.0, 11.0]), make_row("été_naïf", more=more)]
    made = table(rows, metrics=tuple(more))
    for width in (60, 80, 120, 300):
        text = bench_table.text(made, "fr", width)
        assert max(map(len, text.splitlines())) <= width
        assert "10,00" in text
        assert ("Colonnes qui n" in text) == (width < 300)


def test_the_terminal_is_short_enough_to_be_projected(make_row):
    """The saved C-MAPSS suite: gains are shown at 80 columns, papers take a few lines and their sources none."""
    folder = bench_table.results_folder("predictive_maintenance", "rul", "cmapss")
    saved = bench_table.load_saved(folder)
    n_measured = sum("cost" in line for line in saved["lines"])
    for lang in ("en", "fr"):
        text = bench_table.text(saved, lang, 80)
        assert max(map(len, text.splitlines())) <= 80
        assert len(text.splitlines()) < 2 * n_measured + 20
        assert "FFVE" in text
        assert "Benchmark.md" not in text
        assert "Benchmark.md" in bench_table.markdown(saved, lang)
        rows = [make_row("ridge", losses=[3.0] * 30), make_row("mine", 0, losses=[1.5] * 29 + [9.0])]
        assert re.search(r"\] \+( |$)", bench_table.text(table(rows), lang, 80), flags=re.M)
        fleet = bench_table.load_saved(folder.with_name("fleet"))
        assert re.search(r"\] ~( |$)", bench_table.text(fleet, lang, 80), flags=re.M)


def test_csv_is_full_precision_with_english_keys(make_row):
    value = 9.123456789012345
    text = bench_table.csv_text(table([make_row("ridge", value=value, interval=[8.0, 10.0])]))
    row = next(csv.DictReader(io.StringIO(text)))
    assert float(row["rmse_capped"]) == value
    assert (row["rmse_capped_low"], row["rmse_capped_unit"]) == ("8.0", "cycles")
    assert row["rmse_capped_interval_kind"] == "95 % bootstrap over engines"
    assert {"difference_value", "solve_cpu_s", "peak_memory_mb", "checked", "errors"} <= set(row)


def test_short_headings_have_a_legend(make_row):
    made = table([make_row("ridge")], headings={"rmse_capped": Text("RMSE", "EQM")})
    for lang, short, long in (
        ("en", "RMSE (cycles)", "RMSE: Root mean"),
        ("fr", "EQM (cycles)", "EQM\u202f: Erreur"),
    ):
        assert short in bench_table.markdown(made, lang)
        assert long in bench_table.markdown(made, lang)


def test_different_kinds_of_intervals_are_told_apart(make_row):
    rows = [
        make_row("ridge", interval=[9.0, 11.0]),
        make_row("mine", 0, value=8.0),
        make_row("mine", 1, value=9.0),
    ]
    text = bench_table.markdown(table(rows), "en")
    assert "ᵃ range over 2 seeds, ᵇ 95 % bootstrap over engines" in text
    assert "[8.0 ; 9.0]ᵃ" in text
    assert "[9.0 ; 11.0]ᵇ" in text


def test_a_suite_of_a_package_has_one_part_for_each_task(make_row):
    options = {"data": "line", "fingerprint": "a"}
    rows = [make_row("mean", task="average", headline="mae", value=3.0, losses=[3.0] * 30, **options)]
    rows.append(make_row("greedy", task="knapsack", headline="value", higher=True, value=50.0, **options))
    rows.append(make_row("exact", task="knapsack", headline="value", higher=True, value=60.0, **options))
    made = table(rows, package="toy_cases", task=None)
    assert list(made["tasks"]) == ["average", "knapsack"]
    assert [(line["task"], line["method"]) for line in made["lines"]] == [
        ("average", "mean"),
        ("knapsack", "exact"),
        ("knapsack", "greedy"),
    ]
    page = bench_table.page(made, "en")
    assert "On line (Toy knapsack), exact comes first" in page
    results = page[page.index("Results – Toy average") :]
    for text in (bench_table.markdown(made, "en"), bench_table.text(made, "en"), results):
        parts = [text.index(name) for name in ("Toy average", "mean", "Toy knapsack", "exact")]
        assert parts == sorted(parts)
    lines = list(csv.DictReader(io.StringIO(bench_table.csv_text(made))))
    assert [(line["mae"], line["value"]) for line in lines] == [("3.0", ""), ("", "60.0"), ("", "50.0")]


def test_a_dirty_checkout_is_said(make_row):
    made = table([make_row("ridge", dirty=True), make_row("mine")])
    assert made["environment"]["dirty"] == 1
    assert "1 of 2 runs were made by code with changes" in bench_table.markdown(made, "en")
    assert "1 des 2 exécutions" in bench_table.page(made, "fr")


def test_words_exist_in_both_languages():
    for key, text in bench_words.WORDS.items():
        assert text.en.strip()
        assert text.fr.strip()
        assert set(re.findall(r"\{\w+\}", text.en)) == set(re.findall(r"\{\w+\}", text.fr)), key


def test_saved_results_are_read_again_as_they_were(make_row, tmp_path):
    rows = [make_row("ridge", losses=[3.0] * 30), make_row("mine", losses=[1.5] * 30)]
    rows.append(make_row("tcn", status="failed", error="boom"))
    made = table(rows)
    folder = bench_table.save(made, rows, tmp_path / "été & co" / "cmapss")
    again = bench_table.load_saved(folder)
    for lang in ("en", "fr"):
        assert bench_table.markdown(again, lang) == bench_table.markdown(made, lang)
        assert bench_table.page(again, lang) == bench_table.page(made, lang)
        assert bench_table.text(again, lang, 90) == bench_table.text(made, lang, 90)
    assert bench_table.csv_text(again) == bench_table.csv_text(made)
    kept = folder / "rul-cmapss_FD001-mine-seed0.json"
    assert kept.read_bytes() == (rows[1].folder / "result.json").read_bytes()
    bench_table.save(made, rows[:2], folder)
    assert not (folder / "rul-cmapss_FD001-tcn-seed0.json").exists(), "what is no longer a row goes away"
    assert [file.name for file in folder.parent.iterdir()] == ["cmapss"]


@pytest.mark.parametrize("how", ["edit a row", "edit the table", "remove a row", "add a row", "no sums"])
def test_edited_results_are_refused(make_row, tmp_path, how):
    row = make_row("ridge")
    folder = bench_table.save(table([row]), [row], tmp_path / "saved")
    file = folder / ("table.json" if how == "edit the table" else "rul-cmapss_FD001-ridge-seed0.json")
    if how.startswith("edit"):
        file.write_text(file.read_text(encoding="utf-8").replace("10.0", "9.0", 1), encoding="utf-8")
    elif how == "remove a row":
        file.unlink()
    elif how == "add a row":
        (folder / "rul-cmapss_FD001-better-seed0.json").write_text("{}", encoding="utf-8")
    else:
        (folder / "SHA256SUMS").unlink()
    with pytest.raises(UserError, match="SHA256SUMS"):
        bench_table.load_saved(folder)


def test_rows_that_were_edited_or_did_not_run_are_not_saved(make_row, tmp_path):
    good, edited = make_row("ridge"), make_row("mine")
    made, folder = table([good, edited]), tmp_path / "saved"
    bench_table.save(made, [good, edited], folder)
    before = sorted((file.name, file.read_bytes()) for file in folder.iterdir())
    paths.write_json(edited.folder / "result.json", edited.record | {"seed": 5})
    with pytest.raises(UserError, match="mine"):
        bench_table.save(made, [good, edited], folder)
    absent = Row("9" * 16, "rul", "cmapss FD001", "tcn", 0, None, (), tmp_path / "nowhere")
    with pytest.raises(UserError, match="1 of 2 rows have not run"):
        bench_table.save(made, [good, absent], folder)
    assert sorted((file.name, file.read_bytes()) for file in folder.iterdir()) == before


def test_a_failure_while_saving_changes_nothing(make_row, tmp_path, monkeypatch):
    row = make_row("ridge")
    made, folder = table([row]), tmp_path / "results" / "saved"
    bench_table.save(made, [row], folder)
    monkeypatch.setattr(
        paths, "write_sums", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(UserError, match="No space left"):
        bench_table.save(made, [row], folder)
    assert bench_table.load_saved(folder)["suite"] == "cmapss"
    assert [file.name for file in folder.parent.iterdir()] == ["saved"]


def test_nothing_else_is_overwritten(make_row, tmp_path):
    row = make_row("ridge")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UserError, match="something else"):
        bench_table.save(table([row]), [row], tmp_path / "mine")
    folder = bench_table.save(table([row]), [row], tmp_path / "saved")
    with pytest.raises(UserError, match="name of its own"):
        bench_table.save(table([row]) | {"task": "anomaly"}, [row], folder)


def test_another_version_is_one_sentence(make_row, tmp_path):
    row = make_row("ridge")
    folder = bench_table.save(table([row]), [row], tmp_path / "saved")
    content = json.loads((folder / "table.json").read_text(encoding="utf-8")) | {"schema": 7}
    paths.write_json(folder / "table.json", content)
    paths.write_sums(folder)
    with pytest.raises(UserError, match="schema 7"):
        bench_table.load_saved(folder)
    with pytest.raises(UserError, match="no saved results"):
        bench_table.load_saved(tmp_path / "nowhere")


def test_file_names_are_safe_and_differ(make_row):
    rows = [
        make_row("ridge", data="own été 1/2.csv"),
        make_row("ridge", data="own ete?1:2.csv"),
        make_row("Ridge", data="own été 1/2.csv"),
    ]
    names = bench_table.file_names(rows)
    assert len({name.casefold() for name in names}) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9._=-]+\.json", name) for name in names)


def test_an_installed_library_saves_below_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "site-packages" / "usecases" / "_configs").mkdir(parents=True)
    (tmp_path / "site-packages" / "benchmarks" / "results").mkdir(parents=True)
    monkeypatch.setattr(paths, "HERE", tmp_path / "site-packages" / "usecases")
    monkeypatch.chdir(tmp_path)
    expected = tmp_path / "benchmarks" / "results" / "toy_cases" / "all"
    assert bench_table.results_folder("toy_cases", None, "all") == expected
    assert bench_table.results_folder("toy_cases", "average", "all") == expected.parent / "average" / "all"


def test_other_data_with_other_shares_are_no_unequal_work(make_row):
    rows = []
    for data, accepted in (("cmapss FD001", 100.0), ("cmapss FD003", 50.0)):
        for method in ("ridge", "mine"):
            row = make_row(method, data=data, losses=np.full(30, 1.0), more={"accepted": metric(accepted)})
            rows.append(replace(row, record=row.record | {"share": "accepted"}))
    assert "no saving" not in bench_table.markdown(table(rows), "en")
