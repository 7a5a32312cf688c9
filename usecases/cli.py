"""The command line: finds the command that was typed. The only module that prints."""

from __future__ import annotations

from usecases import environment

environment.one_thread()  # before anything imports numpy

import argparse  # noqa: E402
import contextlib  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import traceback  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from functools import partial  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from usecases import __version__, catalogue  # noqa: E402
from usecases.commands import command_parser  # noqa: E402
from usecases.errors import UserError  # noqa: E402

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

# each is `usecases/commands/<name>.py` with run(rest, lang, *, say) -> exit code
COMMANDS = ("bench", "copy", "data", "exercise", "feasibility", "kit", "predict", "serve", "ui")

HELP = """\
usecases: AI use cases that companies and research labs really carried out.

  usecases list                                 the use cases
  usecases show NAME [--lang fr]                one of them: need, method, steps, limits
  usecases run NAME[/TASK] [KEY=VALUE ...] [-m] one run, or a sweep:  seed=1,2,3 -m
  usecases bench NAME[/TASK] [suite=...]        data x method x seed, one table; resumes where it was stopped
  usecases predict RUN_DIR INPUT                the model of a run on a new file
  usecases serve RUN_DIR                        the same over HTTP
  usecases feasibility NAME/TASK data=own ...   can your data answer? go, more data, or stop, in a minute
  usecases exercise list | show NAME | check NAME
  usecases data list | fetch NAME | verify NAME | template NAME/TASK | mirror DIR
  usecases copy NAME DIR --as NEW               a project of your own from a use case
  usecases kit DIR                              everything on a USB key, for rooms without internet
  usecases ui                                   MLflow's pages on your runs
  usecases demo                                 every task on built-in data, then a page to open
  usecases doctor                               what this installation can and cannot do

  --lang fr       texts in French (or set USECASES_LANG=fr)
  --debug         the traceback behind an error message
  --version

Results go to ./runs, or to USECASES_RUNS. `usecases run NAME --help` lists what a run understands.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; default ``sys.argv[1:]``.

    Returns
    -------
    int
        0 ok, 1 failed, 2 refused before any work, 3 partial, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [argument for argument in given if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    _log_to_terminal(debug)
    code = 0
    try:
        _need_current_folder()
        code = _dispatch(given, debug)
        sys.stdout.flush()
        return code
    except UserError as error:
        if debug:
            traceback.print_exc()
        print(f"usecases: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("usecases: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `usecases list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code
    except Exception as error:  # a fault of ours, not the user's: say so, and how to report it
        if debug:
            traceback.print_exc()
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        print(
            f"usecases: unexpected error ({told}); please report it with the output of --debug",
            file=sys.stderr,
        )
        return EXIT_FAILED


def _need_current_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise UserError("the current folder no longer exists: type cd and a folder that does") from error


def _dispatch(given: list[str], debug: bool) -> int:
    commands: dict[str, Callable[[list[str]], int]] = {
        "list": _list,
        "show": _show,
        "run": lambda rest: _run(rest, debug),
        "demo": _demo,
        "doctor": _doctor,
        **{name: partial(_command, name) for name in COMMANDS},
    }
    if not given or given[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if given[0] == "--version":
        print(f"usecases {__version__}")
        return 0
    if given[0] not in commands:
        from usecases.errors import nearest

        raise UserError(f"unknown command {given[0]!r}: {nearest(given[0], commands)}")
    return commands[given[0]](given[1:])


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    return command_parser(command, description, default_language())


def default_language() -> str:
    """Language of texts when none is asked: ``USECASES_LANG``, else English."""
    return "fr" if os.environ.get("USECASES_LANG", "en").lower().startswith("fr") else "en"


def _width() -> int:
    import shutil

    return max(60, min(100, shutil.get_terminal_size().columns - 1))


def _list(rest: list[str]) -> int:
    from usecases import cards

    arguments = _parser("list", "List the use cases.").parse_args(rest)
    print(cards.render_list(catalogue.entries().values(), arguments.lang, _width()))
    return 0


def _show(rest: list[str]) -> int:
    from usecases import cards

    parser = _parser("show", "Show the card of a use case.")
    parser.add_argument("name", help="from `usecases list`")
    arguments = parser.parse_args(rest)
    entry = catalogue.find(arguments.name.partition("/")[0])
    try:
        print(cards.render_card(entry.card, arguments.lang, _width(), entry.added))
    except (KeyError, TypeError, AttributeError) as error:  # a stranger's card
        raise UserError(f"the card of {entry.name} is not valid: {cards.validate(entry.card)[0]}") from error
    return 0


def _run(rest: list[str], debug: bool) -> int:
    from usecases import launcher

    if {"-h", "--help"} & set(rest):
        named = [argument for argument in rest if not argument.startswith("-")]
        print(launcher.usage(named[0] if named else None))
        return 0
    if not rest or rest[0].startswith("-"):
        raise UserError(
            "`usecases run` needs a use case: type `usecases run predictive_maintenance/rul`, or `usecases list` for the names"
        )
    return launcher.run(rest[0], rest[1:], say=print, debug=debug)


def _command(name: str, rest: list[str]) -> int:
    """Carry out a command that has a module of its own."""
    module = import_module(f"usecases.commands.{name}")
    code: int = module.run(rest, default_language(), say=print)
    return code


def _demo(rest: list[str]) -> int:
    from usecases import demo

    arguments = _parser("demo", "Run every task on built-in data, then write a page to open.").parse_args(
        rest
    )
    return demo.run(arguments.lang, say=print)


def _doctor(rest: list[str]) -> int:
    from usecases import doctor

    _parser("doctor", "Say what this installation can and cannot do.").parse_args(rest)
    checks = doctor.examine()
    for check in checks:
        print(f"{check.state:>7}  {check.subject}: {check.finding}")
    return 1 if any(check.state == "problem" for check in checks) else 0


class _OneLine(logging.Formatter):
    """Leaves the traceback out: the log file of the run keeps it."""

    def formatException(self, ei: Any) -> str:
        return ""


def _log_to_terminal(debug: bool) -> None:
    """Warnings go to stderr, one line each; with ``--debug`` everything does."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.DEBUG if debug else logging.WARNING)
    handler.setFormatter(
        logging.Formatter("%(name)s: %(message)s") if debug else _OneLine("%(levelname)s: %(message)s")
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if getattr(h, "_usecases", False)]:
        root.removeHandler(old)
    handler._usecases = True  # type: ignore[attr-defined]
    root.addHandler(handler)


if __name__ == "__main__":
    # `python -m usecases.cli` puts the current folder on the path, as `python -m` does; the script does not.
    sys.exit(main())
