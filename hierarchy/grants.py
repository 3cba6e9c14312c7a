"""Guardian's rows, derived from memberships: `access` reads them, and nothing else writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection, transaction
from django.db.models import QuerySet, Value

from accounts.models import User
from hierarchy import access
from hierarchy.models import Membership, Organization, Status
from hierarchy.roles import Level, Role

Grant: TypeAlias = tuple[Level, int, int, int]  # level, user, node, permission


@dataclass(frozen=True)
class Drift:
    """A guardian row that is missing, or one that no membership implies."""

    kind: str  # "missing" or "stray"
    level: Level
    user_id: int
    node_id: int
    codename: str


def derive(user: User, organization: Organization) -> None:
    """Make guardian's rows of `user` in `organization` equal to what the memberships imply.

    Call it in the transaction that changes a membership, after the change.
    """
    memberships = Membership.objects.filter(user=user, organization=organization)
    implied = set(_implied(memberships))
    stored = set(_stored(user=user, organization=organization))
    _write(implied - stored, stored - implied)
    access.forget(user)


def resync(*, check: bool = False) -> list[Drift]:
    """Compare all of guardian's rows with what memberships imply; repair them unless `check`."""
    with transaction.atomic():
        if not check:
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {Membership._meta.db_table} IN SHARE MODE")
        implied, stored = set(_implied(Membership.objects.all())), set(_stored())
        missing, stray = implied - stored, stored - implied
        if not check:
            _write(missing, stray)
    return [*_drifts("missing", missing), *_drifts("stray", stray)]


def _implied(memberships: QuerySet[Membership]) -> Iterable[Grant]:
    """Yield the grants that memberships imply: of active ones, none suspended above them."""
    columns = ("user_id", "organization_id", "workspace_id", "application_id", "role", "status")
    by_person: dict[tuple[int, int], list[tuple[tuple[int | None, ...], str, str]]]
    by_person = defaultdict(list)
    for user_id, organization_id, *below, role, status in memberships.values_list(*columns):
        by_person[user_id, organization_id].append(((organization_id, *below), role, status))
    for (user_id, _organization_id), rows in by_person.items():
        suspended = [path for path, _role, status in rows if status == Status.SUSPENDED]
        for path, role, status in rows:
            if status == Status.ACTIVE and not any(_is_above(s, path) for s in suspended):
                node_ids = [part for part in path if part is not None]
                level = list(Level)[len(node_ids) - 1]
                yield level, user_id, node_ids[-1], access.role_ids()[level, Role(role)]


def _is_above(upper: tuple[int | None, ...], lower: tuple[int | None, ...]) -> bool:
    return all(part is None or part == own for part, own in zip(upper, lower, strict=True))


def _stored(user: User | None = None, organization: Organization | None = None) -> Iterable[Grant]:
    """Yield guardian's rows, those of a person in an organization or all, by one query."""
    parts = []
    for level, table in access.GRANTS.items():
        rows = table.objects.order_by().annotate(level=Value(level.value))
        if user is not None:
            rows = rows.filter(user=user)
        if organization is not None:
            top = level is Level.ORGANIZATION
            inside = "content_object" if top else "content_object__organization"
            rows = rows.filter(**{inside: organization})
        parts.append(rows.values_list("level", "user_id", "content_object_id", "permission_id"))
    for name, user_id, node_id, permission_id in parts[0].union(*parts[1:], all=True):
        yield Level(name), user_id, node_id, permission_id


def _write(missing: set[Grant], stray: set[Grant]) -> None:
    for level, table in access.GRANTS.items():
        added = [
            table(user_id=user, content_object_id=node, permission_id=permission)
            for at, user, node, permission in missing
            if at is level
        ]
        if added:
            table.objects.bulk_create(added, ignore_conflicts=True)
        for at, user, node, permission in stray:
            if at is level:
                table.objects.filter(
                    user_id=user, content_object_id=node, permission_id=permission
                ).delete()


def _drifts(kind: str, grants: set[Grant]) -> Iterable[Drift]:
    codenames = dict(DjangoPermission.objects.values_list("id", "codename"))
    for level, user, node, permission in sorted(grants):
        yield Drift(kind, level, user, node, codenames.get(permission, str(permission)))
