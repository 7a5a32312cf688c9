"""The only loop in which a policy meets an environment, and the random numbers they live on.

A policy gets one observation at a time and answers with an action; it never gets the environment, which knows
the future. Each decision is timed and logged, so that it can be scored later without the policy.
"""

from __future__ import annotations

import hashlib
import json
import logging
import operator
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from copy import deepcopy
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from .contract import Progress

logger = logging.getLogger(__name__)

Policy = Callable[[Any], Any]


class Environment(Protocol):
    """What a policy acts on; it may also have ``summary()``, what it counted, and a length in decisions."""

    def reset(self) -> Any:
        """Begin; return the first observation, or None when there is nothing to decide."""
        ...

    def step(self, action: Any) -> Any:
        """Carry out an action; return the next observation, or None when finished."""
        ...


@dataclass(frozen=True)
class Log:
    """What a policy decided, and how fast.

    Parameters
    ----------
    actions : list
        The choice of each decision.
    seconds : ndarray of float, shape (n_decisions,)
        Time of each decision (s), the environment's own work left out.
    digest : str
        Sha256 over every observation and action: two logs with one digest tell the same story.
    clock : {"thread_cpu", "wall"}
        What `seconds` were measured with.
    samples : mapping of int to (observation, action)
        Whole answers of some decisions, by number, for checks.
    summary : object
        What the environment's ``summary()`` returned; None without one.
    error : str, optional
        Why the policy stopped before the end; the log then holds all decisions up to there.

    Examples
    --------
    >>> Log([1, 2], np.array([0.001, 0.003]), "", "thread_cpu").timings()["max_ms"]
    3.0
    """

    actions: list[Any]
    seconds: np.ndarray
    digest: str
    clock: str
    samples: Mapping[int, tuple[Any, Any]] = field(default_factory=dict)
    summary: Any = None
    error: str | None = None

    def timings(self) -> dict[str, Any]:
        """Percentiles of the decision times, each one a time that was measured.

        Returns
        -------
        dict
            ``n``, ``p50_ms``, ``p99_ms``, ``p999_ms``, ``max_ms`` (None without a decision) and ``clock``.
        """
        names = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
        if len(self.seconds) == 0:
            return {"n": 0, **dict.fromkeys(names), "clock": self.clock}
        values = np.quantile(self.seconds, list(names.values()), method="inverted_cdf") * 1e3
        return {"n": len(self.seconds), **dict(zip(names, values.tolist(), strict=True)), "clock": self.clock}


def play(
    policy: Policy,
    environment: Environment,
    *,
    progress: Progress | None = None,
    choice: Callable[[Any], Any] | None = None,
    sample_every: int = 0,
) -> Log:
    """Let a policy act in an environment until it is finished.

    Parameters
    ----------
    policy : callable
        ``policy(observation) -> action``. It gets a copy of each observation, so that changing one changes
        nothing, and must answer with plain data: numbers, strings, lists, mappings, arrays, dataclasses.
    environment : Environment
        ``reset() -> observation`` and ``step(action) -> observation or None``.
    progress : Progress, optional
        Shows how far the play is.
    choice : callable, optional
        What `Log.actions` keeps of each action, for long logs; without it the whole action.
    sample_every : int
        Keep the whole observation and action of every so many decisions; 0 keeps none.

    Returns
    -------
    Log
        If the policy raised or answered with what is not plain data: the log up to there, with `Log.error`.

    Raises
    ------
    TypeError
        If an observation is not plain data: through an object, a policy could reach the environment.
    Exception
        What the environment raised, or Ctrl-C; its attribute ``log`` is the log up to there.

    Notes
    -----
    The time of a decision is the processor time of the policy's thread (work that it gives to other threads
    is not seen), or wall time where that clock is coarser than a millisecond; `Log.clock` says which.

    Examples
    --------
    >>> class Stock:
    ...     def reset(self): self.left = 3; return {"left": self.left}
    ...     def step(self, action): self.left -= action; return {"left": self.left} if self.left else None
    >>> log = play(lambda observation: 1, Stock())
    >>> log.actions, log.timings()["n"]
    ([1, 1, 1], 3)
    """
    recorder = _Recorder(choice or (lambda action: action), sample_every)
    decisions: Iterable[Any] = _decisions(policy, environment, recorder)
    if progress is not None:
        total = len(environment) if isinstance(environment, Sized) else None
        decisions = progress(decisions, description="decisions", total=total)
    try:
        for _ in decisions:
            pass
        summary = getattr(environment, "summary", None)
        return recorder.log(summary() if summary is not None else None)
    except BaseException as error:
        error.log = recorder.log()  # type: ignore[attr-defined]
        raise


class _Recorder:
    """The log while it grows."""

    def __init__(self, choice: Callable[[Any], Any], sample_every: int) -> None:
        self.choice, self.sample_every = choice, sample_every
        self.clock, self.now = decision_clock()
        self.actions: list[Any] = []
        self.nanoseconds: list[int] = []
        self.samples: dict[int, tuple[Any, Any]] = {}
        self.digest = hashlib.sha256()
        self.error: str | None = None

    def sampled(self) -> bool:
        return self.sample_every > 0 and len(self.actions) % self.sample_every == 0

    def add(self, observation: Any, action: Any, line: str, nanoseconds: int) -> None:
        if self.sampled():
            self.samples[len(self.actions)] = (deepcopy(observation), action)
        self.actions.append(self.choice(action))
        self.nanoseconds.append(nanoseconds)
        self.digest.update(line.encode())

    def log(self, summary: Any = None) -> Log:
        # An interruption between two appends must not leave an action without its time.
        n = min(len(self.actions), len(self.nanoseconds))
        seconds = np.array(self.nanoseconds[:n], dtype=float) / 1e9
        digest = self.digest.hexdigest()
        return Log(self.actions[:n], seconds, digest, self.clock, self.samples, summary, self.error)


def _decisions(policy: Policy, environment: Environment, recorder: _Recorder) -> Iterator[None]:
    """Observe, decide, record, act; one step for each item."""
    observation = environment.reset()
    while observation is not None:
        seen = canonical(observation, forbidden=environment)
        given = deepcopy(observation)
        try:
            start = recorder.now()
            answer = policy(given)
            elapsed = recorder.now() - start
            line = f"{seen}\n{canonical(answer)}\n"
            action, kept_action = deepcopy(answer), deepcopy(answer)
        except Exception as error:
            recorder.error = f"decision {len(recorder.actions)}: {type(error).__name__}: {error}"
            logger.warning("the policy stopped at %s", recorder.error)
            logger.debug("traceback of the policy", exc_info=error)
            return
        recorder.add(observation, kept_action, line, elapsed)
        observation = environment.step(action)
        yield


@cache
def decision_clock() -> tuple[str, Callable[[], int]]:
    """Choose the clock that decisions are timed with.

    Returns
    -------
    name : {"thread_cpu", "wall"}
        Processor time of the thread where that clock ticks at least every millisecond (on Windows it may
        follow the slower ticks of the scheduler), else wall time.
    now : callable
        Returns nanoseconds (int).

    Examples
    --------
    >>> name, now = decision_clock()
    >>> name in {"thread_cpu", "wall"} and now() <= now()
    True
    """
    if hasattr(time, "thread_time_ns"):
        start, deadline = time.thread_time_ns(), time.perf_counter_ns() + 50_000_000
        tick = 0
        while tick == 0:
            tick = time.thread_time_ns() - start
            if time.perf_counter_ns() > deadline:
                break
        if 0 < tick <= 1_000_000:
            return "thread_cpu", time.thread_time_ns
    return "wall", time.perf_counter_ns


def canonical(value: Any, *, forbidden: Any = None) -> str:
    """One JSON text for one value: sorted keys, arrays as lists, dataclasses as mappings.

    Parameters
    ----------
    value : object
        Plain data: None, bool, numbers, strings, lists, tuples, sets, mappings, arrays, dataclasses.
    forbidden : object, optional
        An object that must not be found inside.

    Raises
    ------
    TypeError
        If something inside is not plain data, or is `forbidden`.

    Examples
    --------
    >>> canonical({"b": np.array([1, 2]), "a": (None, 0.5)})
    '{"a":[null,0.5],"b":[1,2]}'
    """
    return json.dumps(_plain(value, forbidden), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any, forbidden: Any) -> Any:
    """Lists, dicts and scalars only."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if value is forbidden:
        raise TypeError("the environment itself was given; an observation of plain data expected")
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist(), forbidden)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), forbidden) for f in fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): _plain(item, forbidden) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, forbidden) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(
            (_plain(item, forbidden) for item in value), key=lambda item: json.dumps(item, sort_keys=True)
        )
    raise TypeError(
        f"{type(value).__name__} was given; plain data expected (numbers, strings, lists, mappings, arrays)"
    )


def _key(key: Any) -> str:
    """Keys of JSON are strings; the number 1 and the text "1" stay different."""
    return key if isinstance(key, str) else f"{type(key).__name__}:{canonical(key)}"


def stream(seed: int, *key: str | int) -> np.random.Generator:
    """Make a generator of random numbers that depends on the seed and a key, and on nothing else.

    Parameters
    ----------
    seed : int
        From 0 on.
    *key : str or int
        What the numbers are for, for example ``"travel times", replication``. The same key gives the same
        numbers in every process and on every machine; other keys give independent ones.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    TypeError
        If a part of the key is neither str nor int.
    ValueError
        If the seed is negative.

    Examples
    --------
    >>> int(stream(0, "demand", 3).integers(1000)) == int(stream(0, "demand", 3).integers(1000))
    True
    """
    parts: list[str | int] = []
    for part in key:
        if isinstance(part, bool) or not (isinstance(part, str) or hasattr(part, "__index__")):
            raise TypeError(f"{part!r} was given as a part of a key; str or int expected")
        parts.append(part if isinstance(part, str) else operator.index(part))
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return np.random.default_rng(
        np.random.SeedSequence([operator.index(seed), int.from_bytes(digest, "big")])
    )


def replication_seeds(data_seed: int, n: int) -> list[np.random.SeedSequence]:
    """Seeds of the replications of a simulation: they depend on the data seed and the replication only.

    Parameters
    ----------
    data_seed : int
        Seed of the run, from 0 on.
    n : int
        Number of replications.

    Returns
    -------
    list of numpy.random.SeedSequence, length n
        The first ones stay the same when `n` grows.

    Examples
    --------
    >>> [s.spawn_key for s in replication_seeds(7, 3)]
    [(0,), (1,), (2,)]
    """
    return np.random.SeedSequence(data_seed).spawn(n)


def replications(
    environment_factory: Callable[[np.random.Generator], Environment],
    policy_factory: Callable[[np.random.Generator], Policy],
    seeds: Sequence[np.random.SeedSequence],
    *,
    progress: Progress | None = None,
    choice: Callable[[Any], Any] | None = None,
    sample_every: int = 0,
) -> list[Log]:
    """Play the same worlds with any policy: common random numbers, so that two methods pair row by row.

    Parameters
    ----------
    environment_factory : callable
        Builds the environment from its random numbers; they depend on the replication, never on the policy.
    policy_factory : callable
        Builds the policy from another stream, so that a policy that draws does not move the environment's.
    seeds : sequence of numpy.random.SeedSequence
        From `replication_seeds`; may be used again for other methods.
    progress : Progress, optional
        Shows how far the replications are.
    choice, sample_every
        As in `play`.

    Returns
    -------
    list of Log
        One for each seed, in order. They run on the cores that joblib was given.

    References
    ----------
    A. M. Law, *Simulation Modeling and Analysis*, 5th ed., 2015, section 11.2 (common random numbers).

    Examples
    --------
    >>> class Dice:
    ...     def __init__(self, rng): self.rolls = rng.integers(1, 7, size=3).tolist()
    ...     def reset(self): return {"roll": self.rolls.pop()}
    ...     def step(self, action): return {"roll": self.rolls.pop()} if self.rolls else None
    >>> seeds = replication_seeds(0, 2)
    >>> echo = replications(Dice, lambda rng: lambda observation: observation["roll"], seeds)
    >>> random = replications(Dice, lambda rng: lambda observation: int(rng.integers(9)), seeds)
    >>> [len(log.actions) for log in echo + random]
    [3, 3, 3, 3]
    """
    from joblib import Parallel, delayed

    def one(seed: np.random.SeedSequence) -> Log:
        environment, policy = environment_factory(_child(seed, 0)), policy_factory(_child(seed, 1))
        return play(policy, environment, choice=choice, sample_every=sample_every)

    todo: Iterable[np.random.SeedSequence] = seeds
    if progress is not None:
        todo = progress(seeds, description="replications", total=len(seeds))
    logs: list[Log] = Parallel()(delayed(one)(seed) for seed in todo)
    return logs


def _child(seed: np.random.SeedSequence, number: int) -> np.random.Generator:
    """A child of a seed; unlike ``seed.spawn`` it is the same at every call."""
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number)))
