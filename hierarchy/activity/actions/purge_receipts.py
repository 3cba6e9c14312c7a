"""Removing the events of an organization that goes for good, for one receipt of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import connection, models

from hierarchy import fates
from hierarchy.models import AuditEvent, Organization, PurgeReceipt
from hierarchy.models.fate import Outcome
from hierarchy.models.path_snapshot import PathSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator


def issue(organization: Organization) -> PurgeReceipt:
    """Remove the events and identities of an organization in the trash; return what is left.

    To be called in the transaction that removes the organization itself, and before that. The
    database does it, and refuses it of an organization that is in use.
    """
    removed = dict(_kinds(organization))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # of a long life there is much to read
        cursor.execute(
            "SELECT hierarchy_purge_events(%s, %s)", [organization.pk, json.dumps(removed)]
        )
        (pk,) = cursor.fetchone()
    return PurgeReceipt.objects.get(pk=pk)


def _kinds(organization: Organization) -> Iterator[tuple[str, int]]:
    """Yield the kinds of rows that go with it, and how many there are of each."""
    for relation in Organization._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.CASCADE:
            model = relation.related_model
            field = relation.field.name
            number = model._default_manager.filter(**{field: organization}).count()
            if number:
                yield str(model._meta.model_name), number
    for model in fates.declared():
        is_counted = model is AuditEvent or model.fate.purged is Outcome.STAYS  # or never goes
        if issubclass(model, PathSnapshot) and not is_counted:
            number = fates.rows_within(model, organization).count()
            if number:
                yield str(model._meta.model_name), number
