"""Make the tables of the READMEs and the documentation from the saved results: ``python benchmarks/make_tables.py [--check]``.

Each ``<!-- table:PACKAGE/TASK/SUITE -->`` is followed by the table of ``results/PACKAGE/TASK/SUITE``, in the language of the file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from usecases.bench import table as bench_table
from usecases.errors import UserError

HERE = Path(__file__).resolve().parent
PAGES = {"README.md": "en", "README.fr.md": "fr", "docs/en/*.md": "en", "docs/fr/*.md": "fr"}
MARKED = re.compile(r"(<!-- table:(\w+(?:/\w+){1,2}) -->\n).*?(<!-- /table:\2 -->)", re.DOTALL)


def made(text: str, lang: str) -> str:
    """Put the tables where a text asks for them."""

    def table(found: re.Match[str]) -> str:
        saved = bench_table.load_saved(HERE / "results" / found[2])
        return f"{found[1]}{bench_table.markdown(saved, lang, papers='table')}\n{found[3]}"

    return MARKED.sub(table, text)


def main(arguments: list[str]) -> int:
    """Write the tables; with ``--check`` only say whether they are up to date."""
    stale = []
    pages = [(file, lang) for pattern, lang in PAGES.items() for file in sorted(HERE.parent.glob(pattern))]
    for file, lang in pages:
        text = file.read_text(encoding="utf-8")
        try:
            new = made(text, lang)
        except UserError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        if new != text:
            stale.append(file.relative_to(HERE.parent).as_posix())
            if "--check" not in arguments:
                file.write_text(new, encoding="utf-8", newline="\n")
    if stale and "--check" in arguments:
        sys.stderr.write(f"out of date: {', '.join(stale)}; type: python benchmarks/make_tables.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
