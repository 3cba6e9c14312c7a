"""Reasons to withhold a waiting e-mail: each template declares its own, the worker asks first.

A module that queues mails declares their templates, beside the actions that cause them:

    mail_rules.declare("invitation", about=Invitation, ended=_reason_not_to_invite)

From then on such a mail is withheld, however it came about, when at the moment of sending

- the row that it is about is gone,
- the node of that row, the mail's organization or anything above them is deleted or suspended,
- `ended`, asked with that row and the mail, returns an Ending.

A notice of what has happened to someone has to reach them for that very reason, and says so:

    mail_rules.declare("organization_suspended", even_suspended=True)
    mail_rules.declare("membership_removed", even_suspended=True, even_deleted=True)

Without `about`, there is no row that could be gone. `outbox.enqueue` takes no template that is not
declared, and a test walks templates/emails/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import models

from accounts.models import User
from hierarchy import access
from hierarchy.models import Ending, Node, Path
from hierarchy.models.path import PathQuerySet

if TYPE_CHECKING:
    from hierarchy.models import OutgoingMail
    from hierarchy.models.node import AnyNode
    from hierarchy.roles import Permission

Ended: TypeAlias = Callable[[Any, "OutgoingMail"], Ending | None]


def never(_row: models.Model, _mail: OutgoingMail) -> Ending | None:
    """Return None: only what becomes of the row itself and of its node ends such a mail."""
    return None


@dataclass(frozen=True)
class Rule:
    about: type[models.Model] | None
    ended: Ended
    even_suspended: bool
    even_deleted: bool


_rules: dict[str, Rule] = {}


def declare(
    *templates: str,
    about: type[models.Model] | None = None,
    ended: Ended = never,
    even_suspended: bool = False,
    even_deleted: bool = False,
) -> None:
    """Say what ends the mails of `templates/emails/<template>`; see above."""
    for template in templates:
        if template in _rules:
            raise ValueError(f"What ends a mail {template!r} is declared twice.")
        _rules[template] = Rule(about, ended, even_suspended, even_deleted)


def declared() -> set[str]:
    """Return the templates that have a rule."""
    return set(_rules)


def name_of(cause: models.Model) -> str:
    """Return how a mail names the row that it is about."""
    return f"{cause._meta.model_name} {cause.pk}"


def check(template: str, about: models.Model | None) -> None:
    """Raise LookupError or TypeError if a mail isn't queued as its template declares."""
    expected = _rule_of(template).about or type(None)
    given = type(about)
    if given is not expected or (about is not None and about.pk is None):
        raise TypeError(f"A mail {template!r} is about a saved {expected}, and not about {given}.")


def reason_to_withhold(mail: OutgoingMail) -> Ending | None:
    """Return why the mail must not be sent now, asking the database; or None."""
    rule = _rule_of(mail.template)
    row = None
    if rule.about is not None:
        row = _row_of(rule.about, mail)
        if row is None:
            return Ending.GONE
    for node in _nodes_of(row, mail):
        if node.is_deleted and not rule.even_deleted:
            return Ending.DELETED
        if node.suspended_by and not rule.even_suspended:
            return Ending.SUSPENDED
    return None if row is None else rule.ended(row, mail)


def can_its_reader(mail: OutgoingMail, permission: Permission, node: AnyNode) -> bool:
    """Return whether the recipient may do now, on `node`, what the e-mail asks them to do."""
    reader = User.objects.filter(email=mail.recipient, is_active=True).first()
    if reader is None:
        return False
    access.forget(reader)
    return access.can(reader, permission, node)


def _rule_of(template: str) -> Rule:
    if template not in _rules:
        raise LookupError(f"Nothing declares what ends a mail {template!r}: see mail_rules.")
    return _rules[template]


def _row_of(model: type[models.Model], mail: OutgoingMail) -> models.Model | None:
    """Return the row that the mail is about, with the nodes that it hangs on, as it is now."""
    name, _space, pk = mail.about.partition(" ")
    if name != model._meta.model_name:
        return None
    rows = model._default_manager.filter(pk=pk)
    return (rows.with_nodes() if isinstance(rows, PathQuerySet) else rows).first()


def _nodes_of(row: models.Model | None, mail: OutgoingMail) -> Iterator[AnyNode]:
    if mail.organization is not None:
        yield mail.organization
    if isinstance(row, Path):
        yield row.node
    elif isinstance(row, Node):
        yield row  # type: ignore[misc]  # one of the three
