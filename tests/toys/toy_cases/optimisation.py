"""Optimisation: fill a knapsack; the checker trusts nothing that the method says of itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from usecases.contract import Evaluation, Metric, Outcome, Paragraph, Problem, Section, Text

VALUE = Text("Value packed", "Valeur emportée")


@dataclass(frozen=True)
class Instance:
    """Weights (kg), values (EUR) and capacity (kg)."""

    weights: tuple[int, ...]
    values: tuple[int, ...]
    capacity: int


@dataclass(frozen=True)
class Random:
    """A random instance."""

    n_items: int = 12

    def instance(self, seed):
        rng = np.random.default_rng(seed)
        weights = rng.integers(1, 20, self.n_items)
        return Instance(
            tuple(weights.tolist()),
            tuple(rng.integers(1, 30, self.n_items).tolist()),
            int(weights.sum() // 2),
        )


@dataclass(frozen=True)
class Greedy:
    """Best value per weight first; `cheat` claims everything, to test the checker."""

    cheat: bool = False

    def solve(self, instance, stop):
        chosen, left = [], instance.capacity if not self.cheat else 10**9
        for item in sorted(
            range(len(instance.weights)), key=lambda i: -instance.values[i] / instance.weights[i]
        ):
            if instance.weights[item] <= left:
                chosen.append(item)
                left -= instance.weights[item]
        return chosen


@dataclass(frozen=True)
class Exact:
    """CP-SAT."""

    def solve(self, instance, stop):
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        take = [model.new_bool_var(f"take_{i}") for i in range(len(instance.weights))]
        model.add(cp_model.LinearExpr.weighted_sum(take, list(instance.weights)) <= instance.capacity)
        model.maximize(cp_model.LinearExpr.weighted_sum(take, list(instance.values)))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if stop is not None:
            solver.parameters.max_time_in_seconds = stop
        solver.solve(model)
        return [i for i, variable in enumerate(take) if solver.value(variable)]


class Knapsack:
    """The task."""

    def load(self, data, *, seed):
        instance = data.instance(seed)
        digest = hashlib.sha256(repr(instance).encode()).hexdigest()
        return Problem(
            instance,
            None,
            None,
            digest,
            {"name": "random", "kind": "generated", "items": len(instance.weights)},
        )

    def solve(self, method, inputs, *, seed, budget, device, progress):
        chosen = method.solve(inputs, budget.time_limit_s)
        return Outcome({"items": chosen}, name="plan", reproducible=budget.time_limit_s is None)

    def evaluate(self, problem, outcome, *, seed, budget, device, progress):
        instance, items = problem.inputs, set(outcome.answer["items"])
        weight = sum(instance.weights[i] for i in items)
        value = sum(instance.values[i] for i in items) if weight <= instance.capacity else 0
        bound = {"fractional bound": {"value": Metric(fractional(instance), "EUR", True, label=VALUE)}}
        metrics = {
            "value": Metric(float(value), "EUR", True, label=VALUE),
            "overload": Metric(float(max(0, weight - instance.capacity)), "kg"),
        }
        return Evaluation(metrics, bounds=bound)

    def report(self, problem, outcome, evaluation):
        sentences = [Paragraph(Text(f"Sentence {i}.", f"Phrase {i}.")) for i in range(3)]
        return [Section(Text("Takeaways", "À retenir"), tuple(sentences), "takeaways")]


def fractional(instance):
    """Dantzig's bound: items may be cut."""
    left, value = instance.capacity, 0.0
    for item in sorted(range(len(instance.weights)), key=lambda i: -instance.values[i] / instance.weights[i]):
        part = min(1.0, left / instance.weights[item])
        value += part * instance.values[item]
        left -= part * instance.weights[item]
    return value
