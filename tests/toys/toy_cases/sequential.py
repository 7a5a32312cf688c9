"""Sequential: order newspapers each day before demand is known; the future is truth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from usecases import simulation
from usecases.contract import Evaluation, Metric, Outcome, Paragraph, Problem, Section, Text

PRICE, COST = 2.0, 1.0
PROFIT = Text("Profit", "Bénéfice")


@dataclass(frozen=True)
class Days:
    """Poisson demand."""

    n_days: int = 30
    mean: float = 20.0


class Shop:
    """The environment: one observation is the day and yesterday's sales, never the demand to come."""

    def __init__(self, demand):
        self.demand, self.day, self.sales = demand, 0, []

    def reset(self):
        return {"day": 0, "sold_yesterday": None}

    def step(self, order):
        self.sales.append((int(order), int(self.demand[self.day])))
        self.day += 1
        if self.day == len(self.demand):
            return None
        order, demand = self.sales[-1]
        return {"day": self.day, "sold_yesterday": min(order, demand)}


@dataclass(frozen=True)
class Constant:
    """The same order each day, the trivial method."""

    order: int = 10

    def policy(self, history):
        return lambda observation: self.order


@dataclass(frozen=True)
class Quantile:
    """The newsvendor's critical fractile of the past demand."""

    level: float = 0.5

    def policy(self, history):
        order = int(np.quantile(history, self.level))
        return lambda observation: order


class Newsvendor:
    """The task."""

    def load(self, data, *, seed):
        past = np.random.default_rng([seed, 0]).poisson(data.mean, 100)
        future = np.random.default_rng([seed, 1]).poisson(data.mean, data.n_days)
        digest = hashlib.sha256(past.tobytes() + future.tobytes()).hexdigest()
        return Problem(
            past,
            future,
            np.arange(data.n_days),
            digest,
            {"name": "days", "kind": "generated", "days": data.n_days},
        )

    def solve(self, method, inputs, *, seed, budget, device, progress):
        return Outcome({}, name="decisions", policy=method.policy(inputs))

    def play(self, problem, outcome, *, seed, budget, device, progress):
        log = simulation.play(outcome.policy, Shop(problem.truth))
        return Outcome({"orders": list(log.actions), "digest": log.digest}, name="decisions", log=log)

    def evaluate(self, problem, outcome, *, seed, budget, device, progress):
        orders, demand = np.asarray(outcome.answer["orders"]), problem.truth
        profit = PRICE * np.minimum(orders, demand) - COST * orders
        best = float(((PRICE - COST) * demand).mean())
        bound = {"clairvoyant": {"profit": Metric(best, "EUR", True, label=PROFIT)}}
        return Evaluation(
            {"profit": Metric(float(profit.mean()), "EUR", True, label=PROFIT)},
            bounds=bound,
            losses=-profit,
            loss_unit="EUR",
        )

    def report(self, problem, outcome, evaluation):
        sentences = [Paragraph(Text(f"Sentence {i}.", f"Phrase {i}.")) for i in range(3)]
        return [Section(Text("Takeaways", "À retenir"), tuple(sentences), "takeaways")]
