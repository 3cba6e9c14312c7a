"""Asking whether before asking what: of many queries, in one question, which have any row."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


def exist(*questions: QuerySet[Any]) -> list[bool]:
    """Return of each query whether it has any row. What can have none costs no SQL at all.

    One statement, `SELECT EXISTS (…), EXISTS (…)`: Django's own `Exists` needs a table to be
    selected from, and compiles each query twice.
    """
    compiled = [_compiled(question) for question in questions]
    texts = [text for text, _parameters in compiled if text]
    if not texts:
        return [False] * len(questions)
    parameters = [value for _text, values in compiled for value in values]
    with connections[questions[0].db].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'EXISTS ({text})' for text in texts)}", parameters)
        answers = iter(cursor.fetchone())
    return [bool(text) and next(answers) for text, _parameters in compiled]


def _compiled(question: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of a query for a single row, and its parameters: "" if it can have none."""
    try:
        sql, parameters = question.query.exists().get_compiler(question.db).as_sql()
    except EmptyResultSet:
        return "", ()
    return sql, parameters
