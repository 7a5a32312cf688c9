"""Every public function and class has a numpydoc docstring whose parameters exist and stand in their order."""

import importlib
import inspect
import pkgutil

import pytest
from numpydoc.validate import validate

CODES = {"GL01", "GL02", "GL03", "GL08", "PR02", "PR03", "PR08", "PR10", "SS02", "SS03"}


def public():
    """Names of all public functions and classes."""
    for package in ("usecases", "predictive_maintenance", "delivery_optimization"):
        for info in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            module = importlib.import_module(info.name)
            for name, found in vars(module).items():
                ours = getattr(found, "__module__", None) == info.name and not name.startswith("_")
                if ours and (inspect.isfunction(found) or inspect.isclass(found)):
                    yield f"{info.name}.{name}", found


@pytest.mark.parametrize(
    ("name", "found"), list(public()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_docstring_follows_numpydoc(name, found):
    problems = {code: text for code, text in validate(name)["errors"] if code in CODES}
    if inspect.isclass(found) and issubclass(found, Exception):
        problems.pop("PR02", None)  # numpydoc sees no signature on an exception
    assert not problems
