"""What a test says about a refusal, and about a state that must not have changed."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection

from hierarchy.refusals import NotAllowed, Refused


@contextmanager
def refused(code, field=None):
    """Assert that the block is refused with `code`, and that no row differs afterwards."""
    before = snapshot()
    with pytest.raises(Refused) as caught:
        yield
    assert (caught.value.code, caught.value.field) == (code, field)
    assert str(caught.value.sentence) or isinstance(caught.value, NotAllowed)
    assert snapshot() == before


def snapshot(*, but_noted=False):
    """Return every row of the tree, its people and its mail, by its table and as one text.

    With `but_noted`, for what is refused at a page: without the event that it leaves, and the
    identity that this refers to, and from where it was.
    """
    models = [*apps.get_app_config("hierarchy").get_models(), apps.get_model("accounts.User")]
    tables = {model._meta.db_table for model in models} | {"procrastinate_jobs"}
    tables -= {"hierarchy_identity", "hierarchy_whereabouts"} if but_noted else set()
    rows = [f"SELECT '{table}', each::text FROM {table} AS each" for table in sorted(tables)]
    if but_noted:
        rows = [row.replace("each::text", "(to_jsonb(each) - 'events')::text") for row in rows]
        rows = [
            f"{row} WHERE to_jsonb(each)->>'action' IS DISTINCT FROM 'access.refuse'"
            for row in rows
        ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(rows))
        return sorted(cursor.fetchall())
