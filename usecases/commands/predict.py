"""``usecases predict``: apply the model of a run to a new file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from usecases import models, predictions
from usecases.commands import Say, command_parser
from usecases.textfile import existing_file


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Read a file, answer, and write the answer beside it.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases predict``.
    lang : {"en", "fr"}
        Language when ``--lang`` is not given.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0, or 3 when some could not be scored.
    """
    parser = command_parser(
        "predict",
        "Apply the model of a run to a new file. The answers are written in the dialect of that file: "
        "semicolons and decimal commas if it has decimal commas.",
        lang,
    )
    parser.add_argument("run", metavar="RUN_DIR", help="the folder of a run")
    parser.add_argument("input", metavar="INPUT", type=Path, help="a CSV file or an .xlsx workbook")
    parser.add_argument("--out", type=Path, help="the file to write (default: <INPUT>_predictions.csv here)")
    parser.add_argument(
        "--anyway", action="store_true", help="go on where the values look wrong (another unit?)"
    )
    arguments = parser.parse_args(list(rest))
    model = models.load(arguments.run)
    source = existing_file(arguments.input)
    file = predictions.target(source, arguments.out)
    inputs = model.read(source, anyway=arguments.anyway)
    dialect = getattr(inputs, "attrs", {}).get("dialect")
    outcome = predictions.translated(model.apply(inputs, anyway=arguments.anyway), arguments.lang)
    file = predictions.write(outcome.answer, file, dialect)
    for line in predictions.summary(outcome, arguments.lang):
        say(line)
    say(str(file.absolute()))
    return 0 if outcome.complete else 3
