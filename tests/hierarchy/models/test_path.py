"""Rows that hang on a node."""

import pytest
from django.db import connection

from hierarchy.models import AccessRequest, Invitation, Membership


@pytest.mark.parametrize("model", [Membership, Invitation, AccessRequest])
@pytest.mark.parametrize("name", ["acme", "shop", "development"])
def test_newest_rows_of_a_node_come_in_the_order_of_an_index(tree, model, name):
    newest = model.objects.at(getattr(tree, name)).order_by("-created_at", "-id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    plan = newest[:50].explain()

    assert "_new_" in plan
    assert "Sort" not in plan
