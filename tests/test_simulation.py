"""The loop between policy and environment: what a policy sees, what is logged, which random numbers."""

import gc
import os
import subprocess
import sys
from dataclasses import dataclass, field

import numpy as np
import pytest

from usecases import simulation
from usecases.simulation import canonical, play, replication_seeds, replications, stream


class Queue:
    """Orders come one by one; the policy accepts some. The future is in `orders`."""

    def __init__(self, orders):
        self.orders, self.position, self.earned = list(orders), 0, 0
        self.state = {"history": []}

    def __len__(self):
        return len(self.orders)

    def _observe(self):
        if self.position == len(self.orders):
            return None
        return {"order": self.orders[self.position], "history": self.state["history"]}

    def reset(self):
        return self._observe()

    def step(self, action):
        order = self.orders[self.position]
        self.earned += order if action else 0
        self.state["history"].append(order)
        self.position += 1
        return self._observe()

    def summary(self):
        return {"earned": self.earned, "seen": self.position}


def greedy(observation):
    return observation["order"] > 3


def test_play_asks_logs_and_sums_up():
    log = play(greedy, Queue([1, 5, 4, 2]))
    assert log.actions == [False, True, True, False]
    assert log.summary == {"earned": 9, "seen": 4}
    assert log.error is None
    assert log.seconds.shape == (4,)
    assert (log.seconds >= 0).all()


def test_an_environment_with_nothing_to_decide():
    log = play(greedy, Queue([]))
    assert log.actions == []
    assert log.timings() == {
        "n": 0, "p50_ms": None, "p99_ms": None, "p999_ms": None, "max_ms": None, "clock": log.clock,
    }  # fmt: skip


def test_the_policy_receives_observations_only_and_never_the_environment():
    environment = Queue([1, 5, 4])
    reached = []

    def curious(*given, **named):
        assert len(given) == 1
        assert not named
        todo, seen = list(given), set()
        while todo:  # everything that can be reached from what was given
            item = todo.pop()
            if id(item) in seen or isinstance(item, type):
                continue
            seen.add(id(item))
            reached.append(item)
            todo += gc.get_referents(item)
        return True

    play(curious, environment)
    assert reached
    assert not any(item is environment or item is environment.orders for item in reached)
    assert not any(item is environment.state["history"] for item in reached)


def test_changing_an_observation_changes_nothing():
    def vandal(observation):
        observation["order"] = 1000
        observation["history"].append(-1)
        return True

    environment = Queue([1, 5, 4])
    assert play(vandal, environment).summary == {"earned": 10, "seen": 3}
    assert environment.state["history"] == [1, 5, 4]


def test_a_policy_cannot_rewrite_its_past():
    kept = []

    def rewriting(observation):
        kept.append(observation["order"])
        return kept  # the same list each time

    assert play(rewriting, Queue([1, 5])).actions == [[1], [1, 5]]


@pytest.mark.parametrize(
    "leak", [lambda e: e, lambda e: {"do": e.step}, lambda e: [iter([1])], lambda e: object()]
)
def test_an_observation_through_which_the_environment_could_be_reached_is_refused(leak):
    class Leaking(Queue):
        def _observe(self):
            return leak(self)

    with pytest.raises(TypeError, match="plain data"):
        play(greedy, Leaking([1]))


def test_a_dataclass_environment_cannot_be_its_own_observation():
    @dataclass
    class Leaking:
        future: list = field(default_factory=lambda: [1, 2])

        def reset(self):
            return {"inside": [self]}

        def step(self, action):
            return None

    with pytest.raises(TypeError, match="environment itself"):
        play(lambda observation: 0, Leaking())


def test_the_same_seed_tells_the_same_story():
    first, second = play(greedy, Queue([1, 5, 4])), play(greedy, Queue([1, 5, 4]))
    assert first.digest == second.digest
    assert len(first.digest) == 64
    assert play(greedy, Queue([1, 5, 3])).digest != first.digest  # another observation
    assert play(lambda o: True, Queue([1, 5, 4])).digest != first.digest  # another action


def test_timings_are_those_of_the_result_file(monkeypatch):
    durations = iter([1, 2, 3, 40])
    now = [0]

    def clock():
        return now[0]

    def slow(observation):
        now[0] += next(durations) * 1_000_000
        return True

    monkeypatch.setattr(simulation, "decision_clock", lambda: ("thread_cpu", clock))

    class Busy(Queue):
        def step(self, action):
            now[0] += 500_000_000  # the environment's own work is not the policy's
            return super().step(action)

    assert play(slow, Busy([1, 2, 3, 4])).timings() == {
        "n": 4, "p50_ms": 2.0, "p99_ms": 40.0, "p999_ms": 40.0, "max_ms": 40.0, "clock": "thread_cpu",
    }  # fmt: skip


def test_real_work_takes_real_time():
    def working(observation):
        return int(np.linalg.svd(np.ones((120, 120)))[1][0]) >= 0

    timings = play(working, Queue([1] * 5)).timings()
    assert timings["n"] == 5
    assert 0 < timings["p50_ms"] <= timings["p99_ms"] <= timings["p999_ms"] <= timings["max_ms"]


def test_the_clock_falls_back_to_wall_time(monkeypatch):
    simulation.decision_clock.cache_clear()
    with monkeypatch.context() as patch:
        patch.delattr(simulation.time, "thread_time_ns", raising=False)
        assert simulation.decision_clock() == ("wall", simulation.time.perf_counter_ns)
    simulation.decision_clock.cache_clear()
    with monkeypatch.context() as patch:  # ticks of 15.6 ms
        patch.setattr(
            simulation.time,
            "thread_time_ns",
            lambda: simulation.time.perf_counter_ns() // 15_600_000 * 15_600_000,
        )
        assert simulation.decision_clock()[0] == "wall"
    simulation.decision_clock.cache_clear()


def test_a_policy_that_fails_keeps_its_log():
    def failing(observation):
        if observation["order"] == 4:
            raise RuntimeError("no more fuel")
        return True

    log = play(failing, Queue([1, 5, 4, 2]))
    assert log.actions == [True, True]
    assert len(log.seconds) == 2
    assert log.error == "decision 2: RuntimeError: no more fuel"
    assert log.summary == {"earned": 6, "seen": 2}
    assert log.digest == play(failing, Queue([1, 5, 4])).digest


def test_an_answer_that_is_not_plain_data_is_an_error_of_the_policy():
    log = play(lambda observation: lambda: 1, Queue([1, 2]))
    assert log.actions == []
    assert "plain data" in log.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_keeps_the_log(error):
    def interrupted(observation):
        if observation["order"] == 4:
            raise error
        return True

    with pytest.raises(error) as caught:
        play(interrupted, Queue([1, 5, 4]))
    assert caught.value.log.actions == [True, True]


def test_an_environment_that_fails_is_not_blamed_on_the_policy():
    class Broken(Queue):
        def step(self, action):
            if self.position == 1:
                raise OSError("disk full")
            return super().step(action)

    with pytest.raises(OSError, match="disk full") as caught:
        play(greedy, Broken([5, 5, 5]))
    assert caught.value.log.actions == [True, True]
    assert caught.value.log.error is None


def test_a_long_log_keeps_choices_and_some_whole_answers():
    def verbose(observation):
        return {"choice": observation["order"], "why": list(range(100))}

    log = play(verbose, Queue([7, 8, 9, 10, 11]), choice=lambda action: action["choice"], sample_every=2)
    assert log.actions == [7, 8, 9, 10, 11]
    assert sorted(log.samples) == [0, 2, 4]
    observation, action = log.samples[2]
    assert observation == {"order": 9, "history": [7, 8]}
    assert action == {"choice": 9, "why": list(range(100))}


def test_progress_counts_the_decisions():
    calls = []

    def progress(iterable, *, description="", total=None):
        calls.append((description, total))
        for item in iterable:
            calls.append("tick")
            yield item

    play(greedy, Queue([1, 2, 3]), progress=progress)
    assert calls == [("decisions", 3), "tick", "tick", "tick"]


class Demand(Queue):
    def __init__(self, rng):
        super().__init__(rng.integers(1, 9, size=6).tolist())


def test_replications_give_every_method_the_same_world():
    seeds = replication_seeds(3, 4)
    worlds = {"greedy": [], "drawing": []}

    def recording(name):
        def factory(rng):
            def policy(observation):
                worlds[name].append(observation["order"])
                return bool(rng.integers(2)) if name == "drawing" else greedy(observation)

            return policy

        return factory

    first = replications(Demand, recording("greedy"), seeds)
    second = replications(Demand, recording("drawing"), seeds)  # the same list of seeds, used again
    assert len(first) == len(second) == 4
    assert worlds["greedy"] == worlds["drawing"]
    assert len({log.digest for log in first}) == 4  # the replications differ
    again = replications(Demand, recording("drawing"), replication_seeds(3, 4))
    assert [log.digest for log in again] == [log.digest for log in second]


def test_replications_do_not_depend_on_their_number_or_on_the_workers():
    import joblib

    one_by_one = [log.digest for log in replications(Demand, lambda rng: greedy, replication_seeds(3, 2))]
    with joblib.parallel_config(backend="threading", n_jobs=2):
        together = [log.digest for log in replications(Demand, lambda rng: greedy, replication_seeds(3, 5))]
    assert together[:2] == one_by_one
    other = [log.digest for log in replications(Demand, lambda rng: greedy, replication_seeds(4, 2))]
    assert not set(other) & set(together)


def test_stream_depends_on_seed_and_key_only():
    draws = {
        key: stream(*key).integers(2**62)
        for key in [
            (0,),
            (1,),
            (0, "a"),
            (0, "b"),
            (0, "a", "b"),
            (0, "ab"),
            (0, 1),
            (0, "1"),
            (0, 1, 2),
            (0, 12),
        ]
    }
    assert len(set(draws.values())) == len(draws)
    assert stream(0, np.int64(1)).integers(2**62) == draws[(0, 1)]


def test_stream_is_the_same_in_every_process():
    code = "from usecases.simulation import stream; print(stream(5, 'travel times', 3).integers(2**62))"
    shown = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert shown == {str(stream(5, "travel times", 3).integers(2**62))}


@pytest.mark.parametrize("part", [1.5, None, True, ("a",)])
def test_stream_refuses_other_keys(part):
    with pytest.raises(TypeError, match="str or int expected"):
        stream(0, part)


def test_canonical_text_does_not_depend_on_order_or_container():
    @dataclass(frozen=True)
    class Stop:
        name: str
        window: tuple

    assert canonical({"b": 1, "a": {3, 1}}) == canonical({"a": {1, 3}, "b": np.int64(1)})
    assert canonical(Stop("é", (8.0, 10.0))) == '{"name":"é","window":[8.0,10.0]}'
    assert canonical({1: "x"}) != canonical({"1": "x"})
    assert canonical(np.float64(0.1)) == "0.1"
