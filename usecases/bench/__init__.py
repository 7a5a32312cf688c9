"""Benchmarks: a suite becomes rows (`suites`, `plan`, `row`, `runner`), the rows a table (`table` and what it is made of)."""
