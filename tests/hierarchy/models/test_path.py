"""Rows that hang on a node."""

import pytest
from django.apps import apps
from django.db import connection

from hierarchy.models import AccessRequest, Invitation, Membership, Path

ON_A_PATH = [model for model in apps.get_models() if issubclass(model, Path)]
# What holds each column of a path to the others, and the constraint that it is always empty.
KEY = (
    "FOREIGN KEY ({0}_id, {1}) REFERENCES hierarchy_{0}(id, {1})"
    " ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"
)
ABOVE = {"workspace": "organization_id", "application": "workspace_id, organization_id"}
EMPTY = {
    "workspace": {"CHECK (((application_id IS NULL) AND (workspace_id IS NULL)))"},
    "application": {
        "CHECK (((application_id IS NULL) AND (workspace_id IS NULL)))",
        "CHECK ((application_id IS NULL))",
    },
}


@pytest.mark.parametrize("model", [Membership, Invitation, AccessRequest])
@pytest.mark.parametrize("name", ["acme", "shop", "development"])
def test_newest_rows_of_a_node_come_in_the_order_of_an_index(tree, model, name):
    newest = model.objects.at(getattr(tree, name)).order_by("-created_at", "-id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    plan = newest[:50].explain()

    assert "_new_" in plan
    assert "Sort" not in plan


@pytest.mark.django_db
@pytest.mark.parametrize("column", ABOVE)
@pytest.mark.parametrize("model", ON_A_PATH)
def test_let_no_row_name_a_false_path_or_stay_behind_when_its_node_moves(model, column):
    """The composite keys, which Django can't declare: each migration of such a model adds them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass",
            [model._meta.db_table],
        )
        held = {definition for (definition,) in cursor.fetchall()}

    assert held & ({KEY.format(column, ABOVE[column])} | EMPTY[column])
