"""Benchmarks: a suite becomes rows, each row a run folder, and the rows a table.

========================  ====================================================================================
what is run               `suites` reads a suite's file; `suite_rows` spreads its sweeps and names rows; `plan`
                          composes and checks every row first; `row_key` says when a row is the same row
how it is run             `runner` carries rows out, resumes, keeps failures; `row` is the process of one row
what is in the table      `table` puts it together from `lines` (means and intervals), `compare` (paired
                          differences) and `published` (values of papers)
how the table is shown    `layout` chooses columns and notes, `grid` sets cells with `figures` and `words`;
                          `text` (terminal, Markdown, CSV) and `page` (HTML) are its forms
what is kept              `saved` writes and checks ``benchmarks/results``
========================  ====================================================================================
"""
