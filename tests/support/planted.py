"""The rows that many tests begin with: made by factories once, and then written by one statement.

Where a test travels in time, or stands beside other rows than these, factories make them again;
and so they do after a few minutes, because proofs that a session has given get old.
"""

import json
import pickle
import time

from django.db import connection
from psycopg.sql import Literal

BEGINNING = time.time() - time.monotonic()
TRAVELLED = 60  # seconds; no clock is put right by more in one run
LASTING = 5 * 60  # seconds

_planted = {}


def planted(name, build, *, beside=None):
    """Return what `build` returns; its rows have the same ids each time.

    `beside` is the id of what they hang on.
    """
    if abs(time.time() - time.monotonic() - BEGINNING) > TRAVELLED:
        return build()
    made_at, statement, made = _planted.get((name, beside), (0, "", b""))
    if made_at and time.monotonic() - made_at < LASTING:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return pickle.loads(made)
    before = _rows()
    made = build()
    after = _rows()
    statement = _writing(after - before, gone=before - after)
    _planted[name, beside] = (time.monotonic(), statement, pickle.dumps(made))
    return made


def _rows():
    """Return {(table, row as JSON)}."""
    tables = connection.introspection.table_names()  # those of jobs among them, which aren't ours
    each = [f"SELECT '{table}', to_jsonb(row)::text FROM \"{table}\" AS row" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return set(cursor.fetchall())


def _writing(rows, gone):
    """Return the SQL that writes the rows as they are: what follows from them is among them.

    `gone` are rows that were there before, and have become others.
    """
    tables = {table: [] for table, _row in sorted(rows)}
    for table, row in sorted(rows):
        tables[table].append(row)
    statements = ["SET LOCAL session_replication_role = replica"]
    for table, row in sorted(gone):
        statements.append(f'DELETE FROM "{table}" WHERE id = {json.loads(row)["id"]}')
    for table, written in tables.items():
        columns = ", ".join(f'"{name}"' for name in _columns(table))
        values = Literal(f"[{','.join(written)}]").as_string(connection.connection)
        statements.append(
            f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
            f' FROM jsonb_populate_recordset(NULL::"{table}", {values}::jsonb)'
        )
    statements.append("SET LOCAL session_replication_role = DEFAULT")
    return ";\n".join(statements)


def _columns(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = ''",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]
