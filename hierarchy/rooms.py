"""Rooms of the hierarchy: the packages that hold one capability each, and what a face merges."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

HERE = Path(__file__).parent


def import_from_each(layer: str) -> list[ModuleType]:
    """Import every module of a layer ("admin") of every room; return them by their names."""
    return [import_module(name) for name in _names(layer)]


def modules_called(name: str) -> list[ModuleType]:
    """Import the module `name` ("urls") of every room that has one; return them by their rooms."""
    found = sorted(file.parent.name for file in HERE.glob(f"*/{name}.py"))
    return [import_module(f"hierarchy.{room}.{name}") for room in found]


def _names(layer: str) -> Iterator[str]:
    for folder in sorted(HERE.glob(f"*/{layer}")):
        for module in iter_modules([str(folder)]):
            yield f"hierarchy.{folder.parent.name}.{layer}.{module.name}"
