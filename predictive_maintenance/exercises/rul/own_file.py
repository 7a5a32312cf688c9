"""Solution of the exercise ``own_file``: the template, without the sensor that the workshop does not have.

A trainee does the same in a spreadsheet: open the template, delete the column ``vibration_mm_s``, save.
"""

from pathlib import Path

TEMPLATE, FILE = Path("template.csv"), Path("my_workshop.csv")


def without_column(text: str, title: str) -> str:
    r"""Remove one column of a table separated by commas.

    Parameters
    ----------
    text : str
        The table, its titles in the first line.
    title : str
        Of the column to remove.

    Examples
    --------
    >>> without_column("unit,vibration_mm_s,end\nP01,3.2,failure\n", "vibration_mm_s")
    'unit,end\nP01,failure\n'
    """
    rows = [line.split(",") for line in text.splitlines()]
    place = rows[0].index(title)
    return "".join(",".join([*row[:place], *row[place + 1 :]]) + "\n" for row in rows)


if __name__ == "__main__":
    FILE.write_text(without_column(TEMPLATE.read_text(encoding="utf-8"), "vibration_mm_s"), encoding="utf-8")
