"""Whatever takes a lock is one transaction: half an action never stays."""

import inspect
import re

import pytest

from hierarchy.rooms import import_from_each

LOCKS = re.compile(r"\b_?lock\w*\(|select_for_update\(")


def _entries():
    """Yield what pages and the admin call: public functions of an actor that lock something."""
    for module in import_from_each("actions"):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and "by" in inspect.signature(function).parameters:
                text = inspect.getsource(function)
                if LOCKS.search(text):
                    yield pytest.param(function, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("function", list(_entries()))
def test_an_action_is_one_transaction(function):
    assert hasattr(function, "__wrapped__"), "lacks @transaction.atomic"
