"""What is put wrong on purpose: cosmic-ray's operators, and one of ours."""

from __future__ import annotations

import ast

import parso
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

# `is` and `==` say the same of members of an enumeration and of None.
SAME = ("_Is_Eq", "_Eq_Is", "_IsNot_NotEq", "_NotEq_IsNot")
# Of the many exchanges of one arithmetic operator for another, those that leave working code: a
# set minus a set is a set, a set to the power of a set is an error that any test would find.
EXCHANGES = ("BitOr_BitAnd", "BitOr_Sub", "BitAnd_BitOr", "Add_Sub", "Sub_Add", "Sub_BitOr")


class RemoveCall(Operator):
    """Put `pass` in the place of a call whose result nobody takes: a check, or an effect."""

    def mutation_positions(self, node):
        is_statement = node.parent is not None and node.parent.type == "simple_stmt"
        if is_statement and node.type == "atom_expr" and node.children[-1].type == "trailer":
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        module = parso.parse("pass")
        replacement = module.children[0]
        replacement.prefix = node.get_first_leaf().prefix
        return replacement

    @classmethod
    def examples(cls):
        return ()


def operators():
    """Return the operators by name."""
    chosen = {"RemoveCall": RemoveCall()}
    for full_name in operator_names():
        name = full_name.partition("/")[2]
        is_exchange = name.startswith("ReplaceBinaryOperator_")
        if is_exchange and not name.endswith(EXCHANGES):
            continue
        if name.startswith("ReplaceComparisonOperator_") and name.endswith(SAME):
            continue
        operator = get_operator(full_name)
        if not operator.arguments():
            chosen[name] = operator()
    return chosen


def inert_places(source):
    """Return the (line, column) spans that nothing executes: annotations and type checking."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            notes.append(node)
        if isinstance(node, ast.AnnAssign) and getattr(node.annotation, "id", "") == "TypeAlias":
            notes.append(node.value)
        if isinstance(node, ast.arguments):  # the star that opens the keywords is no product
            notes += node.kwonlyargs
        spans += [
            ((note.lineno, note.col_offset), (note.end_lineno, note.end_col_offset))
            for note in notes
            if note is not None
        ]
    return spans
