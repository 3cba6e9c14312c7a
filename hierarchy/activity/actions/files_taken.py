"""Files that were taken away, which the record keeps besides changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models, transaction

from hierarchy import audit

if TYPE_CHECKING:
    from accounts.models import User
    from hierarchy.models.node import AnyNode


@transaction.atomic
def note(
    action: str,
    node: AnyNode,
    *,
    rows: int,
    form: str,
    by: User,
    target: models.Model | None = None,
    filters: dict[str, Any] | None = None,
) -> None:
    """Record that `by` takes `rows` rows of `node` away as a file, before the first one leaves.

    `action` says of what, `form` is the file's, and `filters` are those that chose the rows.
    """
    told: dict[str, Any] = {"rows": rows, "file": form} | (filters or {})
    changes = {name: [None, value] for name, value in told.items()}
    audit.record(action, by=by, node=node, target=target, target_label=node.name, changes=changes)
