"""Which tests can notice a change at all: those that run what it changes."""

from __future__ import annotations

import ast
from collections import Counter
from threading import Lock

from coverage import CoverageData


class Selection:
    """For one module: the tests that run each of its lines, those that noticed most first."""

    def __init__(self, source: str, data: CoverageData) -> None:
        self.source = source
        self.noticed: Counter[str] = Counter()
        self._lock = Lock()
        self._tests_on: dict[int, set[str]] = {}
        for path in data.measured_files():
            for line, contexts in data.contexts_by_lineno(path).items():
                names = {context.rpartition("|")[0] for context in contexts}
                self._tests_on[line] = names - {""}  # that is: while it is imported

    def note(self, test: str) -> None:
        """Remember that this test noticed a change: it is asked early about the next one."""
        with self._lock:
            self.noticed[test] += 1

    def tests_for(self, line: int) -> list[str]:
        """Return the tests that run what stands there; [] where any may notice the change.

        That is what runs once, when the module is imported: constants, tables, decorators.
        """
        tests = {test for each in self._lines_with(line) for test in self._tests_on.get(each, ())}
        with self._lock:
            return sorted(tests, key=lambda test: (-self.noticed[test], test))

    def _lines_with(self, line: int) -> range:
        """Return the lines of the innermost statement there; of a function, those of its body."""
        inside = range(0)
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno:
                inside = _lines_of(node)
        return inside


def _lines_of(node: ast.stmt) -> range:
    body = getattr(node, "body", None)
    if isinstance(node, ast.ClassDef):
        return range(0)
    if isinstance(node, ast.FunctionDef):
        return range(body[0].lineno, node.end_lineno + 1)
    return range(node.lineno, body[0].lineno if body else node.end_lineno + 1)
