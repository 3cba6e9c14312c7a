"""Guardian's rows, derived from memberships: `access` reads them, and nothing else writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from hierarchy import access
from hierarchy.models import Membership, Organization, Status
from hierarchy.roles import Level, Role


class Grant(NamedTuple):
    """A row of guardian's, as a membership implies it or as it is stored."""

    level: Level
    user_id: int
    node_id: int
    permission_id: int
    custom_role_id: int | None
    starts_at: datetime | None
    ends_at: datetime | None


_IMPLYING = (
    *("user_id", "organization_id", "workspace_id", "application_id"),
    *("role", "custom_role_id", "status", "starts_at", "ends_at"),
)
# Guardian's rows in the order of `Grant`: all of them, and those of some people in an organization.
_COLUMNS = "user_id, content_object_id, permission_id, custom_role_id, starts_at, ends_at"
_ROWS: dict[Level, str] = {
    level: f"SELECT '{level}', {_COLUMNS} FROM {table._meta.db_table}"  # noqa: S608
    for level, table in access.GRANTS.items()
}
_ALL_ROWS = " UNION ALL ".join(_ROWS.values())
_ROWS_OF_PEOPLE = " UNION ALL ".join(
    f"{rows} WHERE user_id = ANY(%(people)s) AND content_object_id IN"  # noqa: S608
    f" (SELECT id FROM {access.NODES[level]._meta.db_table}"
    f" WHERE {'id' if level is Level.ORGANIZATION else 'organization_id'} = %(organization)s)"
    for level, rows in _ROWS.items()
)


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
    derive_all([user.pk], organization)
    access.forget(user)


def derive_all(user_ids: Iterable[int], organization: Organization) -> None:
    """Do what `derive` does for many people at once, in as many queries as for one."""
    people = list(user_ids)
    memberships = Membership.objects.filter(user__in=people, organization=organization)
    implied = set(_implied(memberships))
    stored = _stored(_ROWS_OF_PEOPLE, {"people": people, "organization": organization.pk})
    _write(implied - stored, stored - implied)


def resync(*, check: bool = False) -> list[Drift]:
    """Compare all of guardian's rows with what memberships imply; repair them unless `check`."""
    is_inside = connection.in_atomic_block  # then the caller's transaction has begun to read
    with transaction.atomic(), connection.cursor() as cursor:
        if not check:
            cursor.execute(f"LOCK TABLE {Membership._meta.db_table} IN SHARE MODE")
        elif not is_inside:  # both are read as they were at one instant, whatever happens meanwhile
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        implied, stored = set(_implied(Membership.objects.all())), _stored(_ALL_ROWS, {})
        missing, stray = implied - stored, stored - implied
        if not check:
            _write(missing, stray)
    return [*_drifts("missing", missing), *_drifts("stray", stray)]


def _implied(memberships: QuerySet[Membership]) -> Iterable[Grant]:
    """Yield the grants that memberships imply: of active ones, none suspended above them."""
    by_person: dict[tuple[int, int], list[Membership]] = defaultdict(list)
    for membership in memberships.select_related(None).only(*_IMPLYING):
        by_person[membership.user_id, membership.organization_id].append(membership)
    for rows in by_person.values():
        suspended = [_path(row) for row in rows if row.status == Status.SUSPENDED]
        for row in rows:
            path = _path(row)
            if row.is_active and not any(_is_above(above, path) for above in suspended):
                yield Grant(
                    row.level,
                    row.user_id,
                    [part for part in path if part is not None][-1],
                    access.role_ids()[row.level, Role(row.role)],
                    row.custom_role_id,
                    row.starts_at,
                    row.ends_at,
                )


def _path(row: Membership) -> tuple[int | None, ...]:
    return row.organization_id, row.workspace_id, row.application_id


def _is_above(upper: tuple[int | None, ...], lower: tuple[int | None, ...]) -> bool:
    return all(part is None or part == own for part, own in zip(upper, lower, strict=True))


def _stored(query: str, values: dict[str, Any]) -> set[Grant]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return {Grant(Level(name), *columns) for name, *columns in cursor.fetchall()}


def _write(missing: set[Grant], stray: set[Grant]) -> None:
    """Delete first: a grant whose dates or role have changed is stray and missing at once."""
    for level, table in access.GRANTS.items():
        _delete(table._meta.db_table, [grant for grant in stray if grant.level is level])
        added = [
            table(
                user_id=grant.user_id,
                content_object_id=grant.node_id,
                permission_id=grant.permission_id,
                custom_role_id=grant.custom_role_id,
                starts_at=grant.starts_at,
                ends_at=grant.ends_at,
            )
            for grant in missing
            if grant.level is level
        ]
        if added:
            table.objects.bulk_create(added, ignore_conflicts=True)


def _delete(table: str, stray: list[Grant]) -> None:
    if not stray:
        return
    keys = [[grant[column] for grant in stray] for column in (1, 2, 3)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} USING unnest(%s::bigint[], %s::bigint[], %s::bigint[])"  # noqa: S608
            " AS stray (person, node, permission) WHERE user_id = person"
            " AND content_object_id = node AND permission_id = permission",
            keys,
        )


def _drifts(kind: str, grants: set[Grant]) -> Iterable[Drift]:
    codenames = dict(DjangoPermission.objects.values_list("id", "codename"))
    for level, user, node, permission, *_more in sorted(grants, key=lambda grant: grant[:4]):
        yield Drift(kind, level, user, node, codenames.get(permission, str(permission)))
