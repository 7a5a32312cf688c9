"""Learning: predict y from x; groups are people, and the answer is scored on people never seen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from usecases import paths, stats, tabular
from usecases.contract import Curve, Evaluation, Metric, Outcome, Paragraph, Problem, Section, Text
from usecases.errors import UserError


@dataclass(frozen=True)
class Line:
    """y = 2 x + noise, several rows a person."""

    n_groups: int = 20
    noise: float = 0.1
    known: bool = True
    max_groups: int | None = None
    fold: int | None = None
    shuffle_target: bool = False

    def __post_init__(self):
        if self.n_groups < 4:
            raise UserError(
                f"data.n_groups={self.n_groups} was given, but at least 4 people are needed: type data.n_groups=4"
            )


@dataclass(frozen=True)
class Mean:
    """The trivial method."""

    def fit(self, x, y):
        return {"intercept": y.mean(), "slope": 0.0}


@dataclass(frozen=True)
class Linear:
    """Least squares through the origin; `fail` raises, to test that failures are rows."""

    slope_penalty: float = 0.0
    fail: bool = False

    def fit(self, x, y):
        if self.fail:
            raise RuntimeError("the toy method was told to fail")
        return {"intercept": 0.0, "slope": (x @ y) / (x @ x + self.slope_penalty)}


def predict(line, x):
    """Read y off a fitted line."""
    return line["intercept"] + line["slope"] * x


class Average:
    """The task."""

    def load(self, data, *, seed):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(data.n_groups), 5)
        x = rng.normal(size=len(group))
        y = 2 * x + data.noise * rng.normal(size=len(group))
        if data.shuffle_target:
            y = rng.permutation(y)
        test = group % 4 == (data.fold or 0)
        train = ~test if data.max_groups is None else ~test & (group < data.max_groups)
        digest = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
        inputs = {"x": x[train], "y": y[train], "x_test": x[test]}
        truth = y[test] if data.known else None
        return Problem(
            inputs, truth, group[test], digest, {"name": "line", "kind": "generated", "rows": len(x)}
        )

    def solve(self, method, inputs, *, seed, budget, device, progress):
        line = method.fit(inputs["x"], inputs["y"])
        line["largest"] = np.abs(inputs["x"]).max()
        answer = pd.DataFrame({"x": inputs["x_test"], "prediction": predict(line, inputs["x_test"])})
        return Outcome(answer, model=line)

    def evaluate(self, problem, outcome, *, seed, budget, device, progress):
        name = {"label": Text("Mean absolute error", "Erreur absolue moyenne")}
        if problem.truth is None:
            return Evaluation({"mae": Metric(None, "m", **name)})
        losses = np.abs(problem.truth - outcome.answer["prediction"].to_numpy())
        interval = stats.bootstrap_by_group(np.mean, losses, problem.groups, seed=seed)
        metric = Metric(float(losses.mean()), "m", False, interval, "95 % bootstrap over people", **name)
        by_group = {
            str(g): {"mae": Metric(float(losses[problem.groups == g].mean()), "m", **name)}
            for g in set(problem.groups)
        }
        curve = {"sorted_error": Curve(list(range(len(losses))), sorted(losses.tolist()), y_unit="m")}
        return Evaluation({"mae": metric}, by_group, curve, losses=losses, loss_unit="m")

    def report(self, problem, outcome, evaluation):
        sentences = [Paragraph(Text(f"Sentence {i}.", f"Phrase {i}.")) for i in range(3)]
        return [Section(Text("Takeaways", "À retenir"), tuple(sentences), "takeaways")]

    # What lets a model outlive its run: `usecases predict` and `usecases serve` call these four.

    def save(self, outcome, folder):
        """Write what `apply` will need, in a format that is no program."""
        paths.write_json(folder / "line.json", outcome.model)

    def read(self, folder, path, *, anyway=False):
        """Read a person's file; the answers will be written in the dialect of that file."""
        table = tabular.read_table(path, required=["x"], numeric=["x"])
        table.frame.attrs["dialect"] = table.dialect
        return table.frame

    def apply(self, folder, inputs, *, anyway=False):
        """Refuse what the model was not made for; answer the rest, row by row."""
        line = json.loads((folder / "line.json").read_text(encoding="utf-8"))
        if "x" not in inputs:
            raise UserError("there is no column x: give x in metres, one row for each y that is wanted")
        x = inputs["x"].to_numpy(dtype=float)
        known = np.isfinite(x)
        if not anyway and (np.abs(x[known]) > 100 * line["largest"]).any():
            raise UserError(
                f"x goes up to {np.abs(x[known]).max():g}, at most {line['largest']:.3g} was learned from: "
                "is it in metres? --anyway goes on"
            )
        answer = pd.DataFrame({"x": x, "prediction": predict(line, x)})
        answer["status"] = np.where(known, "ok", "not scored")
        answer["reason"] = np.where(known, "", "x is missing")
        return Outcome(answer, complete=bool(known.all()))

    def example(self, folder):
        """Invent an input: nobody's rows are shown to show a format."""
        return pd.DataFrame({"x": [0.0, 0.5]})
