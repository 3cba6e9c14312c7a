"""What becomes of memberships when an account is deactivated or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts import mails
from accounts.erasure import erase
from hierarchy import access, audit, outbox
from hierarchy.actions import blocks, memberships, notices, owners
from hierarchy.actions.locking import lock_organization, lock_people
from hierarchy.actions.notices import Change
from hierarchy.actions.staff import keep_a_superuser
from hierarchy.models import (
    AccessRequest,
    BlockedPerson,
    Membership,
    Organization,
    RequestState,
)
from hierarchy.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User

CHANGE_USER = "accounts.change_user"


@transaction.atomic
def deactivate(user: User, *, by: User) -> User:
    """Lock somebody out everywhere, at their next request; memberships stay for their return."""
    people = _lock(user, by)
    user, by = people[user.pk], people[by.pk]
    _require_staff(user, by)
    if user.pk == by.pk:
        raise Refused("own", _("Nobody deactivates their own account. You can close it."))
    if not user.is_active:
        raise Refused("inactive", _("The account is not active."))
    _refuse_sole_owner(user)
    keep_a_superuser(user, people.values())
    owned = _owned(user)
    user = _set_active(user, False, "deactivate", by)
    mails.queue("account/email/account_deactivated", user.email, {})
    notices.tell_owners_of_account(owned, Change.DEACTIVATED, by=by)
    return user


@transaction.atomic
def reactivate(user: User, *, by: User) -> User:
    """Let somebody in again, with what their memberships still grant."""
    people = _lock(user, by)
    user, by = people[user.pk], people[by.pk]
    _require_staff(user, by)
    if user.is_active:
        raise Refused("active", _("The account is active."))
    if user.is_closed:
        sentence = _("The account has been closed. Whoever it was has to sign up anew.")
        raise Refused("closed", sentence)
    user = _set_active(user, True, "reactivate", by)
    mails.queue("account/email/account_reactivated", user.email, {})
    notices.tell_owners_of_account(_owned(user), Change.ACCOUNT_BACK, by=by)
    return user


@transaction.atomic
def close(user: User) -> None:
    """Leave every organization and erase the account; the audit log keeps what was done."""
    people = _lock(user)
    user = people[user.pk]
    if not user.is_active:
        raise Refused("inactive", _("The account is not active."))
    _refuse_sole_owner(user)
    keep_a_superuser(user, people.values())
    label = audit.label_of(user)
    for membership in Membership.objects.filter(user=user).with_nodes().order_by("id"):
        gains = blocks.would_gain(membership)
        memberships.end(membership, [], "membership.leave", user, blocks_them=gains)
    for blocked in BlockedPerson.objects.select_for_update().filter(user=user):
        blocked.remember_addresses()
        blocked.save(update_fields=["address_hashes"])
    Organization.objects.filter(successor=user).update(successor=None)  # where they were no member
    asked = AccessRequest.objects.filter(user=user)
    outbox.withhold_about(asked)
    for wish in asked.pending().with_nodes():  # where they are no member
        states = [RequestState.PENDING.value, RequestState.WITHDRAWN.value]
        audit.record(
            "access_request.withdraw",
            by=user,
            node=wish.node,
            target=wish,
            target_label=label,
            changes={"state": states},
        )
    asked.delete()
    audit.record("account.close", by=user, node=None, target=user, target_label=label)
    mails.queue("account/email/account_closed", user.email, {})
    erase(user)
    access.forget(user)


def _lock(user: User, *others: User) -> dict[int, User]:
    """Return the people as they are now, after locking every organization of `user`.

    The organizations come first in the lock order, so one that was joined before the account
    could be locked is too late to be locked as well.
    """
    organizations = _organizations_of(user)
    for organization_id in sorted(organizations):
        lock_organization(organization_id)
    locked = lock_people(user, *others)
    if _organizations_of(user) - organizations:
        sentence = _("The person has just joined an organization, or asked to. Try again.")
        raise Refused("changed", sentence)
    return locked


def _organizations_of(user: User) -> set[int]:
    """Return where they are members, or have asked: who approves that waits for the account."""
    joined = Membership.objects.filter(user=user).order_by().values_list("organization")
    asked = AccessRequest.objects.filter(user=user).order_by().values_list("organization")
    return {organization_id for (organization_id,) in joined.union(asked)}


def _require_staff(user: User, by: User) -> None:
    if not by.has_perm(CHANGE_USER) or (user.is_superuser and not by.is_superuser):
        raise Refused("not_allowed", _("Only staff who may change people can do that."))


def _refuse_sole_owner(user: User) -> None:
    owned = owners.sole_owned(user) if user.is_active else []
    if owned:
        sentence = _(
            "%(organizations)s would be left without an owner: make somebody else one first."
        )
        raise Refused("last_owner", sentence % {"organizations": _listed(owned)})


def _listed(organizations: Iterable[Organization]) -> str:
    return get_text_list([organization.name for organization in organizations], _("and"))


def _owned(user: User) -> list[Membership]:
    """Return the memberships by which the person owns living organizations."""
    owned = Membership.objects.effective_owners().filter(user=user).alive()
    return list(owned.with_nodes().select_related("user"))


def _set_active(user: User, is_active: bool, verb: str, by: User) -> User:
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    changes = {"is_active": [not is_active, is_active]}
    audit.record(
        f"account.{verb}",
        by=by,
        node=None,
        target=user,
        target_label=audit.label_of(user),
        changes=changes,
    )
    return user
