"""What the core and a use case say to each other: one task, one problem, one outcome, one evaluation.

A run is always the same five steps::

    problem    = task.load(data, seed=...)
    outcome    = task.solve(method, problem.inputs, ...)          # never sees problem.truth
    outcome    = task.play(problem, outcome, ...)                 # only tasks that act over time
    evaluation = task.evaluate(problem, outcome, ...)             # trusts nothing the method says of itself
    sections   = task.report(problem, outcome, evaluation)

The truth stays in `Problem.truth`, which the core never hands to `solve`: a method cannot leak what it
never receives. Everything here is a frozen dataclass; there is nothing to inherit from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

Item = TypeVar("Item")
Language = Literal["en", "fr"]


@dataclass(frozen=True)
class Text:
    """One sentence or label in both languages.

    Parameters
    ----------
    en, fr : str
        The English and the French wording.

    Examples
    --------
    >>> Text("cycles", "cycles")["fr"]
    'cycles'
    """

    en: str
    fr: str

    def __getitem__(self, lang: str) -> str:
        return self.fr if lang == "fr" else self.en


@dataclass(frozen=True)
class Problem:
    """One dataset, ready to be solved.

    Parameters
    ----------
    inputs : object
        All that a method may see (training data, an instance, a catalogue).
    truth : object, optional
        What only `evaluate` and `play` may see: test labels, the future, an assumed law. None when it is
        unknown, as it is on a user's own data: the report then says "not measured".
    groups : array_like of shape (n_units,), optional
        What must stay on one side of a split (engine, tile, board, customer, day, person), one entry for
        each test unit; intervals are bootstrapped over these groups.
    fingerprint : str
        A sha256 of the data, so that two results can be known to speak of the same data.
    description : mapping
        Plain values for people: ``name``, ``kind`` (generated, simulated, testbed, field, own), ``licence``,
        counts. ``name`` and ``kind`` are required.
    """

    inputs: Any
    truth: Any = None
    groups: Any = None
    fingerprint: str = ""
    description: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a method answered.

    Parameters
    ----------
    answer : pandas.DataFrame or mapping or sequence
        The answer itself, saved before it is scored: a frame as ``<name>.csv``, anything else as ``<name>.json``.
    name : str
        The file's stem: ``predictions``, ``plan``, ``decisions``.
    model : object, optional
        The fitted model, for explanations.
    policy : object, optional
        Sequential tasks: what `usecases.simulation.play` asks for decisions.
    log : usecases.simulation.Log, optional
        Sequential tasks: the decision log that `play` adds.
    details : mapping
        Anything else that `evaluate` or `report` needs (out-of-fold predictions, contributions).
    complete : bool
        False when a part could not be answered; the run's status is then ``partial``, as when `Evaluation.complete` is False.
    reproducible : bool
        False when a time limit stopped the method: the same seed may then give another answer.
    device : str
        Where it was computed: ``cpu`` or ``cuda``.
    notes : tuple of Text
        What a reader of the report must know about this answer.
    timings : mapping of str to mapping
        Parts of `solve` worth a line of their own, e.g. ``{"fit": {"wall_s": 3.1, "cpu_s": 3.0}}``; they do not overlap, and
        count the processes they were spread over.
    """

    answer: Any
    name: str = "predictions"
    model: Any = None
    policy: Any = None
    log: Any = None
    details: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True
    reproducible: bool = True
    device: str = "cpu"
    notes: tuple[Text, ...] = ()
    timings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """One figure with its unit and, where there is one, its interval.

    Parameters
    ----------
    value : float or None
        None means "not measured".
    unit : str
        ``cycles``, ``EUR``, ``%``, or an empty string for a pure number.
    higher_is_better : bool, optional
        None for a figure that is neither good nor bad (a width, a count).
    interval : tuple of float, optional
        Lower and upper bound.
    interval_kind : str, optional
        What the interval is over, e.g. ``"95 % bootstrap over engines"``. Required with `interval`.
    label : Text, optional
        How people call it.
    """

    value: float | None
    unit: str = ""
    higher_is_better: bool | None = False
    interval: tuple[float, float] | None = None
    interval_kind: str | None = None
    label: Text | None = None


@dataclass(frozen=True)
class Curve:
    """A figure that depends on another one: coverage by level, cost by share of late orders.

    Parameters
    ----------
    x, y : sequence of float
        Same length.
    interval : sequence of (float, float), optional
        One pair for each point.
    x_unit, y_unit : str
        Units of the axes.
    """

    x: Sequence[float]
    y: Sequence[float]
    interval: Sequence[tuple[float, float]] | None = None
    x_unit: str = ""
    y_unit: str = ""


@dataclass(frozen=True)
class Evaluation:
    """The score of an outcome.

    Parameters
    ----------
    metrics : mapping of str to Metric
        The card's headline metric is among them.
    by_group : mapping of str to mapping of str to Metric
        The same figures for parts of the test data (a band of remaining life, a defect type).
    curves : mapping of str to Curve
        Figures that depend on another one.
    bounds : mapping of str to mapping of str to Metric
        Rows of their own for what no method could know (a clairvoyant plan, the floor of a label convention).
    losses : array_like of shape (n_units,), optional
        One loss for each test unit, lower is better: two methods on the same data are compared pair by pair.
    loss_unit : str
        Unit of `losses`.
    loss_name : Text, optional
        What one of `losses` is ("share of late orders"), for the sentence on the comparison.
    share : str
        Name of the metric that says how much of the work was done (orders accepted), where methods may do less than all
        of it: the comparison says so where theirs differ.
    names : mapping of str to Text
        How people call the keys of `by_group` and `bounds`, where the key alone does not say it.
    complete : bool
        False when the judge refuses a part of the answer (a saved plan that breaks a rule), whatever the method says of
        itself: the run's status is then ``partial``, with exit code 3.
    notes : tuple of Text
        What the judge found, for the report and, where the status is ``partial``, for the terminal.
    """

    metrics: Mapping[str, Metric]
    by_group: Mapping[str, Mapping[str, Metric]] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    bounds: Mapping[str, Mapping[str, Metric]] = field(default_factory=dict)
    losses: Any = None
    loss_unit: str = ""
    loss_name: Text | None = None
    share: str = ""
    names: Mapping[str, Text] = field(default_factory=dict)
    complete: bool = True
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a report."""

    text: Text


@dataclass(frozen=True)
class Table:
    """A table of a report.

    Parameters
    ----------
    columns : sequence of Text
        The headings.
    rows : sequence of sequence
        Cells: str, Text, int, float (set with the language's decimal mark) or None ("not measured").
    caption : Text, optional
        What the table shows.
    digits : int
        Decimals of the float cells.
    """

    columns: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    caption: Text | None = None
    digits: int = 2


@dataclass(frozen=True)
class Picture:
    """A matplotlib figure of a report.

    Parameters
    ----------
    draw : callable
        ``draw(lang) -> matplotlib.figure.Figure``, called once for the report's language.
    caption : Text
        What one should see in it.
    """

    draw: Callable[[str], Any]
    caption: Text


@dataclass(frozen=True)
class Drawing:
    """A drawing of a report that one can zoom into, with texts that show when one points at something: a map, a timeline.

    Parameters
    ----------
    draw : callable
        ``draw(lang) -> str``, called once for the report's language: one ``<svg>`` element with a ``viewBox``; see
        `usecases.drawings`.
    caption : Text
        What one should see in it.
    """

    draw: Callable[[str], str]
    caption: Text


@dataclass(frozen=True)
class Section:
    """A chapter of a report: a heading and its blocks.

    Parameters
    ----------
    title : Text
        The heading.
    blocks : tuple of Paragraph, Table, Picture or Drawing
        In reading order.
    kind : {"plain", "takeaways", "limits"}
        The report opens with the section of kind ``takeaways`` (three sentences for a manager); the blocks of
        ``limits`` join the card's limits.
    """

    title: Text
    blocks: tuple[Paragraph | Table | Picture | Drawing, ...]
    kind: Literal["plain", "takeaways", "limits"] = "plain"


@dataclass(frozen=True)
class Finding:
    """What a trap shows: the figure of a mistake beside the honest one.

    Parameters
    ----------
    wrong, honest : Metric
        The same figure, obtained with the mistake and without it.
    wrong_name, honest_name : Text
        How each was obtained, in a few words.
    sentence : Text
        What to remember.
    """

    wrong: Metric
    honest: Metric
    wrong_name: Text
    honest_name: Text
    sentence: Text


class Trap(Protocol):
    """A mistake that people really make, shown on purpose: the node ``trap`` of ``experiment=trap_*``.

    It is the only thing beside `evaluate` that sees the truth, because that is often the mistake.
    """

    def spring(
        self,
        task: Task,
        method: Any,
        problem: Problem,
        outcome: Outcome,
        evaluation: Evaluation,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Finding:
        """Make the mistake after an honest run, and compare."""
        ...


class Progress(Protocol):
    """Wraps an iterable in a progress bar; silent when nobody is watching."""

    def __call__(
        self, iterable: Iterable[Item], *, description: str = "", total: int | None = None
    ) -> Iterable[Item]:
        """Yield the same items, showing how far one is."""
        ...


@dataclass(frozen=True)
class Budget:
    """How much work a run may do.

    Parameters
    ----------
    name : str
        ``smoke``, ``laptop`` or ``full``.
    effort : float
        Multiplies the iterations of a method; 1 is what a method was configured for.
    time_limit_s : float, optional
        Wall-clock limit of one `solve`, for methods that are stopped by time (s).
    """

    name: str = "laptop"
    effort: float = 1.0
    time_limit_s: float | None = None

    def iterations(self, configured: int, *, least: int = 1) -> int:
        """Scale a configured number of iterations by the budget's effort.

        Examples
        --------
        >>> Budget("smoke", effort=0.1).iterations(300)
        30
        """
        return max(least, round(configured * self.effort))


@runtime_checkable
class Task(Protocol):
    """One task of a use case: the thin adapter between the core and the native API of the domain.

    Tasks that act over time also have ``play(problem, outcome, *, seed, budget, device, progress) -> Outcome``.

    Tasks that learn also have four methods, so that a model outlives its run (see `usecases.models`)::

        save(outcome, folder) -> None          # write the fitted model and what it needs; never a pickle
        read(folder, path, *, anyway=False) -> inputs      # a person's new file; inputs.attrs["dialect"] if it has one
        apply(folder, inputs, *, anyway=False) -> Outcome  # answer in a fresh process, or refuse in one sentence
        example(folder) -> inputs              # a synthetic input, for the signature; nobody's rows

    What could not be answered stays in the answer: a frame has the columns ``status`` (``ok``, ``not scored``, any other word is a
    warning) and ``reason`` (in both languages in ``details["reasons"]``, a Text by the name in the first column), and the
    outcome is not ``complete``. ``anyway`` accepts values that look wrong, such as another unit.
    """

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read or generate the data; validate it at the edge."""
        ...

    def solve(
        self, method: Any, inputs: Any, *, seed: int, budget: Budget, device: str, progress: Progress
    ) -> Outcome:
        """Fit and predict, route, or compile and answer; from the inputs alone."""
        ...

    def evaluate(
        self,
        problem: Problem,
        outcome: Outcome,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Evaluation:
        """Score the saved answer against the truth, trusting nothing the method says of itself."""
        ...

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways first."""
        ...
