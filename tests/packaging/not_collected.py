"""Stands in a wheel as `usecases/_tests/conftest.py`: these tests are for `usecases copy`, not to be collected there."""

collect_ignore_glob = ["*"]
