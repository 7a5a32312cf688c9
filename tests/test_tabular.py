"""A person's spreadsheet: what is recognised, and one sentence with file, row and column for what is not."""

import logging
import math
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usecases.errors import UserError
from usecases.tabular import Dialect, check_options, read_table


@pytest.fixture
def file(tmp_path):
    """Write text or bytes to a file with a difficult name and return its path."""

    def write(content, encoding="utf-8", name="relevés d'été, n° 1 [a].csv"):
        path = tmp_path / "données de l'atelier" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def refused(path, **options):
    """The sentence of the error."""
    with pytest.raises(UserError) as caught:
        read_table(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


# What is recognised


def test_french_spreadsheet_is_recognised_and_said(file, caplog):
    path = file("unité;jour;température\nA;31/01/2024;20,5\nA;01/02/2024;1 021,25\n", "cp1252")
    with caplog.at_level(logging.INFO, logger="usecases.tabular"):
        table = read_table(path, text=["unité"], dates=["jour"])
    assert table.dialect == Dialect(";", ",", "cp1252", True)
    assert table.frame["température"].tolist() == [20.5, 1021.25]
    assert table.frame["jour"].tolist() == [pd.Timestamp(2024, 1, 31), pd.Timestamp(2024, 2, 1)]
    (line,) = [record.getMessage() for record in caplog.records]
    assert "2 rows, 3 columns; separator semicolon, decimal comma, encoding cp1252, dates dd/mm/yyyy" in line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sep", [";", ",", "\t"])
def test_separators_and_encodings(file, sep, encoding):
    path = file(sep.join(["unité", "âge"]) + "\r\n" + sep.join(["é", "3"]) + "\r\n", encoding)
    table = read_table(path)
    assert table.dialect.sep == sep
    assert table.dialect.encoding == encoding
    assert table.frame.to_dict("list") == {"unité": ["é"], "âge": [3.0]}


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
def test_spaces_between_thousands(file, space):
    path = file(f"a;b\n1;{'12 345 678,5'.replace(' ', space)}\n2;-1{space}000\n3;\n")
    assert read_table(path).frame["b"].tolist()[:2] == [12345678.5, -1000.0]


def test_two_numbers_in_one_cell_are_no_thousands(file):
    assert "row 2, column 'b': '12 34' is not a number" in refused(file("a;b\n1;12 34\n2;3\n"), numeric=["b"])


@pytest.mark.parametrize("word", ["", "NA", "nan", "NaN", "#N/A", "#N/D", "N/A", "null", "  "])
def test_missing_cells(file, word):
    frame = read_table(file(f"a;b\n1;{word}\n2;5\n")).frame
    assert math.isnan(frame["b"].iloc[0])
    assert frame["b"].iloc[1] == 5.0


def test_rows_keep_the_number_of_the_spreadsheet(file):
    frame = read_table(file("a;b\n1;2\n;\n\n3;4\n5;6\n;\n;\n")).frame
    assert frame.index.tolist() == [2, 5, 6]
    assert frame["a"].tolist() == [1.0, 3.0, 5.0]


def test_quoted_cells_with_separators_and_line_breaks(file):
    path = file('"name, of it","b"\n"x, ""y""\nz","1,5"\n"u","2,5"\n')
    frame = read_table(path).frame
    assert frame["name, of it"].tolist() == ['x, "y"\nz', "u"]
    assert frame["b"].tolist() == [1.5, 2.5]
    assert frame.index.tolist() == [2, 3]


def test_excel_line_that_names_the_separator(file):
    table = read_table(file("sep=|\na|b\n1|2,5\n"))
    assert table.dialect.sep == "|"
    assert table.frame.index.tolist() == [2]


def test_columns_without_title_and_value_are_left_out(file):
    assert list(read_table(file("a;b;;\n1;2;;\n3;4;;\n")).frame.columns) == ["a", "b"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(file, newline):
    frame = read_table(file(newline.join(["a;b", "1;2,5", "3;4,5", ""]))).frame
    assert frame["b"].tolist() == [2.5, 4.5]


@pytest.mark.parametrize(
    "words", [{"sep": "semicolon"}, {"sep": ";"}, {"decimal": "comma"}, {"decimal": ","}]
)
def test_marks_may_be_forced_by_word_or_sign(file, words):
    assert read_table(file("a;b\n1;1,234\n"), **words).frame["b"].tolist() == [1.234]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234", "0,5"], [1.234, 0.5]),  # 0,5 decides
        (["1,234", "7,125"], [1.234, 7.125]),  # the semicolon decides
        (["1.234", "7.125"], [1.234, 7.125]),
        (["1,234.5", "7,125"], [1234.5, 7125.0]),
        (["1.234,5", "7.125"], [1234.5, 7125.0]),
        (["1,234,567", "12,000"], [1234567.0, 12000.0]),
        (["1.234.567", "12.000"], [1234567.0, 12000.0]),
        (["1e-3", "2,5E+2"], [0.001, 250.0]),
        (["−3,5", "+4"], [-3.5, 4.0]),
        ([",5", "1,"], [0.5, 1.0]),
        (["007", "12"], [7.0, 12.0]),
    ],
)
def test_numbers(file, cells, expected):
    assert (
        read_table(file("n;x\n" + "".join(f"1;{cell}\n" for cell in cells))).frame["x"].tolist() == expected
    )


def test_each_column_may_have_its_own_decimal_mark(file):
    table = read_table(file("a;b;c\n1,5;1.5;1,25\n2,5;2.25;0,5\n"))
    assert table.frame.to_numpy().tolist() == [[1.5, 1.5, 1.25], [2.5, 2.25, 0.5]]
    assert table.dialect.decimal == ","
    assert "decimal point in b" in str(table.dialect)


def test_other_columns_decide_an_ambiguous_one(file):
    assert read_table(file('a,b\n1.5,"1,234"\n')).frame["b"].tolist() == [1234.0]
    assert read_table(file('a,b\n"1,5","1,234"\n')).frame["b"].tolist() == [1.234]


@pytest.mark.parametrize(
    ("cells", "first", "dayfirst"),
    [
        (["31/01/2024", "01/02/2024"], (2024, 1, 31), True),
        (["01/31/2024", "02/01/2024"], (2024, 1, 31), False),
        (
            ["10/01/2024 08:30", "11/01/2024 09:30", "12/01/2024", "01/02/2024"],
            (2024, 1, 10, 8, 30),
            True,
        ),  # in order
        (["1/10/2024", "1/11/2024", "1/12/2024", "2/1/2024"], (2024, 1, 10), False),
        (["01/01/2024", "02/02/2024"], (2024, 1, 1), True),  # the same day both ways
        (["2024-01-31", "2024-02-01 08:30"], (2024, 1, 31), None),
        (["2024-01-31T08:30:15.5", "2024-02-01T00:00:00"], (2024, 1, 31, 8, 30, 15, 500000), None),
        (["2024-01-31T08:30:00+01:00", "2024-01-31T09:00:00Z"], (2024, 1, 31, 7, 30), None),
        (["31-01-24 8h30", "1-2-24 8h30"], (2024, 1, 31, 8, 30), True),
        (["31.01.2024", "01.02.2024"], (2024, 1, 31), True),
        (["2024/01/31", "2024/02/01"], (2024, 1, 31), None),
        (["20240131", "20240201"], (2024, 1, 31), None),
    ],
)
def test_dates(file, cells, first, dayfirst):
    table = read_table(file("n;t\n" + "".join(f"1;{cell}\n" for cell in cells)), dates=["t"])
    assert table.frame["t"].iloc[0] == pd.Timestamp(*first)
    assert table.frame["t"].notna().all()
    assert table.dialect.dayfirst is dayfirst


def test_dates_in_order_inside_each_unit(file):
    days = ["07/03/2024", "08/03/2024", "03/04/2024", "05/04/2024"]
    path = file("u;t\n" + "".join(f"{unit};{day}\n" for unit in "AB" for day in days))
    assert read_table(path, dates=["t"], text=["u"], within="u").dialect.dayfirst is True
    assert "data.dayfirst=" in refused(path, dates=["t"], text=["u"])


def test_dates_column_of_numbers_stays_numbers(file):
    assert read_table(file("t;x\n1,5;1\n2;2\n"), dates=["t"]).frame["t"].tolist() == [1.5, 2.0]


def test_missing_dates_and_forced_order(file):
    table = read_table(file("t;x\n05/04/2024;1\n;2\n06/04/2024;3\n"), dates=["t"], dayfirst=True)
    assert table.frame["t"].isna().tolist() == [False, True, False]
    assert table.frame["t"].iloc[0] == pd.Timestamp(2024, 4, 5)


def test_text_columns_stay_text_and_mostly_text_is_no_error(file):
    frame = read_table(file("u;site;x\n007;Lille;1\n008;12;2\n009;Lens;3\n"), text=["u"]).frame
    assert frame["u"].tolist() == ["007", "008", "009"]
    assert frame["site"].tolist() == ["Lille", "12", "Lens"]


def test_aliases_ignore_case_accents_and_spaces(file):
    table = read_table(file(" Unité ;FIN;x\nA;panne;1\n"), required=["unit"], text=["unit", "end"],
                       aliases={"unit": ["unite"], "end": ["fin"], "time": ["date"]})  # fmt: skip
    assert list(table.frame.columns) == ["unit", "end", "x"]
    assert table.titles == {"unit": "Unité", "end": "FIN"}
    assert table.place(2, "unit").endswith("row 2, column 'Unité'")


def test_kept_columns_only(file):
    frame = read_table(file("a;b;c\n1;abc;2\n2;3;4\n"), required=["a"], keep=["c"]).frame
    assert list(frame.columns) == ["a", "c"]


# What is refused


def test_missing_file_names_the_nearest(file):
    path = file("a;b\n1;2\n", name="relevés.csv")
    wrong = path.with_name("releves.csv")
    assert "did you mean 'relevés.csv'?" in refused(wrong)
    assert "nor does its folder" in refused(path.parent / "nowhere" / "a.csv")


def test_folder(file):
    path = file("a;b\n1;2\n", name="one.csv")
    assert "is a folder" in refused(path.parent)
    assert "one.csv" in refused(path.parent)


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf", b";;\n", b"\xff\xfe"])
def test_empty_file(file, content):
    message = refused(file(content))
    assert "empty" in message or "no row of data" in message


@pytest.mark.parametrize("content", ["a;b\n", "a;b", "a;b\n;\n\n"])
def test_header_only(file, content):
    assert "header and no row" in refused(file(content))


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n\x00", b"PK\x03\x04\x00", b"\xd0\xcf\x11\xe0\xa1\x00",
                                     b"a;b\n1;\x00\n", b"PAR1\x15\x04\x15", b"\x1f\x8b\x08\x00", bytes(range(256))])  # fmt: skip
def test_binary_file(file, content):
    message = refused(file(content))
    assert "binary file" in message
    assert "export it as CSV" in message


def test_workbook_without_openpyxl(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    message = refused(_zip(file(b"", name="a.xlsx")))
    assert "save it as CSV" in message
    assert "usecases[excel]" in message


def _zip(path):
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return path


def test_damaged_workbook(file):
    pytest.importorskip("openpyxl", reason="openpyxl is in the extra `excel`")
    assert "cannot be read" in refused(_zip(file(b"", name="a.xlsx")))


def test_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is in the extra `excel`")
    book = openpyxl.Workbook()
    rows = [
        ["unité", "date", "x", "n"],
        ["A", datetime(2024, 1, 31), 20.5, 3],
        ["A", datetime(2024, 2, 1, 8, 30), None, 4],
    ]
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", text=["unité"], dates=["date"])
    assert table.frame["date"].tolist() == [pd.Timestamp(2024, 1, 31), pd.Timestamp(2024, 2, 1, 8, 30)]
    assert table.frame["x"].iloc[0] == 20.5
    assert table.frame["n"].tolist() == [3.0, 4.0]
    assert table.dialect.encoding == "xlsx"


def test_cells_of_a_workbook(file, monkeypatch):
    """What becomes of a workbook's cells, without openpyxl."""
    cells = [
        ["", "", ""],
        ["u", "t", "x"],
        ["007", datetime(2024, 1, 31, 8), 12.5],
        ["008", datetime(2024, 2, 1), float("nan")],
    ]
    monkeypatch.setattr(pd, "read_excel", lambda *_, **__: pd.DataFrame(cells, dtype=object))
    frame = read_table(_zip(file(b"", name="a.xlsx")), text=["u"], dates=["t"]).frame
    assert frame.index.tolist() == [3, 4]
    assert frame["u"].tolist() == ["007", "008"]
    assert frame["t"].tolist() == [pd.Timestamp(2024, 1, 31, 8), pd.Timestamp(2024, 2, 1)]
    assert frame["x"].iloc[0] == 12.5
    assert math.isnan(frame["x"].iloc[1])


def test_missing_column_names_the_nearest_and_the_option(file):
    message = refused(file("unti;x\nA;1\n"), required={"unit": "data.unit"})
    assert (
        "no column 'unit', did you mean 'unti'? allowed: unti, x; name the right one with data.unit"
        in message
    )


def test_one_column_suggests_a_separator(file):
    assert "data.sep=" in refused(file("unit|x\nA|1\n"), required=["unit"])


def test_duplicated_titles(file):
    assert "row 1, column 'x': columns 2 and 3 have the same title" in refused(file("u;x; x\nA;1;2\n"))


def test_values_without_title(file):
    assert "row 3: column 2 has values but no title" in refused(file("u;;x\nA;;2\nB;5;2\n"))


def test_text_in_a_number_column(file):
    path = file("u;x\nA;1,5\nA;2,5\nA;HS\nA;panne\n")
    message = refused(path, text=["u"])
    assert "row 4, column 'x': 'HS' is not a number (2 such cells in the column)" in message
    assert "row 4" in refused(path, numeric=["x"])
    assert "'#DIV/0!' is not a number" in refused(file("u;x\nA;1\nA;#DIV/0!\n"), text=["u"])


def test_text_in_a_date_column(file):
    assert "row 3, column 't': 'hier' is not a date" in refused(
        file("t;x\n31/01/2024;1\nhier;2\n"), dates=["t"]
    )
    assert "'31/02/2024' is not a date" in refused(file("t;x\n31/01/2024;1\n31/02/2024;2\n"), dates=["t"])


def test_day_and_month_mixed(file):
    message = refused(file("t;x\n31/01/2024;1\n01/31/2024;2\n"), dates=["t"])
    assert "row 2, column 't'" in message
    assert "row 3 is month/day" in message


def test_undecidable_dates_ask(file):
    message = refused(file("t;x\n02/02/2024;0\n01/04/2024;1\n03/02/2024;2\n"), dates=["t"])
    assert "row 3, column 't': '01/04/2024'" in message
    assert "data.dayfirst=true or data.dayfirst=false" in message


@pytest.mark.parametrize("content", ['a,b\n1,"1,234"\n', "a\tb\n1\t1,234\n", "a;b\n1,5;1.234\n"])
def test_undecidable_decimal_asks(file, content):
    message = refused(file(content))
    assert "row 2, column 'b': '1" in message
    assert "data.decimal=comma or data.decimal=point" in message
    point, comma = (
        read_table(file(content), decimal=mark, text=["a"]).frame["b"].iloc[0] for mark in ("point", "comma")
    )
    assert {point, comma} == {1.234, 1234.0}


def test_stray_point_among_decimal_commas(file):
    assert "row 3, column 'b': '1.234' is not a number" in refused(file("a;b\n1;12,5\n2;1.234\n3;7,5\n"))


@pytest.mark.parametrize("row", ["A;1", "A;1;2;3", "A", 'A;"1;2'])
def test_row_with_another_number_of_cells(file, row):
    message = refused(file(f"u;x;y\nA;1;2\n{row}\nA;1;2\nA;5;6\n"))
    assert "row 3 has " in message
    assert "the header has 3" in message


def test_decimal_comma_between_commas(file):
    assert "semicolons" in refused(file("u,x\nA,1,5\nA,2,5\n"), sep="comma")


def test_cell_without_end(file):
    assert "quotation mark" in refused(file('u;x\n"' + "A;1\n" * 50_000))


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("cp850", "cp850 reads 'température'"), ("mac_roman", "mac_roman reads 'température'")],
)
def test_undecidable_encoding_shows_the_choices(file, encoding, word):
    path = file("u;x;température\nA;1;2\n", encoding)
    message = refused(path)
    assert "row 1: the encoding cannot be decided" in message
    assert f"data.encoding={word}" in message
    assert "température" in read_table(path, encoding=encoding).frame.columns


def test_wrong_and_unknown_encoding(file):
    path = file("u;x\né;1\n", "cp1252")
    assert "row 2: byte 0xe9 is not utf-8" in refused(path, encoding="utf-8")
    with pytest.raises(UserError, match="did you mean 'utf-8'"):
        read_table(path, encoding="utf_9")


@pytest.mark.parametrize("options", [{"sep": "semi"}, {"decimal": "dot"}, {"sep": "ab"}, {"decimal": ";"}])
def test_unknown_marks(file, options):
    with pytest.raises(UserError, match="allowed: "):
        read_table(file("a;b\n1;2\n"), **options)


def test_file_that_cannot_be_read(file, monkeypatch):
    path = file("a;b\n1;2\n")
    monkeypatch.setattr(
        Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    assert "Permission denied" in refused(path)


@pytest.mark.parametrize(
    ("error", "remedy"), [(PermissionError(13, "Permission denied"), "check its permissions"),
                          (OSError(36, "File name too long"), "check the path")],
)  # fmt: skip
def test_file_that_cannot_be_looked_at(file, monkeypatch, error, remedy):
    path = file("a;b\n1;2\n")
    monkeypatch.setattr(Path, "stat", lambda _, **__: (_ for _ in ()).throw(error))
    message = refused(path)
    assert f"cannot be read ({error.strerror})" in message
    assert remedy in message


@pytest.mark.parametrize("name", ["a" * 5000 + ".csv", "a\0.csv"])
def test_impossible_path_is_refused_and_shown_shortly(tmp_path, name):
    with pytest.raises(UserError) as caught:
        read_table(tmp_path / name)
    assert len(str(caught.value)) < 2500
    assert str(caught.value).isprintable()


def test_only_a_close_name_is_proposed(file):
    path = file("a;b\n1;2\n", name="datebad.csv")
    message = refused(path.with_name("C-data-ok.csv"))
    assert "did you mean" not in message
    assert message.endswith("check the path")
    assert "did you mean 'datebad.csv'?" in refused(path.with_name("datesbad.csv"))


def test_name_that_begins_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("~nobody-of-that-name.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    assert len(read_table("~nobody-of-that-name.csv").frame) == 1


def test_name_that_is_no_utf8(tmp_path, caplog):
    path = tmp_path / "relev\udce9s.csv"
    try:
        path.write_text("a;b\n1;2\n", encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    with caplog.at_level(logging.INFO, logger="usecases.tabular"):
        table = read_table(path)
    assert table.path.name == "relev?s.csv"
    assert "relev?s.csv: 1 rows" in caplog.text
    path.write_text("a;b\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"relev\?s\.csv holds a header"):
        read_table(path)


def test_row_that_is_too_short_or_has_an_open_quotation_mark(file):
    rows = "A,1,2\n" * 3
    short = refused(file(f"u,x,y\n{rows}A,1\n{rows}"))
    assert "row 5 has 2 cells, 3 were expected" in short
    assert "complete the row" in short
    for cut in ('"A,1,2', 'A,1,"2'):
        message = refused(file(f"u,x,y\n{rows}{cut}\n{rows}"))
        assert "row 5" in message
        assert "quotation mark that is opened there is not closed" in message
        assert "decimal comma" not in message
    long = refused(file(f"u,x,y\n{rows}A,1,2,5\n{rows}"))
    assert "row 5 has 4 cells, 3 were expected" in long
    assert "decimal comma" in long


def test_inches_in_a_title_are_no_open_quotation_mark(file):
    assert read_table(file('u;bore 5"\nA;1,5\n')).frame['bore 5"'].tolist() == [1.5]


def test_data_on_the_second_sheet(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is in the extra `excel`")
    book = openpyxl.Workbook()
    book.active.title = "Lisez-moi & notes"
    second = book.create_sheet("Données")
    for row in (["unit", "x"], ["A", 1]):
        second.append(row)
    path = tmp_path / "a.xlsx"
    said = "only the first sheet 'Lisez-moi & notes' was read: if the data are on another one ('Données')"
    for rows in ([], [["note"]], [["read me"]]):
        for row in rows:
            book["Lisez-moi & notes"].append(row)
        book.save(path)
        message = refused(path, required={"unit": "data.unit"})
        assert said in message
        assert "data.sep" not in message
    assert "no column 'unit'" in message
    book.remove(second)
    book.save(path)
    assert "only the first sheet" not in refused(path, required={"unit": "data.unit"})


@pytest.mark.parametrize(
    ("cell", "time"),
    [("08:30 AM", "08:30"), ("12:05 am", "00:05"), ("12:05PM", "12:05"), ("1:05:09 p.m.", "13:05:09"),
     ("11:59\u202fPM", "23:59")],
)  # fmt: skip
def test_times_of_12_hours(file, cell, time):
    table = read_table(file(f"t;x\n03/31/2024 {cell};1\n"), dates=["t"])
    assert table.frame["t"].tolist() == [pd.Timestamp(f"2024-03-31 {time}")]


def test_time_of_no_clock(file):
    assert "'31/03/2024 13:05 PM' is not a date" in refused(
        file("t;x\n30/03/2024 1:05 PM;1\n31/03/2024 13:05 PM;1\n"), dates=["t"]
    )


@pytest.mark.parametrize(
    "options",
    [{"sep": "x"}, {"sep": 1}, {"decimal": "dot"}, {"encoding": "foo"}, {"encoding": "hex"}, {"encoding": 8}],
)
def test_options_are_refused_before_a_file_is_read(options):
    ((key, given),) = options.items()
    with pytest.raises(UserError, match=f"data.{key}={given} .*allowed: "):
        check_options(**options)
    check_options(sep="tab", decimal="comma", encoding="utf-16")


# Properties

NUMBERS = st.floats(-1e9, 1e9).map(lambda x: round(x, 4))
NAMES = st.text(st.characters(codec="cp1252", categories=["L", "Nd"]), min_size=1, max_size=8).filter(
    lambda s: s.isalpha()
)


def grouped(value, decimal, space):
    """Number as a French spreadsheet shows it, thousands set apart."""
    return f"{value:,.4f}".replace(",", "_").replace(".", decimal).replace("_", space)


@given(
    values=st.lists(NUMBERS, min_size=2, max_size=12),
    sep=st.sampled_from([";", ",", "\t"]),
    decimal=st.sampled_from([",", "."]),
    space=st.sampled_from(["", " ", "\u00a0"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    style=st.sampled_from(
        ["%d/%m/%Y", "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S"]
    ),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),
)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read(values, sep, decimal, space, encoding, style, start):
    """Values survive every way of writing them, as long as a day above 12 or the order tells day from month."""
    start = start.replace(second=0, microsecond=0)
    days = [start + timedelta(days=step) for step in range(len(values))]
    days += [start.replace(day=28) + timedelta(days=60 + step) for step in (0, 1)]
    days.append(days[-1].replace(day=27) + timedelta(days=62))
    values = [*values, 0.5, 1.25, 2.125]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "été [1], n° 2.csv"
        frame = pd.DataFrame({"unité": "é", "date": [day.strftime(style) for day in days],
                              "valeur": [grouped(value, decimal, space) for value in values]})  # fmt: skip
        frame.to_csv(path, sep=sep, index=False, encoding=encoding)
        table = read_table(path, dates=["date"], text=["unité"], within="unité")
    assert table.dialect.sep == sep
    assert table.dialect.encoding == encoding
    np.testing.assert_array_equal(table.frame["valeur"].to_numpy(), np.array(values))
    expected = [datetime.strptime(day.strftime(style), style) for day in days]
    assert table.frame["date"].tolist() == [pd.Timestamp(day) for day in expected]


def read_or_sentence(content, **options):
    """Number of rows read, or the sentence that refuses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(content)
        try:
            return len(read_table(path, **options).frame)
        except UserError as error:
            return str(error).replace(str(path), "FILE")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_in_a_sentence(content):
    outcome = read_or_sentence(content)
    assert "FILE" in outcome if isinstance(outcome, str) else outcome > 0


@given(st.text("a1,.;\t\"\n '-/", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_in_a_sentence(content):
    outcome = read_or_sentence(content.encode(), dates=["a"])
    assert "FILE" in outcome if isinstance(outcome, str) else outcome > 0


def test_text_among_numbers_can_be_kept_to_be_listed(tmp_path):
    file = tmp_path / "relevé.csv"
    file.write_text(
        "unité;date;débit;note\nA;01/02/2024;1,5;x\nA;hier;panne;y\nA;13/02/2024;;z\n", encoding="utf-8"
    )
    asked = {"numeric": ["débit"], "dates": ["date"], "text": ["unité"], "keep": ["unité", "date", "débit"]}
    with pytest.raises(UserError, match="row 3"):
        read_table(file, **asked)
    table = read_table(file, **asked, strict=False)
    assert table.frame["débit"].tolist()[:2] == [1.5, "panne"]
    assert table.frame["débit"].isna().tolist() == [False, False, True]
    assert table.frame["date"].isna().tolist() == [False, True, False]
    assert table.others == ("note",)
