"""Guardian's rows, derived from memberships: `access` reads them, and nothing else writes them.

The database takes a row away by itself when its membership ends, or says something else; see
`models/grant.py`. To give one is for this module alone.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection, transaction
from django.db.models import Max, QuerySet

from accounts.models import User
from config.batches import Failed
from hierarchy import access
from hierarchy.models import Membership, Organization, Status
from hierarchy.roles import Level, Role


class Grant(NamedTuple):
    """A row of guardian's, as a membership implies it or as it is stored."""

    level: Level
    membership_id: int
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
ORGANIZATIONS_AT_ONCE = 1_000  # how many are compared together
MOST_LOGGED = 100
logger = logging.getLogger("canopy.grants")

# Guardian's rows in the order of `Grant`: of the organizations with ids in a range, or of some
# people in one of them.
_COLUMNS = (
    "membership_id, user_id, content_object_id, permission_id, custom_role_id, starts_at, ends_at"
)
_ROWS_WITHIN = " UNION ALL ".join(
    f"SELECT '{level}', {_COLUMNS} FROM {table._meta.db_table} WHERE content_object_id IN"  # noqa: S608
    f" (SELECT id FROM {access.NODES[level]._meta.db_table}"
    f" WHERE {'id' if level is Level.ORGANIZATION else 'organization_id'}"
    " BETWEEN %(first)s AND %(last)s) {more}"
    for level, table in access.GRANTS.items()
)
_ROWS_OF_ALL = _ROWS_WITHIN.replace("{more}", "")
_ROWS_OF_PEOPLE = _ROWS_WITHIN.replace("{more}", "AND user_id = ANY(%(people)s)")


@dataclass(frozen=True)
class Drift:
    """A guardian row that is missing, or one that no membership implies."""

    kind: str  # "missing" or "stray"
    level: Level
    user_id: int
    node_id: int
    codename: str

    def __str__(self) -> str:
        person = f"user {self.user_id}"
        node = f"{self.level} {self.node_id}"
        return f"{self.kind}: {self.codename} of {person} on {node}"


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
    place = {"first": organization.pk, "last": organization.pk}
    stored = _stored(_ROWS_OF_PEOPLE, place | {"people": people})
    _write(implied - stored, stored - implied)


def resync(*, check: bool = False) -> list[Drift]:
    """Compare all of guardian's rows with what memberships imply; repair them unless `check`.

    Repairing waits until nobody changes a membership, and keeps anyone from starting to.
    """
    is_inside = connection.in_atomic_block  # then the caller's transaction has begun to read
    drifts: list[Drift] = []
    with transaction.atomic(), connection.cursor() as cursor:
        if not check:  # writing a grant locks its membership: who has locked one has to be done
            cursor.execute(f"LOCK TABLE {Membership._meta.db_table} IN EXCLUSIVE MODE")
        elif not is_inside:  # both are read as they were at one instant
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        newest = Organization.objects.aggregate(last=Max("pk"))["last"] or 0
        for first in range(0, newest + 1, ORGANIZATIONS_AT_ONCE):
            drifts += _compare(first, first + ORGANIZATIONS_AT_ONCE - 1, check=check)
    return sorted(drifts, key=lambda drift: (drift.kind, drift.level, drift.user_id, drift.node_id))


def tell_of_drift() -> None:
    """Log what differs, and end as a failed job that says so, if anything does."""
    drifts = resync(check=True)
    for drift in drifts[:MOST_LOGGED]:
        logger.error("A stored permission differs from its membership. %s", drift)
    if drifts:
        raise Failed(
            f"Stored permissions that differ from memberships: {len(drifts)}. The log names them;"
            " manage.py resync_permissions repairs them."
        )


def _compare(first: int, last: int, *, check: bool) -> list[Drift]:
    """Do what `resync` does for the organizations with ids from `first` to `last`."""
    memberships = Membership.objects.filter(organization__pk__range=(first, last))
    implied = set(_implied(memberships))
    stored = _stored(_ROWS_OF_ALL, {"first": first, "last": last})
    missing = implied - stored
    stray = stored - implied
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
                    row.pk,
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
    """Delete first: a grant whose dates or role differ is stray and missing at once."""
    for level, table in access.GRANTS.items():
        ended = [grant.membership_id for grant in stray if grant.level is level]
        if ended:
            table.objects.filter(membership__in=ended).delete()
        added = [
            table(
                membership_id=grant.membership_id,
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


def _drifts(kind: str, grants: set[Grant]) -> Iterable[Drift]:
    if not grants:
        return
    codenames = dict(DjangoPermission.objects.values_list("id", "codename"))
    for grant in grants:
        codename = codenames.get(grant.permission_id, str(grant.permission_id))
        yield Drift(kind, grant.level, grant.user_id, grant.node_id, codename)
