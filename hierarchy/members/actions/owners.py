"""Rules that keep every organization owned, so that there is always someone who decides."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from hierarchy import access
from hierarchy.models import Membership, Organization
from hierarchy.refusals import NotAllowed, Refused
from hierarchy.roles import Level, Permission, Role, in_order

if TYPE_CHECKING:
    from accounts.models import User


def require_owner(by: User, organization: Organization) -> None:
    """Raise NotAllowed unless `by` holds all that an owner of the organization holds."""
    access.require(by, Permission.CHANGE_ORGANIZATION, organization)
    lacking = access.lacking_to_own(by, organization)
    if lacking:
        sentence = _(
            "Only owners can decide who joins the organization by e-mail domain. Ask an owner."
        )
        raise NotAllowed(in_order(lacking)[0], organization, sentence)


def sole_owned(user: User) -> list[Organization]:
    """Return the organizations, in the trash or not, whose only active owner is `user`."""
    return list(Organization.objects.filter(pk__in=owned_alone(user)))


def owned_alone(user: User, among: Collection[int] | None = None) -> set[int]:
    """Return the ids of the organizations whose only active owner is `user`: of those `among`.

    For use in other questions ask this beforehand: within one about rows, PostgreSQL reads all
    owners there are.
    """
    owners = Membership.objects.effective_owners()
    if among is not None:
        owners = owners.filter(organization__in=among)
    owned = set(owners.filter(user=user).values_list("organization", flat=True))
    others = owners.filter(organization__in=owned).exclude(user=user).order_by()
    return owned - set(others.values_list("organization", flat=True).distinct()) if owned else owned


def is_only_owner(user: User, organization: Organization) -> bool:
    """Return whether `user` is the one active owner that the organization has."""
    owners = Membership.objects.effective_owners().filter(organization=organization)
    return set(owners.values_list("user", flat=True)[:2]) == {user.pk}


def is_last_owner(membership: Membership) -> bool:
    """Return whether the organization would have no active owner without this membership."""
    counts = membership.level is Level.ORGANIZATION and membership.role == Role.OWNER
    counts = counts and membership.is_in_force and membership.ends_at is None
    return counts and is_only_owner(membership.user, membership.organization)


def keep_an_owner(membership: Membership) -> None:
    """Refuse to leave the organization without an active owner."""
    if is_last_owner(membership):
        sentence = _("%(organization)s needs an active owner. Make someone else an owner first.")
        raise Refused("last_owner", sentence % {"organization": membership.organization})
